import { createRequire } from 'node:module';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { byteListOf } from '../../src/wire/byte-lists.ts';
import * as milvus from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import {
  type AnyMessageType,
  type Init,
  MessageType,
  type MessageValue,
} from '../../src/wire/message-type.ts';
import { essence, randomMessage } from './random-message.ts';

const descriptors = createRequire(import.meta.url)(
  '@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.base.js',
) as { readonly default: protobuf.INamespace };
const root = protobuf.Root.fromJSON(descriptors.default);

const types = Object.values<unknown>(milvus).filter(
  (one): one is AnyMessageType => one instanceof MessageType,
);

/** The same type as another implementation of the format has it. */
function otherType({ name }: AnyMessageType): protobuf.Type | null {
  for (const scope of ['milvus', 'schema', 'common', 'msg', 'rg', 'feder']) {
    const found = root.lookup(`milvus.proto.${scope}.${name}`, [protobuf.Type]);
    if (found instanceof protobuf.Type) return found;
  }
  return null;
}

describe('messages', () => {
  it('are there for every call of the service', () => {
    expect(Object.keys(milvus.METHODS).length).toBeGreaterThanOrEqual(143);
    expect(types.length).toBeGreaterThan(300);
  });

  it('are what was written, of every type', () => {
    for (const type of types) {
      fc.assert(
        fc.property(randomMessage(type), (value) => {
          const decoded = decodeMessage(type, encodeMessage(type, value)) as MessageValue;
          expect(essence(type, decoded)).toEqual(essence(type, value));
        }),
        { numRuns: 5 },
      );
    }
  });

  it('are understood by another implementation of the format, and the other way round', () => {
    let compared = 0;
    for (const type of types) {
      const other = otherType(type);
      // The other implementation loses keys of 64 bits of a map.
      if (
        other === null ||
        type.fields.some(({ rule, keyKind }) => rule === 'map' && keyKind === 'int64')
      )
        continue;
      compared += 1;
      fc.assert(
        fc.property(randomMessage(type), (value) => {
          const bytes = encodeMessage(type, value);
          const again = other.encode(other.decode(bytes)).finish();
          const decoded = decodeMessage(type, again) as MessageValue;
          expect(essence(type, decoded)).toEqual(essence(type, value));
        }),
        { numRuns: 3 },
      );
    }
    expect(compared).toBeGreaterThan(290);
  });

  it('end in a value or in MalformedBytes, whatever the bytes are', () => {
    const suspects: AnyMessageType[] = [
      milvus.InsertRequest,
      milvus.SearchRequest,
      milvus.QueryResults,
      milvus.CreateCollectionRequest,
    ];
    for (const type of suspects) {
      fc.assert(
        fc.property(
          randomMessage(type),
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
          fc.nat(),
          (value, damages, cut) => {
            const bytes = Uint8Array.from(encodeMessage(type, value));
            for (const [at, byte] of damages) if (bytes.length > 0) bytes[at % bytes.length] = byte;
            const part = bytes.subarray(0, bytes.length - (cut % 5 === 0 ? cut % 40 : 0));
            try {
              decodeMessage(type, part);
            } catch (failure) {
              expect(failure).toBeInstanceOf(MalformedBytes);
            }
          },
        ),
        { numRuns: 300 },
      );
    }
  });

  it('read numbers packed, one by one, and in several runs', () => {
    const packed = [10, 3, 1, 2, 3];
    const single = [8, 4, 8, 5];
    const { data } = decodeMessage(
      milvus.LongArray,
      Uint8Array.from([...packed, ...single, ...packed]),
    );
    expect(data).toEqual(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 1n, 2n, 3n));
  });

  it('keep integers of 64 bits whole', () => {
    for (const value of [0n, 1n, 127n, 128n, 2n ** 53n + 1n, 2n ** 63n - 1n, -1n, -(2n ** 63n)]) {
      const bytes = encodeMessage(milvus.LongArray, { data: BigInt64Array.of(value) });
      expect(decodeMessage(milvus.LongArray, bytes).data[0]).toBe(value);
      const base = encodeMessage(milvus.MsgBase, { msgID: value });
      expect(decodeMessage(milvus.MsgBase, base).msgID).toBe(value);
    }
  });

  it('tell a value of a oneof that is a default from none', () => {
    const none = decodeMessage(milvus.ValueField, encodeMessage(milvus.ValueField, {}));
    expect(none.longData).toBeUndefined();
    const zero = decodeMessage(
      milvus.ValueField,
      encodeMessage(milvus.ValueField, { longData: 0n }),
    );
    expect(zero.longData).toBe(0n);
  });

  it('refuse text that is not UTF-8, in a field and in a column', () => {
    expect(() => decodeMessage(milvus.KeyValuePair, Uint8Array.of(10, 1, 0xff))).toThrow(
      'not UTF-8',
    );
    const halves = encodeMessage(milvus.StringArray, { data: byteListOf(['é']) });
    expect(() =>
      decodeMessage(milvus.StringArray, Uint8Array.of(10, 1, 0xc3, 10, 1, 0xa9)),
    ).toThrow('not UTF-8');
    expect(decodeMessage(milvus.StringArray, halves).data.bytes).toHaveLength(2);
  });

  it('refuse messages that nest without end', () => {
    let value: Init<milvus.FieldData> = {};
    for (let depth = 0; depth < 20; depth++) value = { structArrays: { fields: [value] } };
    expect(
      encodeMessage(
        milvus.FieldData,
        decodeMessage(milvus.FieldData, encodeMessage(milvus.FieldData, value)),
      ),
    ).toEqual(encodeMessage(milvus.FieldData, value));
    for (let depth = 0; depth < 20; depth++) value = { structArrays: { fields: [value] } };
    const bytes = encodeMessage(milvus.FieldData, value);
    expect(() => decodeMessage(milvus.FieldData, bytes)).toThrow('nest deeper');
  });

  it('skip what they do not know, and refuse another wire type than the one they know', () => {
    const unknown = Uint8Array.from([
      ...encodeMessage(milvus.KeyValuePair, { key: 'a' }),
      0xf8,
      7,
      1,
    ]);
    expect(decodeMessage(milvus.KeyValuePair, unknown).key).toBe('a');
    expect(() => decodeMessage(milvus.KeyValuePair, Uint8Array.of(8, 1))).toThrow('wire type');
  });
});
