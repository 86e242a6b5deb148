import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { systemClock } from '../../src/base/clock.ts';
import { must } from '../../src/base/assert.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { filterMask, intersect, sliceBits, sliceWords } from '../../src/search/mask.ts';
import { Turn } from '../../src/search/read-context.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf, FIELDS, SCHEMA } from '../query/columns.ts';
import { hurriedClock, int32Column, schemaOf, SIZE } from './world.ts';

function bitmapOf(bits: readonly boolean[]): Bitmap {
  const bitmap = new Bitmap(bits.length);
  for (const [i, bit] of bits.entries()) if (bit) bitmap.set(i);
  return bitmap;
}

const someBits = fc.array(fc.boolean(), { maxLength: 150 });

describe('bits of a chunk', () => {
  it('are cut out of those of the segment at any place', () => {
    fc.assert(
      fc.property(someBits, fc.nat(150), fc.nat(150), (bits, a, b) => {
        const start = Math.min(a, b, bits.length);
        const end = Math.min(Math.max(a, b), bits.length);
        const slice = sliceBits(bitmapOf(bits), start, end - start);
        expect(slice).toEqual(bitmapOf(bits.slice(start, end)));
      }),
    );
  });

  it('are cut into ranges of whole words for tasks', () => {
    const bits = Array.from({ length: 100 }, (_, i) => i % 3 === 0);
    const words = sliceWords(bitmapOf(bits), 32, 100);
    expect(new Bitmap(68, words)).toEqual(bitmapOf(bits.slice(32)));
  });

  it('are those of both masks, null being all', () => {
    const [left, right] = [bitmapOf([true, true, false]), bitmapOf([true, false, false])];
    expect(intersect(null, null)).toBe(null);
    expect(intersect(left, null)).toBe(left);
    expect(intersect(null, right)).toBe(right);
    expect(intersect(left, right)).toEqual(bitmapOf([true, false, false]));
  });
});

describe('the mask of a filter', () => {
  const filter = compileFilter('size % 7 == 3', schemaOf());
  const rowCount = 100_003;
  const columns = new Map([[SIZE, int32Column(Array.from({ length: rowCount }, (_, i) => i))]]);

  it('is what indexes say where they say all, and needs no column', async () => {
    const { kind } = filter.predicate;
    expect(kind).toBe('arithmetic');
    const truth = new Uint32Array((rowCount + 31) >>> 5).fill(0x0f0f0f0f);
    const answers = new Map([[filter.predicate, { truth, known: null, open: null }]]);
    const turn = new Turn({ clock: systemClock });
    const rows = { rowCount, wanted: null, columns: new Map(), answers };
    const mask = await filterMask(filter, rows, turn);
    expect([mask.get(0), mask.get(4), mask.get(100_002)]).toEqual([true, false, true]);
    // Of rows that are open the column decides.
    const open = new Uint32Array(truth.length).fill(1);
    const partly = new Map([[filter.predicate, { truth: truth.slice(), known: null, open }]]);
    const both = await filterMask(filter, { ...rows, columns, answers: partly }, turn);
    expect([both.get(0), both.get(1), both.get(224), both.get(96)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(both.get(32 * 5 + 0)).toBe(160 % 7 === 3);
    expect(both.get(32 * 6 * 7 + 0)).toBe((32 * 42) % 7 === 3);
  });

  it('is the same whether the rows are tried at once or in slices', async () => {
    const clock = hurriedClock();
    for (const turn of [new Turn({ clock }), new Turn({ clock: systemClock })]) {
      const mask = await filterMask(filter, { rowCount, wanted: null, columns }, turn);
      expect(mask.length).toBe(rowCount);
      const expected = Array.from({ length: rowCount }, (_, i) => i).filter((i) => i % 7 === 3);
      expect(mask.toOffsets()).toEqual(Uint32Array.from(expected));
    }
    expect(clock.yields.count).toBeGreaterThan(4);
  });

  it('is asked in steps where nobody can tell what a row costs', async () => {
    const texts = Array.from({ length: 256 }, (_, i) => `text ${i}${'x'.repeat(2000)}`);
    const column = columnOf(DataType.VarChar, texts);
    const turnsOf = async (text: string): Promise<number> => {
      const clock = hurriedClock();
      const rows = { rowCount: 256, wanted: null, columns: new Map([[FIELDS.s.id, column]]) };
      const mask = await filterMask(compileFilter(text, SCHEMA), rows, new Turn({ clock }));
      expect(mask.toOffsets().length, text).toBe(111);
      return clock.yields.count;
    };
    expect(await turnsOf('s =~ "t [1]\\\\d*x*$"')).toBeGreaterThan(3);
    expect(await turnsOf('s like "text 1%"')).toBe(0);
  });

  it('is tried on fewer rows at first the more conditions look at their bytes', async () => {
    const rows = Array.from({ length: 256 }, (_, i) => ({ a: 'x'.repeat(200), b: i }));
    const objects = new Map([[FIELDS.j.id, columnOf(DataType.JSON, rows)]]);
    const slicesOf = async (conditions: number): Promise<number> => {
      const clock = hurriedClock();
      const parts = Array.from({ length: conditions }, (_, i) => `j["b"] == ${i + 0.5}`);
      const joined = compileFilter(parts.join(' or '), SCHEMA);
      const asked = { rowCount: 256, wanted: null, columns: objects };
      expect((await filterMask(joined, asked, new Turn({ clock }))).count()).toBe(0);
      return clock.yields.count;
    };
    expect(await slicesOf(1)).toBe(0);
    expect(await slicesOf(100)).toBeGreaterThan(2);
  });

  it('is tried on rows of few bytes at once, those of elements included', async () => {
    const tags = Array.from({ length: 320 }, (_, i) => [String(i % 2).repeat(60_000)]);
    const column = columnOf(DataType.Array, tags, DataType.VarChar);
    const clock = hurriedClock();
    const rows = { rowCount: 320, wanted: null, columns: new Map([[FIELDS.as.id, column]]) };
    const ofElements = compileFilter('as[0] like "%1"', SCHEMA);
    const mask = await filterMask(ofElements, rows, new Turn({ clock }));
    expect(mask.toOffsets().length).toBe(160);
    expect(clock.yields.count).toBe(2);
  });

  it('ends with the call between two conditions', async () => {
    const texts = Array.from({ length: 40 }, () => 'abcdefghij'.repeat(4000));
    const texted = new Map([[FIELDS.s.id, columnOf(DataType.VarChar, texts)]]);
    const controller = new AbortController();
    const clock = hurriedClock();
    const impatient = {
      ...clock,
      yieldTurn: async () => {
        await clock.yieldTurn();
        if (clock.yields.count === 5) controller.abort();
      },
    };
    const parts = Array.from({ length: 500 }, (_, i) => `s like "%q${i}%"`);
    const joined = compileFilter(parts.join(' or '), SCHEMA);
    const turn = new Turn({ clock: impatient, signal: controller.signal });
    const asked = filterMask(joined, { rowCount: 40, wanted: null, columns: texted }, turn);
    await expect(asked).rejects.toThrow('context canceled');
    expect(clock.yields.count).toBe(5);
  });

  it('is the same in steps as in one stretch, of the rows that are wanted', async () => {
    const texts = Array.from({ length: 3000 }, (_, i) => (i % 5 === 0 ? null : `${i}`.repeat(300)));
    const texted = new Map([[FIELDS.s.id, columnOf(DataType.VarChar, texts)]]);
    const joined = compileFilter('s like "%7_9%" or not (s > "2") or s =~ "3.*5$"', SCHEMA);
    const whole = evaluateFilter(joined, {
      rowCount: 3000,
      column: () => must(texted.get(FIELDS.s.id), 'there is one column'),
    });
    const wanted = new Bitmap(3000);
    for (let i = 0; i < 3000; i++) if (i < 900 || i > 2500) wanted.set(i);
    const turn = new Turn({ clock: hurriedClock() });
    const mask = await filterMask(joined, { rowCount: 3000, wanted, columns: texted }, turn);
    expect(mask.and(wanted)).toEqual(whole.and(wanted));
    expect(mask.count()).toBeGreaterThan(100);
  });

  it('is not asked of stretches that nobody wants', async () => {
    const wanted = new Bitmap(rowCount);
    wanted.set(50_004);
    const turn = new Turn({ clock: hurriedClock() });
    const mask = await filterMask(filter, { rowCount, wanted, columns }, turn);
    expect(mask.get(50_004)).toBe(50_004 % 7 === 3);
    expect(mask.get(3)).toBe(false);
  });
});
