import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildParameters,
  type ParameterRules,
  searchParameters,
} from '../../src/index/parameters.ts';

const RULES: ParameterRules = {
  M: { kind: 'integer', range: [2, 2048], default: 30 },
  ef: { kind: 'integer', range: [1, 2_147_483_647], default: null },
  refine_k: { kind: 'number', range: [1, 3.402_823_466_385_288_6e38], default: 1 },
  refine: { kind: 'boolean', default: false },
  sq_type: {
    kind: 'choice',
    options: ['SQ6', 'SQ8'],
    default: 'SQ8',
    refusal: (text) => `invalid sq_type : ${text}`,
  },
  max_degree: { kind: 'lenient', rule: { kind: 'integer', range: [1, 512], default: 56 } },
};
const DEFAULTS = { M: 30, refine_k: 1, refine: false, sq_type: 'SQ8', max_degree: 56 };

const built = (given: Record<string, string>) => buildParameters(RULES, given);
const searched = (given: Record<string, unknown>) => searchParameters(RULES, given);

describe('build parameters', () => {
  it('have defaults when they are left out or None, and none where the rule has none', () => {
    expect(built({})).toEqual(DEFAULTS);
    const none = Object.fromEntries(Object.keys(RULES).map((name) => [name, 'None']));
    expect(built(none)).toEqual(DEFAULTS);
  });

  it('are read from text, and ignored when no rule names them', () => {
    const given = { M: '16', refine_k: '2.5', refine: 'True', sq_type: 'sq6', max_degree: '64' };
    const values = { M: 16, refine_k: 2.5, refine: true, sq_type: 'SQ6', max_degree: 64 };
    expect(built({ ...given, unknown: 'nothing' })).toEqual(values);
  });

  it.each([
    [{ M: '1' }, "Out of range in json: param 'M' (1) should be in range [2, 2048]"],
    [{ M: '2049' }, "Out of range in json: param 'M' (2049) should be in range [2, 2048]"],
    [{ M: '-1' }, "Out of range in json: param 'M' (-1) should be in range [2, 2048]"],
    [{ M: '16.0' }, "wrong data type in json, key: 'M', value: '16.0'"],
    [{ M: '16x' }, "wrong data type in json, key: 'M', value: '16x'"],
    [{ M: 'True' }, "invalid integer value, key: 'M', value: 'True'"],
    [{ M: '[16]' }, "invalid integer value, key: 'M', value: '[16]'"],
    [{ M: '' }, "invalid integer value, key: 'M', value: ''"],
    [{ M: '2147483648' }, "integer value out of range, key: 'M', value: '2147483648'"],
    [{ M: '9'.repeat(30) }, `integer value out of range, key: 'M', value: '${'9'.repeat(30)}'`],
    [{ refine_k: '' }, "invalid float value, key: 'refine_k', value: ''"],
    [{ refine_k: 'x' }, "invalid float value, key: 'refine_k', value: 'x'"],
    [{ refine_k: '1e39' }, "float value out of range, key: 'refine_k', value: '1e39'"],
    [{ refine: '1' }, `Type conflict in json: param 'refine' ("1") should be a boolean`],
    [{ refine: 'test' }, `Type conflict in json: param 'refine' ("test") should be a boolean`],
    [{ sq_type: 'FP32' }, 'invalid sq_type : FP32'],
  ])('%o are refused: %s', (given, words) => {
    expect(() => built(given as Record<string, string>)).toThrow(
      expect.objectContaining({ message: `${words}: invalid parameter`, code: 1100 }),
    );
  });

  it.each(['0', '513', '32.5', 'x', 'True', '', '-1'])(
    'have their default for %o where Milvus takes anything',
    (text) => {
      expect(built({ max_degree: text })).toEqual(DEFAULTS);
    },
  );

  it('are every integer of their range, and no other', () => {
    const property = fc.property(fc.integer({ min: -5000, max: 5000 }), (value) => {
      const isFit = value >= 2 && value <= 2048;
      if (isFit) expect(built({ M: String(value) })['M']).toBe(value);
      else expect(() => built({ M: String(value) })).toThrow(`param 'M' (${value}) should be in`);
    });
    fc.assert(property);
  });
});

describe('search parameters', () => {
  it('are JSON values or text', () => {
    expect(searched({ ef: 32, refine_k: 2.5, refine: true })).toMatchObject({
      ef: 32,
      refine_k: 2.5,
      refine: true,
    });
    expect(searched({ ef: '32', refine_k: '2.5', refine: 'FALSE' })).toMatchObject({
      ef: 32,
      refine_k: 2.5,
      refine: false,
    });
    expect(searched({ ef: 32n })).toMatchObject({ ef: 32 });
  });

  it.each([
    [{ ef: true }, "Type conflict in json: param 'ef' (true) should be integer"],
    [{ ef: null }, "Type conflict in json: param 'ef' (null) should be integer"],
    [{ ef: 32.5 }, "Type conflict in json: param 'ef' (32.5) should be integer"],
    [{ ef: [32] }, "Type conflict in json: param 'ef' ([32]) should be integer"],
    [{ ef: Number.NaN }, "Type conflict in json: param 'ef' (NaN) should be integer"],
    [{ ef: -1 }, "Out of range in json: param 'ef' (-1) should be in range [1, 2147483647]"],
    [{ ef: 0 }, "Out of range in json: param 'ef' (0) should be in range [1, 2147483647]"],
    [
      { ef: 2_147_483_648 },
      "Arithmetic overflow: param 'ef' (2147483648) should not bigger than 2147483647",
    ],
    [{ ef: '32.0' }, "wrong data type in json, key: 'ef', value: '32.0'"],
    [
      { refine_k: 0.5 },
      "Out of range in json: param 'refine_k' (0.5) should be in range " +
        '[1.000000, 340282346638528859811704183484516925440.000000]',
    ],
    [{ refine_k: true }, "Type conflict in json: param 'refine_k' (true) should be a number"],
    [{ refine_k: null }, "Type conflict in json: param 'refine_k' (null) should be a number"],
    [{ refine_k: [15] }, "Type conflict in json: param 'refine_k' ([15]) should be a number"],
    [
      { refine_k: 1e39 },
      "Arithmetic overflow: param 'refine_k' (1e+39) should not bigger than " +
        '340282346638528859811704183484516925440.000000',
    ],
    [{ refine: 1 }, "Type conflict in json: param 'refine' (1) should be a boolean"],
  ])('%o are refused: %s', (given, words) => {
    expect(() => searched(given)).toThrow(
      expect.objectContaining({ message: `${words}: invalid parameter`, code: 1100 }),
    );
  });
});
