import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import type { RegexPredicate } from '../../src/query/predicate.ts';
import { RegexMatcher } from '../../src/query/regex.ts';
import { regexSteps } from '../../src/query/regex-scan.ts';
import { finish, type Steps } from '../../src/query/steps.ts';
import { scanPattern } from '../../src/query/text-scan.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf, SCHEMA } from './columns.ts';
import { picker } from './filter-generator.ts';

function regexOf(pattern: string): RegexPredicate {
  const { predicate } = compileFilter(`s =~ "${pattern}"`, SCHEMA);
  if (predicate.kind !== 'regex') throw new Error(`${pattern} is no regular expression`);
  return predicate;
}

function textsOf(texts: readonly (string | null)[]): BytesColumn {
  const column = columnOf(DataType.VarChar, texts);
  if (column.kind !== 'bytes') throw new Error('texts are bytes');
  return column;
}

function countSteps(steps: Steps<unknown>): number {
  let count = 1;
  while (steps.next().done !== true) count++;
  return count;
}

const pick = picker(11);
const letters = (length: number): string =>
  Array.from({ length }, () => (pick(2) === 0 ? 'a' : 'b')).join('');

describe('regular expressions in steps', () => {
  it('match what they match in one stretch, of the rows that are asked for', () => {
    const texts = Array.from({ length: 200 }, (_, i) => (i % 9 === 0 ? null : letters(i)));
    const column = textsOf(texts);
    const active = Uint32Array.from({ length: 7 }, (_, i) => 0xf0f0ffff >>> i);
    for (const pattern of ['ab+a$', '^b.*aa', '(a|b)*abba(a|b)b']) {
      const predicate = regexOf(pattern);
      for (const asked of [null, active]) {
        const steps = finish(regexSteps(column, predicate, 200, asked));
        expect(steps).toEqual(scanPattern(column, predicate, 200, asked));
      }
    }
  });

  it('stop between texts that are long together, and inside one that is dear', () => {
    const long = textsOf(Array.from({ length: 40 }, () => 'x'.repeat(30_000)));
    expect(countSteps(regexSteps(long, regexOf('a+b'), 40, null))).toBeGreaterThan(6);
    const one = textsOf([letters(3000)]);
    const dear = regexSteps(one, regexOf('(a|b)*a(a|b){200}c'), 1, null);
    expect(countSteps(dear)).toBeGreaterThan(20);
  });

  it('match the same when others use the matcher in between and its states are forgotten', () => {
    const matcher = new RegexMatcher('(a|b)*a(a|b){60}c');
    const other = Buffer.from(letters(2000));
    for (const end of ['', `a${letters(60)}c`]) {
      const text = Buffer.from(letters(1500) + end);
      const expected = new RegexMatcher('(a|b)*a(a|b){60}c').matches(text, 0, text.length);
      const steps = matcher.matchSteps(text, 0, text.length);
      let step = steps.next();
      let stops = 0;
      for (; step.done !== true; step = steps.next(), stops++) {
        matcher.matches(other, 0, other.length);
      }
      expect(step.value).toBe(expected);
      expect(expected).toBe(end !== '');
      expect(stops).toBeGreaterThan(3);
    }
  });
});
