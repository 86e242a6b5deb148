import { describe, expect, it } from 'vitest';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  float16BitsToFloat32,
  float32ToBFloat16,
  float32ToFloat16,
} from '../../src/schema/vectors.ts';
import {
  checkQueryBounds,
  checkQueryCount,
  checkRoundDecimal,
  checkSearchBounds,
  queriesToColumn,
  resolveMetric,
  resolveSearchField,
  roundScores,
  type SearchField,
} from '../../src/search/plan-builder.ts';
import { schemaOf, type WorldOptions } from './world.ts';

function fieldOf(options: WorldOptions = {}): SearchField {
  return resolveSearchField(schemaOf(options), 'vector');
}

function withVectors(...types: DataType[]): CollectionSchema {
  const schema = schemaOf();
  const [key, vector] = schema.fields;
  const vectors = types.map((type, i) => ({ ...vector!, id: 200 + i, name: `v${i}`, type }));
  return { ...schema, fields: [key!, ...vectors] };
}

describe('the field of a search', () => {
  it('may be left out when there is one vector field', () => {
    expect(resolveSearchField(schemaOf(), undefined).name).toBe('vector');
    expect(resolveSearchField(schemaOf(), '').name).toBe('vector');
  });

  it('must be named when there are several', () => {
    const schema = withVectors(DataType.FloatVector, DataType.Int8Vector);
    expect(() => resolveSearchField(schema, '')).toThrow(
      'multiple anns_fields exist, please specify a anns_field in search_params: invalid parameter[anns_field=v0 v1]',
    );
    expect(resolveSearchField(schema, 'v1').type).toBe(DataType.Int8Vector);
  });

  it('must be there and hold vectors', () => {
    expect(() => resolveSearchField(schemaOf(), 'nothing')).toThrow(
      'failed to create query plan: failed to get field schema by name: fieldName(nothing) not found',
    );
    expect(() => resolveSearchField(schemaOf(), 'size')).toThrow(
      'failed to create query plan: field (size) to search is not of vector data type',
    );
  });

  it('must be dense', () => {
    const schema = withVectors(DataType.SparseFloatVector);
    expect(() => resolveSearchField(schema, 'v0')).toThrow(
      'search of field v0 of type SparseFloatVector: service unimplemented',
    );
  });

  it('decides the metric', () => {
    expect(resolveMetric(fieldOf(), 'COSINE', undefined)).toBe('COSINE');
    expect(() => resolveMetric(fieldOf(), 'COSINE', 'IP')).toThrow(
      'metric type not match: invalid parameter[expected=COSINE][actual=IP]',
    );
  });
});

describe('bounds of a search', () => {
  it('are 1 to 16384 for the limit, and for offset and limit together', () => {
    expect(checkSearchBounds({ limit: 16_384, offset: 0 })).toBe(16_384);
    expect(checkSearchBounds({ limit: 10, offset: 5 })).toBe(15);
    for (const limit of [0, -1, 16_385, 1.5, Number.NaN]) {
      expect(() => checkSearchBounds({ limit, offset: 0 })).toThrow(
        `topk [${limit}] is invalid, it should be in range [1, 16384], but got ${limit}`,
      );
    }
    expect(() => checkSearchBounds({ limit: 1, offset: -1 })).toThrow(
      'offset [-1] is invalid, it should be in range [1, 16384], but got -1',
    );
    expect(() => checkSearchBounds({ limit: 16_384, offset: 1 })).toThrow(
      'offset+topk [16385] is invalid, it should be in range [1, 16384], but got 16385',
    );
  });

  it('are 1 to 16384 for the number of vectors', () => {
    expect(() => checkQueryCount(16_384)).not.toThrow();
    for (const count of [0, 16_385]) {
      expect(() => checkQueryCount(count)).toThrow(
        `nq (number of search vector per search request) should be in range [1, 16384], but got ${count}`,
      );
    }
  });

  it('are -1 or 0 to 6 for the decimals', () => {
    for (const decimals of [-1, 0, 6]) expect(() => checkRoundDecimal(decimals)).not.toThrow();
    for (const decimals of [-2, 7, 0.5, Number.NaN]) {
      expect(() => checkRoundDecimal(decimals)).toThrow(
        `round_decimal [${decimals}] is invalid, should be -1 or an integer in range [0, 6]`,
      );
    }
  });
});

describe('bounds of a query', () => {
  const filtered = { isUnfiltered: false, countOnly: false };

  it('give the rows that are wanted', () => {
    expect(checkQueryBounds({ ...filtered, limit: 10, offset: 5 })).toBe(15);
    expect(checkQueryBounds({ ...filtered })).toBe(null);
    expect(checkQueryBounds({ ...filtered, offset: 5 })).toBe(null);
    expect(checkQueryBounds({ isUnfiltered: true, countOnly: true })).toBe(null);
    expect(checkQueryBounds({ isUnfiltered: true, countOnly: false, limit: 16_384 })).toBe(16_384);
  });

  it.each([
    [{ limit: 16_385 }, '(offset+limit) should be in range [1, 16384], but got 16385'],
    [{ limit: 1, offset: 16_384 }, '(offset+limit) should be in range [1, 16384], but got 16385'],
    [{ limit: 2, offset: -1 }, 'offset [-1] is invalid, should be gte than 0'],
    [{ limit: 0 }, 'limit [0] is invalid, should be greater than 0'],
    [{ limit: 1.5 }, 'limit [1.5] is invalid'],
    [{ limit: 1, offset: 0.5 }, 'offset [0.5] is invalid'],
  ])('refuse %o', (bounds, reason) => {
    expect(() => checkQueryBounds({ ...filtered, ...bounds })).toThrow(
      `invalid max query result window, ${reason}`,
    );
  });

  it('need a limit without a filter', () => {
    const bounds = { isUnfiltered: true, countOnly: false };
    expect(() => checkQueryBounds(bounds)).toThrow('empty expression should be used with limit');
    expect(() => checkQueryBounds({ ...bounds, offset: 1 })).toThrow(
      'empty expression should be used with limit',
    );
  });

  it('have no place in a count', () => {
    expect(() => checkQueryBounds({ isUnfiltered: false, countOnly: true, limit: 10 })).toThrow(
      'count entities with pagination is not allowed',
    );
  });
});

describe('rounding scores', () => {
  it('rounds halves away from zero and leaves all decimals at -1', () => {
    const scores = Float32Array.of(1.25, -1.25, 0.04, -0.04, 3);
    expect(roundScores(scores, -1)).toBe(scores);
    expect(roundScores(scores, 1)).toEqual(
      Float32Array.of(Math.fround(1.3), Math.fround(-1.3), 0, 0, 3),
    );
    expect(Object.is(roundScores(scores, 1)[3], 0)).toBe(true);
    expect(roundScores(scores, 0)).toEqual(Float32Array.of(1, -1, 0, 0, 3));
  });
});

describe('query vectors', () => {
  const numbers = [0.5, -1, 2, 0];

  it('are taken as one vector or many, as numbers or bytes', () => {
    const one = Float32Array.from(numbers);
    const bytes = Buffer.from(one.buffer);
    for (const data of [
      numbers,
      one,
      Float64Array.from(numbers),
      bytes,
      [numbers],
      [one],
      [bytes],
    ]) {
      expect(queriesToColumn(fieldOf(), data).values).toEqual(one);
    }
    const many = queriesToColumn(fieldOf(), [numbers, one, bytes]);
    expect(many.values).toEqual(Float32Array.from([...numbers, ...numbers, ...numbers]));
  });

  it('are float32 for half-width fields too, as numbers or bytes', () => {
    const wide = Float32Array.from(numbers);
    const unaligned = new Uint8Array(17).subarray(1);
    unaligned.set(new Uint8Array(wide.buffer));
    for (const data of [
      numbers,
      wide,
      unaligned,
      Buffer.from(unaligned),
      float32ToFloat16(numbers),
    ]) {
      const column = queriesToColumn(fieldOf({ vectorType: DataType.Float16Vector }), data);
      expect(Array.from(column.values, float16BitsToFloat32)).toEqual(numbers);
    }
    const brain = queriesToColumn(fieldOf({ vectorType: DataType.BFloat16Vector }), [unaligned]);
    expect(brain.values).toEqual(float32ToBFloat16(numbers));
  });

  it('are bytes for binary fields and whole numbers for int8 fields', () => {
    const binary = fieldOf({ vectorType: DataType.BinaryVector, dim: 16 });
    expect(queriesToColumn(binary, Uint8Array.of(1, 255)).values).toEqual(Uint8Array.of(1, 255));
    expect(queriesToColumn(binary, [[1, 255]]).values).toEqual(Uint8Array.of(1, 255));
    const int8 = fieldOf({ vectorType: DataType.Int8Vector });
    expect(queriesToColumn(int8, [1, -128, 127, 0]).values).toEqual(Int8Array.of(1, -128, 127, 0));
    expect(queriesToColumn(int8, Int8Array.of(1, 2, 3, 4)).values).toEqual(
      Int8Array.of(1, 2, 3, 4),
    );
  });

  it('have the dimension of the field', () => {
    const mismatch = (expected: number, actual: number): string =>
      `vector dimension mismatch, expected vector size(byte) ${expected}, actual ${actual}.`;
    expect(() => queriesToColumn(fieldOf(), [1, 2, 3])).toThrow(mismatch(16, 12));
    expect(() => queriesToColumn(fieldOf(), [numbers, Float32Array.of(1)])).toThrow(
      mismatch(16, 4),
    );
    expect(() => queriesToColumn(fieldOf(), Buffer.alloc(18))).toThrow(mismatch(16, 18));
    expect(() => queriesToColumn(fieldOf(), [[]])).toThrow(mismatch(16, 0));
    const half = fieldOf({ vectorType: DataType.Float16Vector });
    expect(() => queriesToColumn(half, [1, 2, 3])).toThrow(mismatch(8, 6));
    const binary = fieldOf({ vectorType: DataType.BinaryVector, dim: 16 });
    expect(() => queriesToColumn(binary, Uint8Array.of(1))).toThrow(mismatch(2, 1));
  });

  it('are finite numbers', () => {
    for (const gap of [null, undefined]) {
      expect(() => queriesToColumn(fieldOf(), [gap, 2, 3, 4])).toThrow(
        `but got a {${gap}} instead`,
      );
    }
    expect(() => queriesToColumn(fieldOf(), [1, 2, Number.NaN, 4])).toThrow(
      'is not a number or infinity',
    );
    expect(() => queriesToColumn(fieldOf(), [numbers, ['a', 2, 3, 4]])).toThrow(
      'field should be a',
    );
    expect(() => queriesToColumn(fieldOf(), [{ x: 1 }])).toThrow('field should be a');
  });

  it('are vectors, at least one', () => {
    expect(() => queriesToColumn(fieldOf(), [])).toThrow('but got 0');
    expect(() => queriesToColumn(fieldOf(), 'text')).toThrow(
      'search data is a vector or a list of vectors: invalid parameter[field=vector][actual=string]',
    );
    expect(() => queriesToColumn(fieldOf(), null)).toThrow('[actual=null]');
  });
});
