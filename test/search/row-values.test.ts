import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import {
  compareValues,
  fieldReference,
  type ValueReference,
  valueReader,
} from '../../src/search/row-values.ts';
import { columnOfValues } from '../../src/search/value-columns.ts';
import { textColumn } from './world.ts';

const JSON_FIELD = { fieldId: 1, type: DataType.JSON, isStrict: false };

function jsonValues(
  form: ValueReference['form'],
  path: readonly string[],
  texts: (string | null)[],
) {
  const read = valueReader({ ...JSON_FIELD, path, form }, textColumn(texts));
  return texts.map((_, row) => read(row));
}

describe('values of rows', () => {
  it('are those of the field, null where there is none', () => {
    const cases = [
      [DataType.Bool, [true, false, null]],
      [DataType.Int8, [-5, null, 7]],
      [DataType.Int64, [2n ** 60n, null, -1n]],
      [DataType.Double, [0.5, -0.25, null]],
      [DataType.VarChar, ['é', null, '']],
      [DataType.Timestamptz, [null, 5n]],
    ] as const;
    for (const [type, values] of cases) {
      const read = valueReader(fieldReference({ id: 1, type }), columnOfValues(type, values));
      expect(values.map((_, row) => read(row))).toEqual(values);
    }
  });

  it('of JSON are what stands at the path', () => {
    const texts = ['{"a":{"b":[1,"x"]}}', '{"a":null}', '{}', null];
    expect(jsonValues('text', ['a', 'b', '1'], texts)).toEqual(['x', null, null, null]);
    expect(jsonValues('text', ['a'], texts)).toEqual(['{"b":[1,"x"]}', null, null, null]);
  });

  it('of JSON are cast, and null where they are something else', () => {
    const texts = ['true', '127', '128', '1.0', '"7"', '9007199254740993', '[1]', '"\\u00e9"'];
    const nulls = texts.map(() => null);
    expect(jsonValues(DataType.Bool, [], texts)).toEqual([true, ...nulls.slice(1)]);
    expect(jsonValues(DataType.Int8, [], texts)).toEqual([null, 127, ...nulls.slice(2)]);
    expect(jsonValues(DataType.Int64, [], texts)).toEqual([
      ...[null, 127n, 128n, null, null],
      ...[9_007_199_254_740_993n, null, null],
    ]);
    const ofText = [null, null, null, null, '7', null, null, 'é'];
    expect(jsonValues(DataType.VarChar, [], texts)).toEqual(ofText);
    const strict = { ...JSON_FIELD, path: [], form: DataType.Bool, isStrict: true } as const;
    expect(() => valueReader(strict, textColumn(['1']))(0)).toThrow('failed to cast json value');
    expect(valueReader(strict, textColumn([null]))(0)).toBeNull();
  });

  it('of JSON are ordered by kind: texts, numbers, lists, booleans, objects', () => {
    const texts = [
      '"z"',
      '"é"',
      '-3',
      '2.5',
      '9007199254740993',
      '[0]',
      '[1]',
      'false',
      'true',
      '{}',
    ];
    const reference = { ...JSON_FIELD, path: [], form: 'order' } as const;
    const values = jsonValues('order', [], texts);
    for (let left = 0; left < values.length; left++) {
      for (let right = 0; right < values.length; right++) {
        const order = compareValues(values[left]!, values[right]!, reference);
        expect(Math.sign(order), `${texts[left]} ${texts[right]}`).toBe(Math.sign(left - right));
      }
    }
  });

  it('of text are ordered by their bytes, whatever they begin with', () => {
    const reference = fieldReference({ id: 1, type: DataType.VarChar });
    const texts = ['', '"', '1', '[', 'z', '{', '\uffff', '😀'];
    for (let i = 1; i < texts.length; i++) {
      expect(compareValues(texts[i - 1]!, texts[i]!, reference)).toBeLessThan(0);
    }
  });
});
