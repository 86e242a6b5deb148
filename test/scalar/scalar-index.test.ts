/** Whatever the bytes of an image are, it is refused or answers something. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { answerOf } from '../../src/scalar/predicate-answer.ts';
import { openScalarIndex } from '../../src/scalar/scalar-index.ts';
import { DYNAMIC_SCHEMA, FIELDS, type Rows } from '../query/columns.ts';
import { type Definition, imageOf } from './world.ts';

const ROWS = 90;
const rows: Rows = {
  i: Array.from({ length: ROWS }, (_, i) => BigInt(i % 9)),
  s: Array.from({ length: ROWS }, (_, i) => `text ${i % 30} of ${i}`),
  j: Array.from({ length: ROWS }, (_, i) => ({ a: i % 9, b: [`t${i % 5}`] })),
};

const json = { json_path: 'j["a"]', json_cast_type: 'DOUBLE' };
const CASES: ReadonlyArray<readonly [Definition, readonly string[]]> = [
  [{ field: 'i', params: { index_type: 'STL_SORT' } }, ['i > 3', 'i in [2, 5]']],
  [{ field: 'i', params: { index_type: 'INVERTED' } }, ['i > 3', 'i == 5', 'i is null']],
  [{ field: 'i', params: { index_type: 'BITMAP' } }, ['i > 3', 'i != 5']],
  [{ field: 's', params: { index_type: 'TRIE' } }, ['s like "text 1%"', 's > "text 2"']],
  [{ field: 's', params: { index_type: 'INVERTED' } }, ['s like "%1 of%"', 's == "text 2 of 2"']],
  [
    { field: 's', params: { index_type: 'NGRAM', min_gram: '2', max_gram: '3' } },
    ['s like "%1 of%"', 's like "%xt 2%"'],
  ],
  [{ field: 'j', params: { index_type: 'STL_SORT', ...json } }, ['j["a"] > 3', 'exists j["a"]']],
  [
    { field: 'j', params: { json_path: 'j', json_cast_type: 'JSON' } },
    ['j["a"] == 3', 'exists j["b"]', 'j["b"][0] like "t%"'],
  ],
];

const name = ({ field, params }: Definition): string => `${params['index_type']} of ${field}`;

describe('an image', () => {
  it.each(CASES)('of another number of rows is refused: $params', (definition) => {
    expect(() => openScalarIndex(imageOf(definition, rows), ROWS + 1)).toThrow('number of rows');
  });

  it.each(CASES.map((one) => [name(one[0]), ...one] as const))(
    '%s that is damaged is refused, or answers',
    (_name, definition, filters) => {
      const whole = imageOf(definition, rows);
      const field = Object.values(FIELDS).find((each) => each.name === definition.field)!;
      const isJson = definition.field === 'j';
      const path = definition.params['json_path'] === 'j' ? [] : ['a'];
      const cast = definition.params['json_cast_type'] === 'JSON' ? 'JSON' : 'DOUBLE';
      const place = isJson ? ({ path, cast, castsTexts: false } as const) : null;
      const change = fc.tuple(fc.oneof(fc.nat(300), fc.nat(whole.length - 1)), fc.nat(255));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const bytes = whole.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          try {
            const index = openScalarIndex(bytes, ROWS);
            const indexed = { json: place, isArray: false, isColumnAtHand: false, index };
            for (const text of filters) {
              const { predicate } = compileFilter(text, DYNAMIC_SCHEMA);
              const answer = answerOf(predicate, { ...indexed, fieldId: field.id });
              expect(answer?.truth.length ?? 3).toBe(3);
            }
          } catch (failure) {
            if (!(failure instanceof MilvusError)) throw failure;
            expect(['DataIntegrity', 'FormatNotSupported']).toContain(failure.reason);
          }
        }),
        { numRuns: 400 },
      );
    },
  );
});
