import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
