import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { scanTextMembership } from '../../src/query/text-scan.ts';
import { TextTable, equalBytes } from '../../src/query/text-table.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';

const addon = nativeAddon();

describe('TextTable', () => {
  it('has the texts it was made of, and no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.array(fc.string()), (members, others) => {
        const table = TextTable.of(members);
        for (const text of [...members, ...others]) {
          const bytes = Buffer.from(`#${text}#`);
          expect(table.has(bytes, 1, bytes.length - 1)).toBe(members.includes(text));
        }
      }),
    );
  });
});

describe('equalBytes', () => {
  it('compares a part with a whole', () => {
    expect(equalBytes(Buffer.from('xabx'), 1, 3, Buffer.from('ab'))).toBe(true);
    expect(equalBytes(Buffer.from('xabx'), 1, 4, Buffer.from('ab'))).toBe(false);
    expect(equalBytes(Buffer.from('xacx'), 1, 3, Buffer.from('ab'))).toBe(false);
  });
});

describe.skipIf(addon === null)('a table of texts in the native kernels', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\0'), maxLength: 9 });
  const asked = fc.option(fc.array(fc.integer({ min: 0 }), { minLength: 5, maxLength: 5 }));

  it('has the same rows as its twin', () => {
    const rows = fc.array(text, { minLength: 64, maxLength: 150 });
    fc.assert(
      fc.property(rows, fc.uniqueArray(text, { maxLength: 60 }), asked, (all, members, words) => {
        const column = columnOf(DataType.VarChar, all) as BytesColumn;
        const active = words === null ? null : Uint32Array.from(words);
        const list = [...members, ...all.slice(0, 3)];
        const distinct = [...new Set(list)];
        const found = scanTextMembership(column, distinct, all.length, active, addon);
        expect(found).toEqual(scanTextMembership(column, distinct, all.length, active, null));
        const isAsked = (row: number): boolean =>
          active === null || ((active[row >>> 5]! >>> (row & 31)) & 1) === 1;
        all.forEach((value, row) => {
          const isIn = ((found[row >>> 5]! >>> (row & 31)) & 1) === 1;
          expect(isIn).toBe(isAsked(row) && distinct.includes(value));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('finds the rows of a slice, among many entries that came in pieces', () => {
    const values = Array.from({ length: 300 }, (_, i) => `${'x'.repeat(i % 13)}${i}`);
    const list = values.filter((_, i) => i % 3 === 0);
    const table = new TextTable(list);
    for (let start = 0; start < list.length; start += 7) {
      table.add(start, Math.min(list.length, start + 7));
    }
    const { offsets, bytes } = columnOf(DataType.VarChar, values) as BytesColumn;
    const out = new Uint32Array(5);
    table.markNatively({ offsets: offsets.subarray(100, 251), bytes, active: null }, out, addon!);
    for (let row = 0; row < 150; row++) {
      expect((out[row >>> 5]! >>> (row & 31)) & 1).toBe((row + 100) % 3 === 0 ? 1 : 0);
    }
  });

  it('refuses a table that is none, and reads nothing beside its entries', () => {
    const bytes = Buffer.from('abc');
    const out = new Uint32Array(1);
    const mark = (slots: readonly number[], offsets: readonly number[]) => () => {
      const entries = [Uint32Array.from(offsets), bytes] as const;
      const rows = [Uint32Array.of(0, 3), bytes] as const;
      addon!.markTexts(...rows, Int32Array.from(slots), ...entries, null, out);
    };
    expect(mark([0, 0, 0], [0, 3])).toThrow(TypeError);
    expect(mark([0, 0], [0, 3])).toThrow(TypeError);
    expect(mark([0, 0, 0, 0], [])).toThrow(TypeError);
    for (const offsets of [
      [0, 4],
      [3, 0],
      [0xffffffff, 0xffffffff],
    ]) {
      for (const slot of [1, 2, -1, -2, 0x7fffffff]) {
        expect(mark([slot, slot, slot, slot], offsets)).not.toThrow();
        expect(out[0]).toBe(0);
      }
    }
  });
});
