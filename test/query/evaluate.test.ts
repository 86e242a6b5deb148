import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import type { Rows, Value } from './columns.ts';
import { DYNAMIC_SCHEMA, matches, sourceOf } from './columns.ts';

describe('three-valued logic on JSON and arrays, as Milvus answers', () => {
  const j: Value[] = [
    null,
    {},
    { a: null },
    { a: 'bad' },
    { a: 2 },
    { a: 3 },
    { arr: [] },
    { arr: [1, 2] },
    { arr: 'bad' },
    { nested: { age: 30 } },
    { nested: {} },
    { s: 'abc' },
    { s: 'def' },
    { s: 123 },
    { s: null },
    { a: [2] },
    { nested: { age: 40 } },
    { nested: { age: 'bad' } },
    { nested: null },
  ];
  const ai: Value[] = j.map((_, i) =>
    i === 4 ? [2n] : i === 5 ? [3n] : [1, 6, 10, 14].includes(i) ? [] : null,
  );

  it.each<[string, number[]]>([
    ['j["a"] == 2', [4]],
    ['j["a"] > 2', [5]],
    ['j["a"] in [2,3]', [4, 5]],
    ['j["a"] != 2', [5]],
    ['j["a"] not in [2]', [5]],
    ['not (j["a"] > 2)', [4]],
    ['j["a"] + 1 != 3', [5]],
    ['not (j["a"] + 1 > 3)', [4]],
    ['j["a"] * 2 == 4', [4]],
    ['j["s"] == "abc"', [11]],
    ['j["s"] != "abc"', [12]],
    ['j["s"] not in ["abc"]', [12]],
    ['j["nested"]["age"] == 30', [9]],
    ['j["nested"]["age"] > 30', [16]],
    ['j["nested"]["age"] != 30', [16]],
    ['not (j["nested"]["age"] > 30)', [9]],
    ['ai[0] == 2', [4]],
    ['ai[0] > 2', [5]],
    ['ai[0] != 2', [5]],
    ['not (ai[0] > 2)', [4]],
    ['not (j["a"] > 100 and j["a"] < 50)', [4, 5]],
    ['not (ai[0] > 100 and ai[0] < 50)', [4, 5]],
    ['j["s"] like "a%"', [11]],
    ['not (j["s"] like "a%")', [12]],
    ['j["arr"] == [1, 2]', [7]],
    ['j["arr"] != [1, 2]', [6]],
    ['exists j["a"]', [3, 4, 5, 15]],
    ['j["nested"] is not null', [9, 16, 17]],
    ['j["s"] is null', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18]],
    ['j is null', [0]],
    ['ai is not null', [1, 4, 5, 6, 10, 14]],
    ['array_length(j["arr"]) == 0', [6]],
    ['array_length(j["arr"]) != 0', [7]],
    ['not (array_length(j["arr"]) > 0)', [6]],
    ['json_contains(j["arr"], 1)', [7]],
    ['json_contains_any(j["arr"], [1, 9])', [7]],
    ['json_contains_all(j["arr"], [1, 2])', [7]],
    ['not json_contains(j["arr"], 1)', [6]],
    ['json_contains(j["a"], 2)', [15]],
    ['array_length(ai) == 0', [1, 6, 10, 14]],
    ['array_contains(ai, 2)', [4]],
    ['not array_contains(ai, 2)', [1, 5, 6, 10, 14]],
    ['j["s"] =~ "^a.c$"', [11]],
    ['j["s"] !~ "^a.c$"', [12]],
    ['(j["a"] & 1) == 1', [5]],
    ['(j["a"] & 1) != 1', [4]],
    ['ai == [2]', [4]],
    ['ai != [2]', [1, 5, 6, 10, 14]],
    ['ai == []', []],
  ])('%s', (text, rows) => {
    if (text === 'ai == []') expect(() => matches(text, { j, ai })).toThrow('Array[None]');
    else expect(matches(text, { j, ai })).toEqual(rows);
  });
});

describe('null', () => {
  const rows: Rows = {
    i: [1n, null, 3n],
    s: ['a', null, 'c'],
    b: [true, null, false],
    d: [0.5, null, 2],
    text: ['t', null, ''],
    tz: [0n, null, 5n],
  };

  it('is neither equal nor unequal, in nor out', () => {
    expect(matches('i == 1', rows)).toEqual([0]);
    expect(matches('i != 1', rows)).toEqual([2]);
    expect(matches('i not in [1]', rows)).toEqual([2]);
    expect(matches('not (i > 1)', rows)).toEqual([0]);
    expect(matches('s != "a"', rows)).toEqual([2]);
    expect(matches('not (s like "a%")', rows)).toEqual([2]);
    expect(matches('b != true', rows)).toEqual([2]);
    expect(matches('i not in []', rows)).toEqual([0, 2]);
    expect(matches('i == d or i != d', rows)).toEqual([0, 2]);
  });

  it('decides nothing that another operand decides', () => {
    expect(matches('not (i == 1 and 1 == 2)', rows)).toEqual([0, 1, 2]);
    expect(matches('not (s == "zz" and i is null)', rows)).toEqual([0, 2]);
    expect(matches('not (i == 7 and d == 7)', rows)).toEqual([0, 2]);
    expect(matches('i == 1 or i is null', rows)).toEqual([0, 1]);
    expect(matches('not (i is not null and i == 1)', rows)).toEqual([1, 2]);
  });

  it('is found by is null, on text too', () => {
    for (const name of Object.keys(rows)) {
      expect(matches(`${name} is null`, rows)).toEqual([1]);
      expect(matches(`${name} is not null`, rows)).toEqual([0, 2]);
    }
  });

  it('is found on structs by the first sub-field, and on geometry', () => {
    const structs = { 'people[age]': [[1n], null, []] };
    expect(matches('people is null', structs)).toEqual([1]);
    expect(matches('people[age] is not null', structs)).toEqual([0, 2]);
    expect(matches('people[0][age] == 1', structs)).toEqual([0]);
    expect(matches('geo is null', { geo: [null, null] }, {}, geometrySchema)).toEqual([0, 1]);
  });
});

/** Geometry columns hold bytes, as text columns do. */
const geometrySchema = {
  ...DYNAMIC_SCHEMA,
  fields: DYNAMIC_SCHEMA.fields.map((each) =>
    each.name === 'geo' ? { ...each, type: 23 as const } : each,
  ),
};

describe('numbers', () => {
  it('compare by exact value across int64 and double', () => {
    const i = [9007199254740992n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n];
    expect(matches('i == 9007199254740993', { i })).toEqual([1]);
    expect(matches('i > 9007199254740992', { i })).toEqual([1, 2]);
    expect(matches('i >= 9223372036854775807', { i })).toEqual([2]);
    expect(matches('i <= -9223372036854775808', { i })).toEqual([3]);
    expect(matches('i < -9007199254740993', { i })).toEqual([3]);
    expect(matches('i in [9007199254740993, 1]', { i })).toEqual([1]);
    const d = [9007199254740992, 9007199254740992, 9223372036854775807, -9223372036854775808];
    expect(matches('i == d', { i, d })).toEqual([0, 3]);
    expect(matches('i < d', { i, d })).toEqual([2]);
    expect(matches('d == 9007199254740993', { d })).toEqual([]);
    expect(matches('d < 9007199254740993', { d })).toEqual([0, 1, 3]);
    expect(matches('d >= 9007199254740993', { d })).toEqual([2]);
    expect(matches('d in [9007199254740993, 9007199254740992]', { d })).toEqual([0, 1]);
  });

  it('in JSON stay exact beyond 2^53, and 2 equals 2.0 but not "2"', () => {
    const j = [2, { __raw: 1 }, '2', true, 9007199254740993n, 9007199254740992n];
    const rows = { j: j.map((a) => ({ a })) };
    expect(matches('j["a"] == 2', rows)).toEqual([0]);
    expect(matches('j["a"] == 2.0', rows)).toEqual([0]);
    expect(matches('j["a"] in [2.0, 3]', rows)).toEqual([0]);
    expect(matches('j["a"] == true', rows)).toEqual([3]);
    expect(matches('j["a"] == 9007199254740993', rows)).toEqual([4]);
    expect(matches('j["a"] > 9007199254740992.0', rows)).toEqual([4]);
    expect(matches('j["a"] in [9007199254740993]', rows)).toEqual([4]);
    expect(matches('j["a"] + 1 == 9007199254740994', rows)).toEqual([4]);
  });

  it('against Float are rounded to float32, as Milvus does', () => {
    const f = [0.1, 0.2, 0.3, 0.5, 1.5, -0.1];
    expect(matches('f == 0.1', { f })).toEqual([0]);
    expect(matches('f > 0.1', { f })).toEqual([1, 2, 3, 4]);
    expect(matches('f <= 0.1', { f })).toEqual([0, 5]);
    expect(matches('f in [0.1,0.2]', { f })).toEqual([0, 1]);
    expect(matches('0.1 < f <= 0.3', { f })).toEqual([1, 2]);
    expect(matches('f + 1 == 1.1', { f })).toEqual([0]);
    expect(matches('f * 2 == 0.2', { f })).toEqual([0]);
    expect(matches('f == d', { f, d: f })).toEqual([3, 4]);
  });

  it('divide towards zero, and a remainder has the sign of the value', () => {
    const i = [7n, -7n, 3n, 9007199254740993n, 0n, 5n];
    expect(matches('i / 2 == 3', { i })).toEqual([0]);
    expect(matches('i / 2 == -3', { i })).toEqual([1]);
    expect(matches('i % 2 == -1', { i })).toEqual([1]);
    expect(matches('i % 2 == 1', { i })).toEqual([0, 2, 3, 5]);
    expect(matches('i / 2 == 4503599627370496', { i })).toEqual([3]);
    const j = [7, 7.5, -7, 8].map((a) => ({ a }));
    expect(matches('j["a"] / 2 == 3', { j })).toEqual([0]);
    expect(matches('j["a"] / 2.0 == 3.5', { j })).toEqual([0]);
    expect(matches('j["a"] % 2 == 1', { j })).toEqual([0]);
  });

  it('never wrap around', () => {
    const i = [9223372036854775807n, -9223372036854775808n, 1n];
    expect(matches('i + 1 < 0', { i })).toEqual([1]);
    expect(matches('i * 2 > 0', { i })).toEqual([0, 2]);
    expect(matches('i - 1 > 0', { i })).toEqual([0]);
    expect(matches('i + 1 == -9223372036854775808 or i + 1 == 2', { i })).toEqual([2]);
  });

  it('in folded constants too', () => {
    expect(matches('i == 2 ** 3 + 1', { i: [8n, 9n] })).toEqual([1]);
    expect(matches('2 * 3 < i', { i: [6n, 7n] })).toEqual([1]);
  });
});

describe('text', () => {
  const s = ['', 'a', 'A', 'ab', 'b', '中', '\uffff', '😀'];

  it('is ordered by its UTF-8 bytes and told apart by case', () => {
    expect(matches('s == "a"', { s })).toEqual([1]);
    expect(matches('s < "a"', { s })).toEqual([0, 2]);
    expect(matches('"a" <= s < "b"', { s })).toEqual([1, 3]);
    expect(matches('s > "\uffff"', { s })).toEqual([7]);
    expect(matches('s in ["", "中", "zz"]', { s })).toEqual([0, 5]);
    expect(matches('s == s2', { s: ['a', 'b'], s2: ['a', 'c'] })).toEqual([0]);
    expect(matches('s < s2', { s: ['a', 'b'], s2: ['a', 'ba'] })).toEqual([1]);
  });
});

describe('other types', () => {
  it('compares times with ISO text on either side and as a range', () => {
    const tz = [0n, 1_000_000n, 86_400_000_000n];
    expect(matches("tz > ISO '1970-01-01T00:00:00Z'", { tz })).toEqual([1, 2]);
    expect(matches("ISO '1970-01-01T08:00:01+08:00' == tz", { tz })).toEqual([1]);
    expect(matches("ISO '1970-01-01T00:00:00Z' < tz < ISO '1970-01-02T00:00:00Z'", { tz })).toEqual(
      [1],
    );
    expect(matches('tz == {t}', { tz }, { t: '1970-01-02T00:00:00Z' })).toEqual([2]);
    expect(matches('tz == {t}', { tz }, { t: 1_000_000n })).toEqual([1]);
    expect(matches('tz < tz2', { tz, tz2: [1n, 1n, 1n] })).toEqual([0]);
    const filter = compileFilter(
      "tz == ISO '1970-01-01T08:00:00'",
      DYNAMIC_SCHEMA,
      {},
      'Asia/Shanghai',
    );
    expect([...evaluateFilter(filter, sourceOf({ tz })).toOffsets()]).toEqual([0]);
  });

  it('compares booleans, narrow integers and array elements', () => {
    expect(matches('b == true', { b: [true, false] })).toEqual([0]);
    expect(matches('b in [false]', { b: [true, false] })).toEqual([1]);
    expect(matches('b > false', { b: [true, false] })).toEqual([0]);
    expect(matches('i8 == -128', { i8: [-128, 127] })).toEqual([0]);
    expect(matches('i8 < 1000', { i8: [-128, 127] })).toEqual([0, 1]);
    expect(matches('i16 in [5, -300]', { i16: [-300, 300] })).toEqual([0]);
    expect(matches('i32 * -3 >= 9', { i32: [-3, -2, 3] })).toEqual([0]);
    expect(matches('i8 < i32', { i8: [1, 2], i32: [2, 2] })).toEqual([0]);
    expect(matches('as[1] like "b%"', { as: [['a', 'bc'], ['b'], null] })).toEqual([0]);
    expect(matches('as == ["a", "b"]', { as: [['a', 'b'], ['a'], ['a', 'c']] })).toEqual([0]);
    expect(matches('af[0] == 0.1', { af: [[0.1], [0.2], []] })).toEqual([0]);
    expect(matches('ai[0] == i', { ai: [[1n], [2n], []], i: [1n, 1n, 1n] })).toEqual([0]);
    expect(matches('ai in []', { ai: [[1n], null] })).toEqual([]);
    expect(matches('ai not in []', { ai: [[1n], null] })).toEqual([0]);
  });

  it('looks for names that are no fields in $meta', () => {
    const $meta = [{ color: 'red', n: { x: [1, 2] } }, { color: 'blue' }, null];
    expect(matches('color == "red"', { $meta })).toEqual([0]);
    expect(matches('$meta["color"] in ["blue"]', { $meta })).toEqual([1]);
    expect(matches('n["x"][1] == 2', { $meta })).toEqual([0]);
    expect(matches('n["x"]["1"] == 2', { $meta })).toEqual([0]);
    expect(matches('color is null', { $meta })).toEqual([2]);
  });

  it('answers nothing from no rows and keeps no bit above the last', () => {
    expect(matches('i == 1', { i: [] })).toEqual([]);
    const filter = compileFilter('not (i == 1)', DYNAMIC_SCHEMA);
    const bits = evaluateFilter(filter, sourceOf({ i: Array(33).fill(2n) }));
    expect(bits.count()).toBe(33);
    expect(bits.words[1]).toBe(1);
  });
});
