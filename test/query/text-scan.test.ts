import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import {
  isWithin,
  scanPattern,
  scanTextColumns,
  scanTextMembership,
  scanTextRange,
  textBounds,
  textTable,
} from '../../src/query/text-scan.ts';
import type { RangePredicate } from '../../src/query/predicate.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';

const addon = nativeAddon();
const column = { access: 'value', fieldId: 1, type: DataType.VarChar } as const;
const texts = (values: readonly string[]): BytesColumn =>
  columnOf(DataType.VarChar, values) as BytesColumn;
const range = (lower: string | null, upper: string | null, inclusive: boolean): RangePredicate => ({
  kind: 'range',
  column,
  lower,
  lowerInclusive: inclusive,
  upper,
  upperInclusive: inclusive,
});

describe('text scans', () => {
  const values = ['b', 'a', '', 'ab', 'b'];

  it('compare ranges as the bytes do', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\uffff'), maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 31 }),
        fc.option(word),
        fc.option(word),
        fc.boolean(),
        (all, a, b, inclusive) => {
          const [found = 0] = scanTextRange(texts(all), range(a, b, inclusive), all.length, null);
          const order = (x: string, y: string): number =>
            Buffer.compare(Buffer.from(x), Buffer.from(y));
          all.forEach((each, i) => {
            const least = inclusive ? 0 : 1;
            const isIn =
              (a === null || order(each, a) >= least) && (b === null || order(each, b) <= -least);
            expect(((found >>> i) & 1) === 1).toBe(isIn);
          });
        },
      ),
    );
  });

  it('skip the rows that are not asked for', () => {
    const active = Uint32Array.of(0b01001);
    expect(scanTextRange(texts(values), range('b', 'b', true), 5, null)[0]).toBe(0b10001);
    expect(scanTextRange(texts(values), range('b', 'b', true), 5, active)[0]).toBe(0b00001);
    expect(scanTextMembership(texts(values), ['b', 'ab'], 5, active)[0]).toBe(0b01001);
    expect(scanPattern(texts(values), { kind: 'like', column, pattern: 'a%' }, 5, active)[0]).toBe(
      0b01000,
    );
    const regex = { kind: 'regex', column, pattern: 'a?b' } as const;
    expect(scanPattern(texts(values), regex, 5, null)[0]).toBe(0b11001);
  });

  it('work on a slice of a larger column', () => {
    const whole = texts(['xx', 'a', 'b']);
    const slice = { ...whole, offsets: whole.offsets.subarray(1) };
    expect(scanTextRange(slice, range('b', 'b', true), 2, null)[0]).toBe(0b10);
    expect(scanTextColumns(slice, '<', texts(['b', 'b']), 2)[0]).toBe(0b01);
  });

  it('make the table of a list once', () => {
    const list = ['a'];
    expect(textTable(list)).toBe(textTable(list));
    expect(isWithin(Buffer.from('abc'), 1, 2, textBounds(range('b', null, true)))).toBe(true);
  });
});

describe.skipIf(addon === null)('text scans by the native kernels', () => {
  const letter = fc.constantFrom('a', 'b', 'é', '😀');
  const rows = fc.array(
    fc.oneof(fc.string({ unit: letter, maxLength: 5 }), fc.string({ unit: letter, maxLength: 90 })),
    { minLength: 64, maxLength: 150 },
  );
  const asked = fc.option(fc.array(fc.integer({ min: 0 }), { minLength: 5, maxLength: 5 }));

  it('match the same rows as their twin', () => {
    const part = fc.constantFrom('a', 'b', 'ab', 'aab', 'é', '😀', '%', '\\%');
    fc.assert(
      fc.property(rows, fc.array(part, { maxLength: 8 }), asked, (all, atoms, words) => {
        const active = words === null ? null : Uint32Array.from(words);
        const pattern = { kind: 'like', column, pattern: atoms.join('') } as const;
        const text = texts(all);
        expect(scanPattern(text, pattern, all.length, active, addon)).toEqual(
          scanPattern(text, pattern, all.length, active, null),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('match the same rows as their twin where a pattern has _', () => {
    const part = fc.constantFrom('_', '_', 'a', 'b', 'ab', 'aab', 'é', '😀', '%', '\\_');
    fc.assert(
      fc.property(rows, fc.array(part, { maxLength: 9 }), asked, (all, atoms, words) => {
        const active = words === null ? null : Uint32Array.from(words);
        const pattern = { kind: 'like', column, pattern: `${atoms.join('')}_%` } as const;
        const exact = { ...pattern, pattern: `${atoms.join('')}_` };
        const text = texts(all);
        for (const each of [pattern, exact]) {
          expect(scanPattern(text, each, all.length, active, addon)).toEqual(
            scanPattern(text, each, all.length, active, null),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('match parts with _ of every length as their twin', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '中'), maxLength: 400 });
    const some = fc.array(letters, { minLength: 64, maxLength: 70 });
    fc.assert(
      fc.property(some, fc.constantFrom(2, 31, 32, 33, 63, 64, 65, 129, 200), (all, length) => {
        const [longest = ''] = all.toSorted((left, right) => right.length - left.length);
        const masked = Array.from(longest.slice(3, 3 + length), (each, i) =>
          i % 3 === 1 ? '_' : each,
        );
        const text = texts([...all, `xyz${masked.join('').replaceAll('_', 'b')}!`]);
        const count = all.length + 1;
        const like = { kind: 'like', column, pattern: `%_${masked.join('')}%` } as const;
        const found = scanPattern(text, like, count, null, addon);
        expect(found).toEqual(scanPattern(text, like, count, null, null));
        expect((found[all.length >>> 5]! >>> (all.length & 31)) & 1).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it('take bytes that are no UTF-8 as their twin does', () => {
    const bytes = fc.uint8Array({ minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(bytes, (given) => {
        const offsets = Uint32Array.from({ length: 65 }, (_, i) => i * 3);
        const text: BytesColumn = { ...texts([]), offsets, bytes: given };
        for (const pattern of ['_', '__', '%_a%', '_%_', '%\u00e9_%']) {
          const like = { kind: 'like', column, pattern } as const;
          expect(scanPattern(text, like, 64, null, addon)).toEqual(
            scanPattern(text, like, 64, null, null),
          );
        }
      }),
    );
  });

  it('find the same rows in ranges as their twin', () => {
    const bound = fc.option(fc.string({ unit: letter, maxLength: 9 }));
    fc.assert(
      fc.property(rows, bound, bound, asked, (all, low, high, words) => {
        const active = words === null ? null : Uint32Array.from(words);
        const text = texts([...all, low ?? '', high ?? '']);
        const count = all.length + 2;
        for (const inclusive of [false, true]) {
          for (const upper of [high, low]) {
            const between = range(low, upper, inclusive);
            expect(scanTextRange(text, between, count, active, addon)).toEqual(
              scanTextRange(text, between, count, active, null),
            );
          }
        }
      }),
    );
  });

  it('take time linear in the text where a pattern nearly matches everywhere', () => {
    const text = texts(Array.from({ length: 64 }, () => 'a'.repeat(60_000)));
    const pattern = `%${'a'.repeat(20_000)}b${'a'.repeat(20_000)}%`;
    expect(scanPattern(text, { kind: 'like', column, pattern }, 64, null, addon)).toEqual(
      new Uint32Array(2),
    );
  });

  it('refuse what they cannot read', () => {
    const bytes = Buffer.from('abc');
    const out = new Uint32Array(1);
    const inRange = (offsets: Uint32Array) => () =>
      addon!.markTextRange(offsets, bytes, null, 0, bytes, 1, null, out);
    expect(inRange(Uint32Array.of(0, 1, 3))).not.toThrow();
    expect(inRange(Uint32Array.of(0, 2, 1))).toThrow(TypeError);
    expect(inRange(Uint32Array.of(0, 1, 4))).toThrow(TypeError);
    expect(inRange(new Uint32Array(0))).toThrow(TypeError);
    const like = (lengths: readonly number[], failures: readonly number[]) => () =>
      addon!.markLike(
        ...([Uint32Array.of(0, 3), bytes, bytes, Uint32Array.from(lengths)] as const),
        ...([Int32Array.from(failures), 0, null, out] as const),
      );
    expect(like([1, 0, 2], [0, 0])).not.toThrow();
    expect(like([1, 0, 1], [0])).toThrow(TypeError);
    expect(like([3, 0, 0], [])).toThrow(TypeError);
    expect(like([1, 0, 2], [0, 2])).toThrow(TypeError);
    expect(like([1, 0, 2], [0])).toThrow(TypeError);
    expect(like([3], [])).toThrow(TypeError);
    const masked = (points: readonly number[], lengths: readonly number[]) => () => {
      const pattern = [Int32Array.from(points), Uint32Array.from(lengths)] as const;
      addon!.markMaskedLike(Uint32Array.of(0, 3), bytes, ...pattern, 0, null, out);
    };
    expect(masked([97, -1], [1, 0, 1])).not.toThrow();
    expect(masked([97, -1], [1, 0, 2])).toThrow(TypeError);
    expect(masked([97, -1], [1, 1, 0])).toThrow(TypeError);
    expect(masked([97, -1], [2])).toThrow(TypeError);
    expect(masked(Array<number>(65_536).fill(-1), [0, 0, 65_536])).toThrow(TypeError);
  });
});
