/** No answer changes with an index: generated values, nulls, conditions and structures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rows, Value } from '../query/columns.ts';
import { ask, type Definition, indexOf } from './world.ts';

const ROWS = 450;
const SORTS = ['STL_SORT', 'INVERTED', 'AUTOINDEX'];

const INTEGERS = [-9007199254740993n, -3n, -1n, 0n, 1n, 2n, 3n, 40n, 9223372036854775807n];
const NUMBERS = [-1e300, -2.5, -0, 0, 0.5, 1, 2.5, 3, 1e300];
const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'abd',
  'b',
  'ba',
  'bab',
  'xaby',
  'é',
  'éa',
  '日本',
  '7',
  '7.5',
  'a%',
];
const JSON_VALUES: readonly Value[] = [
  0,
  1,
  -2.5,
  9007199254740993n,
  'ab',
  'xaby',
  '7',
  '1e2',
  true,
  false,
  null,
  [1, 2],
  [1, 'ab', true, null],
  [],
  {},
  { b: 1 },
  { b: { c: 'ab' } },
  { b: null },
  { b: [{ c: 2 }, 3] },
];

/** A literal of the filter language. */
const literal = (value: Value): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Values of rows, repeated so that lists are worth looking up. */
function rowsOf(field: string, values: fc.Arbitrary<Value>): fc.Arbitrary<Rows> {
  return fc
    .array(values, { minLength: ROWS, maxLength: ROWS, size: 'max' })
    .map((list): Rows => ({ [field]: list }));
}

const orNull = (values: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 6, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) });

function numberConditions(name: string, values: readonly Value[]): fc.Arbitrary<string> {
  const one = pick(values).map(literal);
  const operators = pick(['==', '!=', '<', '<=', '>', '>=']);
  return fc.oneof(
    fc.tuple(operators, one).map(([operator, value]) => `${name} ${operator} ${value}`),
    fc
      .uniqueArray(one, { minLength: 1, maxLength: 4 })
      .map((list) => `${name} in [${list.join(', ')}]`),
    fc
      .uniqueArray(one, { minLength: 1, maxLength: 3 })
      .map((l) => `${name} not in [${l.join(', ')}]`),
  );
}

const PATTERNS = ['a%', '%b%', '%ab%', 'a_', 'ab%y', '%é%', '日%', '%', 'x%b_', '%bab', 'a\\\\%'];

function textConditions(name: string): fc.Arbitrary<string> {
  return fc.oneof(
    numberConditions(name, TEXTS),
    pick(PATTERNS).map((pattern) => `${name} like "${pattern}"`),
    pick(['^ab', 'ab', '^a.*b$', 'b$', '^ab$', '日']).map((regex) => `${name} =~ "${regex}"`),
  );
}

const combined = (conditions: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    conditions,
    conditions.map((one) => `not (${one})`),
    fc.tuple(conditions, conditions).map(([a, b]) => `(${a}) or not (${b})`),
    fc.tuple(conditions, conditions).map(([a, b]) => `not ((${a}) and (${b}))`),
  );

/** Asks generated filters of generated rows by each index. */
function check(
  definitions: readonly Definition[],
  values: fc.Arbitrary<Value>,
  conditions: fc.Arbitrary<string>,
): void {
  for (const definition of definitions) {
    let answered = 0;
    let partly = 0;
    fc.assert(
      fc.property(
        rowsOf(definition.field, values),
        fc.array(combined(conditions), { minLength: 12, maxLength: 12 }),
        (rows, filters) => {
          const column = indexOf(definition, rows);
          for (const text of filters) {
            const asked = ask(text, rows, column);
            expect(asked.indexed, `${text} by ${JSON.stringify(definition)}`).toEqual(
              asked.scanned,
            );
            answered += asked.answers.length;
            if (asked.scanned.length > 0 && asked.scanned.length < ROWS) partly++;
          }
        },
      ),
      { numRuns: 12 },
    );
    expect(answered, JSON.stringify(definition)).toBeGreaterThan(30);
    expect(partly).toBeGreaterThan(20);
  }
}

const typed = (field: string, types: readonly string[]): Definition[] =>
  types.map((type) => ({ field, params: { index_type: type } }));

describe('an index of', () => {
  it.each(['i8', 'i16', 'i32'])('%s changes no answer', (field) => {
    const values = INTEGERS.filter((value) => value > -100n && value < 100n);
    const conditions = numberConditions(field, [...values, 127n]);
    check(typed(field, [...SORTS, 'BITMAP']), orNull(pick<Value>(values)), conditions);
  });

  it('Int64 changes no answer, however large the values', () => {
    check(
      typed('i', [...SORTS, 'BITMAP']),
      orNull(pick<Value>(INTEGERS)),
      numberConditions('i', INTEGERS),
    );
  });

  it('Timestamptz changes no answer', () => {
    const moments = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', '1969-12-31T23:59:59Z'];
    const conditions = fc
      .tuple(pick(['==', '<', '>=', '!=']), pick(moments))
      .map(([operator, text]) => `tz ${operator} ISO "${text}"`);
    const micros = moments.map((text) => BigInt(Date.parse(text)) * 1000n);
    check(typed('tz', ['STL_SORT', 'AUTOINDEX']), orNull(pick<Value>(micros)), conditions);
  });

  it.each(['f', 'd'])('%s changes no answer', (field) => {
    const values = field === 'f' ? NUMBERS.filter((value) => Math.abs(value) < 1e30) : NUMBERS;
    const constants = values.map((value) => (Object.is(value, -0) ? -0.0 : value));
    check(typed(field, SORTS), orNull(pick<Value>(values)), numberConditions(field, constants));
  });

  it('Bool changes no answer', () => {
    const conditions = fc.oneof(
      pick(['b == true', 'b != true', 'b == false', 'b is null', 'b is not null']),
      pick(['b in [true]', 'b in [true, false]', 'b not in [false]']),
    );
    check(
      typed('b', ['INVERTED', 'BITMAP', 'AUTOINDEX']),
      orNull(pick<Value>([true, false])),
      conditions,
    );
  });

  it('VarChar changes no answer', () => {
    const types = [...SORTS, 'BITMAP', 'TRIE', 'Trie', 'marisa-trie'];
    const conditions = fc.oneof(textConditions('s'), pick(['s is null', 's is not null']));
    check(typed('s', types), orNull(pick<Value>(TEXTS)), conditions);
  });

  it('VarChar by grams changes no answer', () => {
    const grams = (min: string, max: string): Definition => ({
      field: 's',
      params: { index_type: 'NGRAM', min_gram: min, max_gram: max },
    });
    const long = fc.tuple(pick(TEXTS), pick(TEXTS), pick(TEXTS)).map((parts) => parts.join(''));
    const conditions = fc.oneof(
      pick(['%ab%', '%aba%', 'ab%', '%日本%', '%_ab%', '%bab_']).map((text) => `s like "${text}"`),
      pick(TEXTS.filter((text) => text.length > 1)).map((text) => `s == ${literal(text)}`),
      pick(['^ab', 'bab', 'ab$']).map((regex) => `s =~ "${regex}"`),
    );
    check([grams('1', '2'), grams('2', '3'), grams('2', '9')], orNull(long), conditions);
  });

  it.each(['ai', 'as', 'af', 'people[age]'])('the elements of %s changes no answer', (field) => {
    const element: fc.Arbitrary<Value> = field === 'as' ? pick(TEXTS) : pick([1, 2, 3]);
    const lists: fc.Arbitrary<Value> = fc.array(element, { maxLength: 4 });
    const one = element.map(literal);
    const some = fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((list) => list.join(', '));
    const conditions = fc.oneof(
      pick([`${field} is null`, `${field} is not null`]),
      one.map((value) => `array_contains(${field}, ${value})`),
      some.map((list) => `array_contains_any(${field}, [${list}])`),
      some.map((list) => `array_contains_all(${field}, [${list}])`),
    );
    check(typed(field, ['INVERTED', 'AUTOINDEX']), orNull(lists), conditions);
  });
});

describe('an index of JSON', () => {
  const place = (type: string, cast: string, more: Record<string, string> = {}): Definition => ({
    field: 'j',
    params: { index_type: type, json_path: 'j["a"]', json_cast_type: cast, ...more },
  });
  const values: fc.Arbitrary<Value> = orNull(
    fc.oneof(
      { weight: 8, arbitrary: pick(JSON_VALUES).map((a): Value => ({ a, x: 1 })) },
      { weight: 1, arbitrary: pick<Value>([{}, 5, 'ab', [1, 2], { b: 1 }, { 'a~b/c': 3 }]) },
    ),
  );
  const existence = pick(['exists j["a"]', 'j["a"] is null', 'j["a"] is not null']);
  const numbers = numberConditions('j["a"]', [0, 1, -2.5, 9007199254740993n, 9007199254740992n, 7]);
  const texts = textConditions('j["a"]');
  const booleans = pick(['j["a"] == true', 'j["a"] != false', 'j["a"] in [true]']);

  it('by numbers changes no answer', () => {
    const kinds = ['INVERTED', 'STL_SORT', 'AUTOINDEX'].map((type) => place(type, 'DOUBLE'));
    check(kinds, values, fc.oneof(numbers, existence));
  });

  it('by texts that are cast to numbers changes no answer', () => {
    const cast = place('INVERTED', 'double', { json_cast_function: 'string_to_double' });
    const equalities = pick(['"7"', '"7.0"', '"1e2"', '"ab"']).map((text) => `j["a"] == ${text}`);
    check([cast], values, fc.oneof(numbers, equalities));
  });

  it('by texts changes no answer', () => {
    const kinds = ['INVERTED', 'STL_SORT', 'BITMAP', 'AUTOINDEX'].map((type) =>
      place(type, 'VARCHAR'),
    );
    check(kinds, values, fc.oneof(texts, existence));
    const grams = place('NGRAM', 'VARCHAR', { min_gram: '2', max_gram: '3' });
    check([grams], values, pick(['j["a"] like "%ab%"', 'j["a"] == "xaby"', 'exists j["a"]']));
  });

  it('by elements of arrays changes no answer', () => {
    const kinds = ['BOOL', 'DOUBLE', 'VARCHAR'].map((cast) => place('INVERTED', `ARRAY_${cast}`));
    const whole = { field: 'j', params: { index_type: 'INVERTED', json_cast_type: 'JSON' } };
    const contains = pick([
      'json_contains(j["a"], 1)',
      'json_contains(j["a"], "ab")',
      'json_contains(j["a"], true)',
      'json_contains_any(j["a"], [1, 2, 7.5])',
      'json_contains_all(j["a"], [1, 2])',
      'json_contains_all(j["a"], ["ab", "xaby"])',
      'json_contains_any(j["a"], [9007199254740993])',
    ]);
    const arrays: readonly Value[] = [
      [1, 2],
      [1.0, 'ab', true],
      ['xaby', 'ab'],
      [[1]],
      [],
      'ab',
      1,
    ];
    const rows = orNull(pick([...arrays, [9007199254740993n]]).map((a): Value => ({ a })));
    check([...kinds, whole], rows, fc.oneof(contains, existence));
  });

  it('by booleans changes no answer', () => {
    const kinds = ['INVERTED', 'BITMAP', 'AUTOINDEX'].map((type) => place(type, 'BOOL'));
    check(kinds, values, fc.oneof(booleans, existence));
  });

  it('by everything inside changes no answer', () => {
    const whole: Definition = {
      field: 'j',
      params: { index_type: 'INVERTED', json_cast_type: 'JSON' },
    };
    const deeper = pick([
      'exists j["a"]["b"]',
      'exists j["a"]["b"]["c"]',
      'exists j["b"]',
      'exists j["a~b/c"]',
      'j["a"]["b"] == 1',
      'j["a"][0] == 1',
      'j["a"]["b"][0]["c"] >= 2',
      'j["a"]["b"]["c"] like "a%"',
      'j["a"] in [1, "ab", true]',
      'j["a~b/c"] == 3',
      'j[1] == 2',
      'j == 5',
    ]);
    const conditions = fc.oneof(numbers, texts, booleans, existence, deeper);
    check([whole, place('INVERTED', 'JSON'), place('AUTOINDEX', 'JSON')], values, conditions);
  });

  it('of a key of a dynamic field changes no answer', () => {
    const color: Definition = {
      field: '$meta',
      params: { index_type: 'INVERTED', json_path: 'color', json_cast_type: 'VARCHAR' },
    };
    const rows = pick<Value>([{ color: 'ab' }, { color: 'xaby' }, { color: 3 }, {}]);
    check([color], rows, textConditions('color'));
  });
});

describe('a condition that an index answers', () => {
  const rows: Rows = { i: Array.from({ length: ROWS }, (_, i) => BigInt(i % 100)) };
  const sorted = indexOf({ field: 'i', params: { index_type: 'STL_SORT' } }, rows);

  it('needs no column', () => {
    const asked = ask('i >= 10 and i < 20 or i in [50, 60]', rows, sorted);
    expect(asked.indexed).toEqual(asked.scanned);
    expect(asked.readsColumn).toBe(false);
  });

  it('is left to the scan where most rows would be marked and the column is at hand', () => {
    const atHand = { ...sorted, isColumnAtHand: true };
    expect(ask('i >= 40 and i <= 70', rows, atHand).answers).toHaveLength(0);
    expect(ask('i >= 1', rows, atHand).answers).toHaveLength(1);
    expect(ask('i == 7', rows, atHand).answers).toHaveLength(1);
  });

  it('is left to the scan where its list is long', () => {
    const list = Array.from({ length: 60 }, (_, i) => i).join(', ');
    expect(ask(`i in [${list}]`, rows, sorted).answers).toHaveLength(0);
  });

  it('is not that of another field, an element, or arithmetic', () => {
    const others = { ...rows, i2: rows['i']!, ai: rows['i']!.map((value) => [value]) };
    for (const text of ['i2 == 5', 'ai[0] == 5', 'i % 7 == 5', 'i == i2']) {
      expect(ask(text, others, sorted).answers).toHaveLength(0);
    }
  });
});
