import { afterEach, describe, expect, it, vi } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluate, evaluateFilter } from '../../src/query/evaluate.ts';
import type { FilterSource } from '../../src/query/evaluate.ts';
import { elementSteps, evaluateInSteps, filterSteps } from '../../src/query/evaluate-steps.ts';
import { elementRows } from '../../src/query/element-scan.ts';
import { loadGeometry } from '../../src/query/geometry-relations.ts';
import { JsonCursor } from '../../src/query/json-cursor.ts';
import { RegexMatcher } from '../../src/query/regex.ts';
import { finish, type Steps } from '../../src/query/steps.ts';
import { WORK_AT_ONCE } from '../../src/query/work.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf, DYNAMIC_SCHEMA, FIELDS, SCHEMA, sourceOf } from './columns.ts';
import type { Value } from './columns.ts';
import { FilterGenerator, generateRow, picker } from './filter-generator.ts';
import { bound, geometryColumn, structSource } from './struct-rows.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A polygon of so many points. */
function ring(points: number): string {
  const places = Array.from({ length: points }, (_, i) => {
    const angle = (2 * Math.PI * (i % (points - 1))) / (points - 1);
    return `${Math.cos(angle)} ${Math.sin(angle)}`;
  });
  return `POLYGON ((${places.join(', ')}))`;
}

/** Counts the steps, and how much `look` says was done in the longest of them. */
function measured<Result>(steps: Steps<Result>, look: { done: number }): [Result, number, number] {
  let longest = 0;
  for (let count = 1; ; count++) {
    look.done = 0;
    const step = steps.next();
    longest = Math.max(longest, look.done);
    if (step.done === true) return [step.value, count, longest];
  }
}

function sourceOfColumn(fieldId: number, column: Column, rowCount: number): FilterSource {
  return {
    rowCount,
    column(id) {
      if (id !== fieldId) throw new Error(`no column ${id}`);
      return column;
    },
  };
}

describe('a filter in steps', () => {
  it('says of rows what it says in one stretch, however little is done at once', () => {
    let compared = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const pick = picker(seed);
      const rows = Array.from({ length: 1 + pick(100) }, () => generateRow(pick));
      const columns: Record<string, Value[]> = {};
      for (const name of Object.keys(rows[0]!)) {
        columns[name] = rows.map((row) => row[name] ?? null);
      }
      const source = sourceOf(columns);
      const active = Uint32Array.from({ length: 4 }, () => pick(2) * 0x0f0f00ff);
      for (let i = 0; i < 25; i++, compared++) {
        const generator = new FilterGenerator(pick);
        const text = generator.filter(pick(4));
        const { predicate } = compileFilter(text, DYNAMIC_SCHEMA, generator.parameters);
        for (const workAtOnce of [1, 3000, WORK_AT_ONCE]) {
          const whole = evaluateFilter({ predicate }, source);
          const said = finish(filterSteps(predicate, source, null, workAtOnce));
          expect(said.toOffsets(), `seed ${seed}: ${text}`).toEqual(whole.toOffsets());
          const wanted = new Bitmap(source.rowCount, active.slice(0, whole.words.length));
          const some = finish(filterSteps(predicate, source, active.slice(), workAtOnce));
          expect(some.and(wanted), `seed ${seed}: ${text}`).toEqual(whole.and(wanted));
          // Under not, what is unknown counts as well.
          const known = evaluate(predicate, source, null).known;
          const alsoKnown = finish(evaluateInSteps(predicate, source, null, workAtOnce)).known;
          const bits = (words: Uint32Array | null): Uint32Array =>
            words === null
              ? Bitmap.full(source.rowCount).toOffsets()
              : new Bitmap(source.rowCount, words.slice())
                  .and(Bitmap.full(source.rowCount))
                  .toOffsets();
          expect(bits(alsoKnown), `seed ${seed}: ${text}`).toEqual(bits(known));
        }
      }
    }
    expect(compared).toBe(1000);
  });

  it('asks the elements of struct arrays as in one stretch', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      people:
        i % 7 === 0
          ? null
          : Array.from({ length: i % 5 }, (_each, j) => ({
              age: BigInt((i * j) % 11),
              name: `n${j}`,
              height: j / 2,
            })),
    }));
    const source = structSource(rows);
    for (const text of [
      'MATCH_ANY(people, $[age] > 3 and $[name] like "n%")',
      'MATCH_ALL(people, $[age] < 9 or $[height] > 1)',
      'not MATCH_LEAST(people, $[age] > 1, threshold=2)',
    ]) {
      const { predicate } = bound(text);
      const whole = evaluateFilter({ predicate }, source).toOffsets();
      expect(whole.length, text).toBeGreaterThan(5);
      for (const workAtOnce of [1, WORK_AT_ONCE]) {
        const said = finish(filterSteps(predicate, source, null, workAtOnce)).toOffsets();
        expect(said, text).toEqual(whole);
      }
      if (predicate.kind !== 'match') continue;
      const rowsOf = elementRows(predicate, source);
      const expected = evaluateFilter({ predicate: predicate.operand }, rowsOf);
      expect(finish(elementSteps(predicate, source))).toEqual(expected);
    }
  });

  it('hears what indexes say, and asks columns of what they leave open', () => {
    const texts = Array.from({ length: 100 }, (_, i) => `${i % 3}`);
    const { predicate } = compileFilter('s == "1" or s == "2"', SCHEMA);
    const answer = { truth: Uint32Array.of(1, 2, 4, 0), known: null };
    for (const open of [null, Uint32Array.of(0, 0, 0, 15)]) {
      const source: FilterSource = {
        ...sourceOfColumn(FIELDS.s.id, columnOf(DataType.VarChar, texts), 100),
        answer: (one) =>
          one === predicate ? { ...answer, truth: answer.truth.slice(), open } : null,
      };
      const whole = evaluateFilter({ predicate }, source).toOffsets();
      expect(finish(filterSteps(predicate, source, null, 1)).toOffsets()).toEqual(whole);
      expect([...whole].slice(0, 3)).toEqual([0, 33, 66]);
    }
  });
});

describe('a step', () => {
  it('is one of several conditions on long texts', () => {
    const texts = Array.from({ length: 100 }, (_, i) => `${'abcdefghij'.repeat(4000)}${i}`);
    const source = sourceOfColumn(FIELDS.s.id, columnOf(DataType.VarChar, texts), 100);
    const parts = Array.from({ length: 20 }, (_, i) => `s like "%q${i}%"`);
    const { predicate } = compileFilter(parts.join(' or '), SCHEMA);
    const [mask, count] = measured(filterSteps(predicate, source, null), { done: 0 });
    expect(mask.count()).toBe(0);
    // Each is 4 MB of texts, at half a nanosecond a byte.
    expect(count).toBeGreaterThan((20 * 2_000_000) / WORK_AT_ONCE);
  });

  it('reads few JSON texts where they are long', () => {
    const look = { done: 0 };
    const find = JsonCursor.prototype.find;
    vi.spyOn(JsonCursor.prototype, 'find').mockImplementation(function (
      this: JsonCursor,
      ...given: Parameters<typeof find>
    ) {
      look.done += given[2] - given[1];
      find.apply(this, given);
    });
    const rows = Array.from({ length: 64 }, (_, i) => ({ a: 'x'.repeat(20_000), b: i }));
    const source = sourceOfColumn(FIELDS.j.id, columnOf(DataType.JSON, rows), 64);
    const { predicate } = compileFilter('j["b"] == 7 or not (j["b"] > 3)', SCHEMA);
    const [mask, count, longest] = measured(filterSteps(predicate, source, null), look);
    expect([...mask.toOffsets()]).toEqual([0, 1, 2, 3, 7]);
    expect(longest).toBeGreaterThan(20_000);
    expect(longest * 3).toBeLessThanOrEqual(WORK_AT_ONCE);
    expect(count).toBeGreaterThan(4);
  });

  it('reads a part of a text that leads to many states', () => {
    const pick = picker(7);
    const learn = vi.spyOn(RegexMatcher.prototype as unknown as { learn(): number }, 'learn');
    const text = Array.from({ length: 5000 }, () => (pick(2) === 0 ? 'a' : 'b')).join('');
    const source = sourceOfColumn(FIELDS.s.id, columnOf(DataType.VarChar, [text]), 1);
    const { predicate } = compileFilter('s =~ "(a|b)*a(a|b){200}c"', SCHEMA);
    const steps = filterSteps(predicate, source, null);
    let before = 0;
    let longest = 0;
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      longest = Math.max(longest, learn.mock.calls.length - before);
      before = learn.mock.calls.length;
    }
    expect(learn.mock.calls.length).toBeGreaterThan(1000);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(300);
  });

  it('reads a part of a text inside JSON, and of an element, as of any other', () => {
    const texts = ['abab', 'b\\n"a', 7, null, 'bbba', '\u00e9a'];
    const json = columnOf(
      DataType.JSON,
      texts.map((text) => (text === null ? null : { t: text, u: 1 })),
    );
    const array = columnOf(
      DataType.Array,
      texts.map((text) => (text === null ? null : ['x', String(text)])),
      DataType.VarChar,
    );
    const source: FilterSource = {
      rowCount: texts.length,
      column: (id) => (id === FIELDS.j.id ? json : array),
    };
    for (const text of [
      'j["t"] =~ "b+a"',
      'not (j["t"] =~ "b+a$")',
      'j["u"] =~ "a" or as[1] =~ "^b.*a"',
    ]) {
      const { predicate } = compileFilter(text, SCHEMA);
      const whole = evaluateFilter({ predicate }, source);
      expect(finish(filterSteps(predicate, source, null)), text).toEqual(whole);
      expect(whole.count(), text).toBeGreaterThan(0);
    }
    const pick = picker(9);
    const letters = Array.from({ length: 3000 }, () => (pick(2) === 0 ? 'a' : 'b')).join('');
    const dear = sourceOfColumn(FIELDS.j.id, columnOf(DataType.JSON, [{ t: letters }]), 1);
    const { predicate } = compileFilter('j["t"] =~ "(a|b)*a(a|b){200}c"', SCHEMA);
    const [, count] = measured(filterSteps(predicate, dear, null), { done: 0 });
    expect(count).toBeGreaterThan(20);
  });

  it('compares one long geometry', async () => {
    await loadGeometry();
    const column = geometryColumn(Array.from({ length: 8 }, () => ring(100)));
    const source = sourceOfColumn(102, column, 8);
    const { predicate } = bound(`st_overlaps(geo, '${ring(50)}')`);
    const [mask, count] = measured(filterSteps(predicate, source, null), { done: 0 });
    expect(mask.toOffsets()).toEqual(evaluateFilter({ predicate }, source).toOffsets());
    expect(count).toBe(8 + 1);
  });
});
