import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { FILTER_LIST_MAX } from '../../src/base/limits.ts';
import { bindFilter, compileFilter, parseFilter } from '../../src/query/bind.ts';
import { DYNAMIC_SCHEMA, SCHEMA, matches } from './columns.ts';
import type { Value } from './columns.ts';

function refusal(text: string, parameters = {}, schema = SCHEMA): MilvusError {
  try {
    compileFilter(text, schema, parameters);
  } catch (error) {
    if (error instanceof MilvusError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe('what is refused, in the words of Milvus', () => {
  it.each([
    ['nosuch == 1', 'field nosuch not exist'],
    ['nosuch["a"] == 1', 'field nosuch not exist'],
    ['NULL == 1', "NULL literal is not supported in expressions; use '<field> is null'"],
    ['i in [1, null]', 'NULL literal is not supported'],
    ['b', 'predicate is not a boolean expression: b, data type: Bool'],
    ['1', 'predicate is not a boolean expression: 1, data type: Int64'],
    ['s == 1', 'comparisons between VarChar and Int64 are not supported'],
    ['1 < s', 'comparisons between Int64 and VarChar are not supported'],
    ['s != f', 'comparisons between VarChar and Float are not supported'],
    ['b == 1', 'comparisons between Bool and Int64 are not supported'],
    ['v == 1', 'comparisons between FloatVector and Int64 are not supported'],
    ['geo == "POINT (1 1)"', 'comparisons between Geometry and VarChar are not supported'],
    ['tz > "2025-01-01"', 'comparisons between Timestamptz and VarChar are not supported'],
    ['(i == 1) == 1', 'comparisons between Bool and Int64 are not supported'],
    ['(i == 1) == true', 'not supported to combine multiple fields'],
    ['(i == 1) == (i == 2)', 'only comparison between two fields is supported'],
    ['i + 1 == i2', 'only comparison between two fields is supported'],
    ['j["a"] == i', 'two column comparison with JSON type is not supported'],
    ['i == j', 'two column comparison with JSON type is not supported'],
    ['i == 2.1', 'cannot cast value to Int64, value: float_val:2.1'],
    ['i8 >= 2.0', 'cannot cast value to Int8, value: float_val:2'],
    ['i == [1]', 'cannot cast value to Int64, value: array_val'],
    ['ai == 1', 'cannot cast value to Array, value: int64_val:1'],
    ['ai == ai', 'can not comparisons array fields directly'],
    ['ai > 1', 'can not comparisons array fields directly'],
    ['1 < ai < 3', 'can not comparisons array fields directly'],
    ['ai + 1 == 2', 'can not comparisons array fields directly'],
    ['+ai == 1', 'can not comparisons array fields directly'],
    ['as like "a%"', 'can not comparisons array fields directly'],
    ['ai == ["a"]', 'comparisons between Array[Int64] and Array[VarChar] are not supported'],
    ['ai["0"] == 1', 'can only access array field with integer index'],
    ['ai[0][1] == 1', 'an element of array field ai has no elements itself'],
    ['i["a"] == 1', 'Int64 data type not supported accessed with []'],
    ['people[0][face] is null', 'ArrayOfVector data type not supported accessed with []'],
    ['people[nose] is null', 'struct field not found: people[nose]'],
    ['$[age] == 1', '$[age] syntax can only be used inside ElementFilter or MATCH_*'],
    ['text == "a"', 'filter on text field (text) is not supported yet'],
    ['text like "a%"', 'filter on text field (text) is not supported yet'],
    ['true + 1 == i', 'add cannot apply on bool field'],
    ['"a" - "b" == s', 'subtract cannot apply on string field'],
    ['i == 1.5 % 2', 'modulo can only apply on integer'],
    ['i == 2 / 0', 'cannot divide by zero'],
    ['i == 2 % 0', 'cannot modulo by zero'],
    ['i / 0 == 1', 'division or modulus by zero'],
    ['d / 0 == 1', 'division or modulus by zero'],
    ['j["a"] % 0 == 1', 'division or modulus by zero'],
    ['f % 2 == 1', 'modulo can only apply on integer types'],
    ['i + 1.5 == 2', "'add' cannot perform arithmetic between Int64 field and Double"],
    ['1.5 * i == 2', "'multiply' cannot perform arithmetic between Int64 field and Double"],
    ['s + "x" == "ax"', "'add' cannot perform arithmetic between VarChar field and VarChar"],
    ['i + i2 == 3', 'not supported to do arithmetic operations between multiple fields'],
    ['(i + 1) * 2 == 4', 'complicated arithmetic operations are not supported'],
    ['5 - i == 3', 'module field is not yet supported'],
    ['10 / i == 3', 'module field is not yet supported'],
    ['i + 1 == 2.5', 'cannot cast value to Int64, value: float_val:2.5'],
    ['j["a"] + 1 == "x"', 'comparisons between Int64 and VarChar are not supported'],
    ['i ** 2 == 4', 'power can only apply on constants: i ** 2'],
    ['i << 1 == 2', 'shift is not supported: i << 1'],
    ['-i == 3', 'unexpected op: -'],
    ['~1 == 3', 'unexpected op: ~'],
    ['-true == 1', "'-' can only apply on numbers"],
    ['not i', 'not op can only be applied on boolean expression'],
    ['not 1', 'not can only apply on boolean'],
    ['i == 1 and i', "'and' can only be used between boolean expressions"],
    ['1 or i == 1', "'or' can only be used between boolean expressions"],
    ['"a" == 1', 'comparison operations cannot be applied to two incompatible operands: "a" == 1'],
    ['true < false', 'comparison operations cannot be applied to two incompatible operands'],
    ['5 < i < 1', 'invalid range: lowerbound is greater than upperbound'],
    ['1 < i < 1', 'invalid range: lowerbound is greater than upperbound'],
    ['1 > d > 5', 'invalid range: lowerbound is greater than upperbound'],
    ['1.0 < i < 2.0', 'invalid range operations'],
    ['1 < s < 2', 'invalid range operations'],
    ['1 < j["a"] < "b"', 'invalid range operations'],
    ['true < b < false', 'invalid range operations on boolean expr'],
    ['i2 < i < 5', 'lowerbound cannot be a non-const expression: i2'],
    ['5 > i > i2', 'lowerbound cannot be a non-const expression: i2'],
    ['1 < i < i2', 'upperbound cannot be a non-const expression: i2'],
    ['1 in [1]', "'term' can only be used on non-const expression, but got: 1"],
    ['(i + 1) in [1]', "'term' can only be used on single field, but got: i + 1"],
    ['i in 1', "the right-hand side of 'in' must be a list"],
    ['i in i2', "value 'i2' in list cannot be a non-const expression"],
    ['i in [i2]', 'array element type must be generic value, but got: i2'],
    ['i in [1.5]', "value 'float_val:1.5' in list cannot be casted to Int64"],
    ['s in [1]', "value 'int64_val:1' in list cannot be casted to VarChar"],
    ['f in [1, true]', "value 'bool_val:true' in list cannot be casted to Float"],
    ['ai in [1]', "value 'int64_val:1' in list cannot be casted to Array"],
    ['tz in [1]', "value 'int64_val:1' in list cannot be casted to Timestamptz"],
    ['v in []', "'in' is not supported on FloatVector fields"],
    ['i like "1%"', 'like operation on non-string or no-json field is unsupported'],
    ['ai[0] like "1%"', 'like operation on non-string or no-json field is unsupported'],
    ['(i + 1) like "1%"', 'like operation on complicated expr is unsupported'],
    ['s like s2', 'like pattern should be a string literal or template variable, got: s2'],
    ['s like 1', 'like pattern should be a string literal or template variable, got: 1'],
    [String.raw`s like "a\\"`, 'Invalid LIKE pattern: trailing backslash with nothing to escape'],
    ['v is null', 'IsNull/IsNotNull operations are not supported on vector fields'],
    ['ai[0] is null', 'operations are not supported on array element access, got: ai[0]'],
    ['exists i', 'exists operations are only supportted on json field, got:Int64'],
    ['exists j', 'exists operations are only supportted on json key'],
    ['exists (i == 1)', 'exists operations are only supported on single fields now, got: i == 1'],
    ["tz > ISO 'soon'", "invalid timestamp string: 'soon'. Does not match any known format"],
    [
      "i > ISO '2025-01-01T00:00:00Z'",
      'comparisons between Int64 and Timestamptz are not supported',
    ],
    ['i == 9223372036854775808', 'int64 overflow: 9223372036854775808'],
    ['i == 9223372036854775807 + 1', 'int64 overflow: 9223372036854775807 + 1'],
    ['i in [9223372036854775808]', 'int64 overflow: 9223372036854775808'],
    ['i == --9223372036854775808', 'int64 overflow'],
    ['nothing(i)', 'function nothing not found'],
  ])('%s', (text, words) => {
    const error = refusal(text);
    expect(error.message).toContain(`cannot parse expression: ${text}: `);
    expect(error.message).toContain(words);
    expect(error.reason).toBe('ParameterInvalid');
  });

  it('marks the token and names what was probably meant', () => {
    const text = 'i > 1 and peeple[age] is null';
    expect(refusal(text).message.split('\n')).toEqual([
      `cannot parse expression: ${text}: struct field not found: peeple[age], did you mean people[age]?: invalid parameter`,
      `  ${text}`,
      '            ^^^^^^',
    ]);
    expect(refusal('id2 == 1').message).toContain('field id2 not exist, did you mean id?');
    expect(refusal('array_lenght(ai) == 1').message).toContain('did you mean array_length?');
  });

  it('is unimplemented, by name, where the grammar has a call or operator without a meaning yet', () => {
    for (const [text, name] of [
      ['text_match(s, "q", minimum_should_match=2)', 'text_match'],
      ['phrase_match(s, "a b", 1)', 'phrase_match'],
    ] as const) {
      const error = refusal(text);
      expect(error.reason).toBe('Unimplemented');
      expect(error.message).toContain(`${name} is not supported`);
    }
  });

  it('is a key of $meta when there is one', () => {
    expect(compileFilter('nosuch == 1', DYNAMIC_SCHEMA).predicate).toMatchObject({
      column: { access: 'json', fieldId: 130, path: ['nosuch'] },
    });
    expect(refusal('NULL["x"] == 1', {}, DYNAMIC_SCHEMA).message).toContain('NULL literal');
  });
});

describe('parseFilter and bindFilter', () => {
  it('do in two steps what compileFilter does in one', () => {
    const text = 'i in [1, 2] and not (s like "a%" or f < {x})';
    const bound = bindFilter(parseFilter(text), SCHEMA, { x: 1.5 });
    expect(bound).toEqual(compileFilter(text, SCHEMA, { x: 1.5 }));
    expect(structuredClone(bound)).toEqual(bound);
  });

  it('both say which expression they refuse', () => {
    expect(() => parseFilter('i ==')).toThrow(
      'cannot parse expression: i ==: line 1:4 mismatched input',
    );
    expect(() => bindFilter(parseFilter('i == nosuch'), SCHEMA)).toThrow(
      'cannot parse expression: i == nosuch: field nosuch not exist',
    );
  });
});

describe('boolean constants', () => {
  it.each([
    ['true', true],
    ['FALSE', false],
    ['', true],
    ['1 == 1', true],
    ['2 < 1', false],
    ['"a" != "b"', true],
    ['not true', false],
    ['true or i > 50', true],
    ['i > 50 and false', false],
    ['true and false', false],
    ['false or false', false],
    ['2 ** 10 == 1024 and 7 % -4 == 3', true],
    ['2 ** -1 == 0.5', true],
    ['9007199254740993 == 9007199254740992.0', false],
  ])('fold: %s', (text, value) => {
    expect(compileFilter(text, SCHEMA).predicate).toEqual({ kind: 'constant', value });
  });

  it('leave the rest of a chain as it is', () => {
    const rest = compileFilter('i > 50', SCHEMA);
    expect(compileFilter('false or i > 50', SCHEMA)).toEqual(rest);
    expect(compileFilter('i > 50 and true', SCHEMA)).toEqual(rest);
  });
});

describe('parameters', () => {
  it('stand for values of every type', () => {
    const rows = { i: [1n, 2n], d: [0.5, 1], s: ['a', 'b'], b: [true, false] };
    expect(matches('i == {x}', rows, { x: 2 })).toEqual([1]);
    expect(matches('i == {x}', rows, { x: 2n })).toEqual([1]);
    expect(matches('{x} <= d', rows, { x: 1 })).toEqual([1]);
    expect(matches('s == {x}', rows, { x: 'a' })).toEqual([0]);
    expect(matches('b != {x}', rows, { x: true })).toEqual([1]);
    expect(matches('i in {x}', rows, { x: [2, 3] })).toEqual([1]);
    expect(matches('i not in {x}', rows, { x: BigInt64Array.of(2n) })).toEqual([0]);
    expect(matches('d in {x}', rows, { x: Float64Array.of(1) })).toEqual([1]);
    expect(matches('s in {x}', rows, { x: ['b'] })).toEqual([1]);
    expect(matches('s like {x}', rows, { x: 'a%' })).toEqual([0]);
    expect(matches('{low} < i <= {high}', rows, { low: 1, high: 5 })).toEqual([1]);
    expect(matches('i + {x} == {y}', rows, { x: 1, y: 3 })).toEqual([1]);
    expect(matches('i in [1, {x}]', rows, { x: 7 })).toEqual([0]);
    expect(matches('j["a"] + {x} > {y}', { j: [{ a: 1 }] }, { x: 1, y: 1.5 })).toEqual([0]);
    expect(matches('j["a"] == {x}', { j: [{ a: [1, 'b'] }] }, { x: [1, 'b'] })).toEqual([0]);
  });

  it.each([
    ['i == {x}', {}, 'the value of expression template variable name {x} is not found'],
    ['i in {x}', {}, 'the value of expression template variable name {x} is not found'],
    ['{x} < i < 5', {}, 'the lower value of expression template variable name {x} is not found'],
    ['1 < i < {x}', {}, 'the upper value of expression template variable name {x} is not found'],
    ['i == {x}', { x: 'a' }, 'cannot cast value to Int64, value: string_val:"a"'],
    ['i + {x} == 2', { x: 0.5 }, 'cannot cast value to Int64, value: float_val:0.5'],
    ['i / {x} == 2', { x: 0 }, 'division or modulus by zero'],
    ['i in {x}', { x: 1 }, 'the value of term expression template variable {x} is not array'],
    ['i in {x}', { x: ['a'] }, `value 'string_val:"a"' in list cannot be casted to Int64`],
    ['s like {x}', { x: 1 }, 'the value of like expression template variable {x} is not string'],
    ['{x} < i < {y}', { x: 5, y: 1 }, 'invalid range: lowerbound is greater than upperbound'],
    ['{x} == 1', { x: 1 }, 'placeholder was not supported between two constants with operator: =='],
    [
      'i == {x} + 1',
      { x: 1 },
      'placeholder was not supported between two constants with operator: +',
    ],
    ['tz > {x}', { x: 'soon' }, "invalid timestamp string: 'soon'"],
  ])('%s with %o', (text, parameters, words) => {
    expect(refusal(text, parameters).message).toContain(words);
  });
});

describe('lists', () => {
  it('may hold as many values as the limit says', () => {
    const x = Array.from({ length: FILTER_LIST_MAX + 1 }, (_, i) => i);
    expect(refusal('i in {x}', { x }).message).toContain(`at most ${FILTER_LIST_MAX} are allowed`);
    expect(matches('i in {x}', { i: [-1n, 5n] }, { x: x.slice(1) })).toEqual([1]);
  });
});

describe('verdicts of Milvus 2.3.5', () => {
  const path = new URL('../fixtures/filter-verdicts.json', import.meta.url);
  const { rows, verdicts } = JSON.parse(readFileSync(path, 'utf8'), exactIntegers) as {
    rows: Record<string, Value>[];
    verdicts: [string, number[] | null][];
  };
  const columns: Record<string, Value[]> = {};
  for (const name of Object.keys(rows[0]!)) columns[name] = rows.map((row) => row[name]!);
  const answer = (text: string): number[] | null => {
    try {
      return matches(text, columns, {}, SCHEMA);
    } catch (error) {
      if (error instanceof MilvusError) return null;
      throw error;
    }
  };

  it.each(verdicts.filter(([text]) => CHANGED[text] === undefined))('%s', (text, ids) => {
    expect(answer(text)).toEqual(ids);
  });

  it.each(Object.entries(CHANGED))('%s is answered differently: %s', (text) => {
    const verdict = verdicts.find(([each]) => each === text);
    expect(answer(text)).not.toEqual(verdict?.[1]);
  });
});

const NEW = 'newer servers answer it';
const REFUSED = 'newer servers refuse it';
const WILDCARDS = '2.3.5 knows a % at the end and nothing else';
const EXACT = '2.3.5 calculates in doubles';
const SQL = 'no server reads it, ours as SQL does';

/** Where 2.3.5 answers otherwise, and why. */
const CHANGED: Readonly<Record<string, string>> = {
  '5 < i8 < -5': REFUSED,
  '0 < i8 < 0': REFUSED,
  'i8 + 1.5 == 3': REFUSED,
  's like "%b"': WILDCARDS,
  's like "%b%"': WILDCARDS,
  's like "a_b"': WILDCARDS,
  's like "a\\\\_b"': WILDCARDS,
  's like "_b%"': WILDCARDS,
  's like ""': WILDCARDS,
  'i % 1000 == 993': EXACT,
  'i8 - 1 > 3': NEW,
  'i8 * 2 < 4': NEW,
  'i8 * -2 < 4': NEW,
  'i8 / 3 >= -1': NEW,
  'f - 0.5 > 0': NEW,
  'd + 1 > 2': NEW,
  'i8 == 2 ** 2': NEW,
  'i8 > 0 AND s == "a"': NEW,
  'j["a"] in [2.5, 7]': NEW,
  'j["a"] * 2 > 4': NEW,
  '1 == 1': NEW,
  '1 < 2': NEW,
  '"a" < "b"': NEW,
  true: NEW,
  false: NEW,
  'i == -9223372036854775808': NEW,
  'not i8 > 0': SQL,
};

function exactIntegers(
  this: unknown,
  _key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  const source = context?.source ?? '';
  return /^-?\d{16,}$/.test(source) ? BigInt(source) : value;
}
