import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { checkQueryType, queryVectors } from '../../src/server/placeholders.ts';
import { PlaceholderGroup, PlaceholderType } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';

function group(type: number, ...values: Uint8Array[]): Uint8Array {
  return encodeMessage(PlaceholderGroup, { placeholders: [{ tag: '$0', type, values }] });
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('query vectors', () => {
  it('come as the type of their placeholder says', () => {
    const floats = Float32Array.of(1.5, -2);
    const asked = queryVectors(group(PlaceholderType.FloatVector, bytesOf(floats)));
    expect([asked.type, asked.vectors(2)]).toEqual([DataType.FloatVector, [floats]]);
    const small = Int8Array.of(1, -2);
    expect(queryVectors(group(PlaceholderType.Int8Vector, bytesOf(small))).vectors(2)).toEqual([
      small,
    ]);
    const [bits] = queryVectors(group(PlaceholderType.BinaryVector, Uint8Array.of(3))).vectors(8);
    expect(Array.from(bits as Uint8Array)).toEqual([3]);
    const pair = new DataView(new ArrayBuffer(8));
    pair.setUint32(0, 7, true);
    pair.setFloat32(4, 0.5, true);
    expect(
      queryVectors(group(PlaceholderType.SparseFloatVector, bytesOf(pair))).vectors(2),
    ).toEqual([{ indices: Uint32Array.of(7), values: Float32Array.of(0.5) }]);
  });

  it('are refused where their bytes cannot be vectors', () => {
    const type = PlaceholderType.FloatVector;
    expect(() => queryVectors(group(type, new Uint8Array(6)))).toThrow('4 bytes an element');
    const sparse = group(PlaceholderType.SparseFloatVector, new Uint8Array(6));
    expect(() => queryVectors(sparse)).toThrow('invalid data length');
    const none = encodeMessage(PlaceholderGroup, {});
    expect(() => queryVectors(none)).toThrow('a search has one placeholder');
  });

  it('of text are not known yet', () => {
    const text = group(PlaceholderType.VarChar, Uint8Array.of(65));
    expect(() => queryVectors(text)).toThrow('service unimplemented');
  });

  it('of lists stand one behind the other in one value', () => {
    const { EmbListFloatVector, EmbListBinaryVector, EmbListInt8Vector } = PlaceholderType;
    const floats = bytesOf(Float32Array.of(1, 2, 3, 4));
    const asked = queryVectors(group(EmbListFloatVector, floats, floats.subarray(0, 8)));
    expect(asked.type).toBe(DataType.FloatVector);
    expect(asked.vectors(2)).toEqual([
      [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      [Float32Array.of(1, 2)],
    ]);
    const small = queryVectors(group(EmbListInt8Vector, Uint8Array.of(1, 255, 3)));
    expect([small.type, small.vectors(3)]).toEqual([
      DataType.Int8Vector,
      [[Int8Array.of(1, -1, 3)]],
    ]);
    const bits = queryVectors(group(EmbListBinaryVector, Uint8Array.of(1, 2)));
    expect((bits.vectors(8)[0] as Uint8Array[]).map((one) => [...one])).toEqual([[1], [2]]);
    expect(queryVectors(group(EmbListInt8Vector, new Uint8Array(0))).vectors(3)).toEqual([[]]);
    expect(() => small.vectors(2)).toThrow('takes 2 bytes a vector, but got 3');
  });

  it('are of the type of their field, or floats for a half-width one', () => {
    const schema = buildSchema({
      name: 'c',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'half', type: 'Float16Vector', dim: 2 },
        { name: 'float', type: 'FloatVector', dim: 2 },
      ],
    });
    const check = (name: string, type: DataType): number => checkQueryType(schema, name, type);
    expect(() => check('half', DataType.Float16Vector)).not.toThrow();
    expect(() => check('half', DataType.FloatVector)).not.toThrow();
    expect(() => check('half', DataType.BFloat16Vector)).toThrow('vector type must be the same');
    expect(() => check('float', DataType.Float16Vector)).toThrow('vector type must be the same');
    expect(() => checkQueryType(schema, undefined, DataType.Int8Vector)).not.toThrow();
  });
});
