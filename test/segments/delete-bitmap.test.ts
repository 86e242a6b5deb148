import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { crc32 } from '../../src/base/checksum.ts';
import { DeleteBitmap } from '../../src/segments/delete-bitmap.ts';

const ROWS = 100;
const marks = fc.array(fc.tuple(fc.nat(ROWS - 1), fc.bigInt({ min: 1n, max: 60n })), {
  maxLength: 150,
});

function made(list: ReadonlyArray<readonly [number, bigint]>): DeleteBitmap {
  const deletes = new DeleteBitmap();
  for (const [row, timestamp] of list) deletes.mark(row, timestamp);
  return deletes;
}

/** The first mark of each row counts. */
function model(list: ReadonlyArray<readonly [number, bigint]>): Map<number, bigint> {
  const first = new Map<number, bigint>();
  for (const [row, timestamp] of list) if (!first.has(row)) first.set(row, timestamp);
  return first;
}

function shown(deletes: DeleteBitmap, rowCount: number, timestamp: bigint): number[] {
  const visible = deletes.visible(rowCount, timestamp);
  return Array.from({ length: rowCount }, (_, row) => row).filter(
    (row) => visible?.get(row) ?? true,
  );
}

describe('DeleteBitmap', () => {
  it('shows at every timestamp what was not deleted by then', () => {
    fc.assert(
      fc.property(marks, fc.bigInt({ min: 0n, max: 61n }), fc.nat(ROWS), (list, at, rowCount) => {
        const first = model(list);
        const expected = Array.from({ length: rowCount }, (_, row) => row).filter(
          (row) => (first.get(row) ?? at + 1n) > at,
        );
        expect(shown(made(list), rowCount, at)).toEqual(expected);
      }),
    );
  });

  it('keeps its marks in order of time and hands out those since a point', () => {
    const deletes = made([
      [5, 10n],
      [6, 30n],
    ]);
    const seen = deletes.count;
    expect(deletes.mark(7, 20n)).toBe(true);
    expect(deletes.mark(5, 40n)).toBe(false);
    deletes.mark(8, 50n);
    expect([...deletes.marks().timestamps]).toEqual([10n, 20n, 30n, 50n]);
    expect([...deletes.marks(seen + 1).rows]).toEqual([8]);
    expect(deletes.lastTimestamp).toBe(50n);
    expect(deletes.has(7)).toBe(true);
    expect(deletes.has(99)).toBe(false);
  });

  it('gives fresh bitmaps without stray bits', () => {
    const deletes = made([
      [70, 1n],
      [3, 1n],
    ]);
    const visible = deletes.visible(40, 1n)!;
    expect(visible.count()).toBe(39);
    visible.clear(0);
    expect(deletes.visible(40, 1n)!.get(0)).toBe(true);
    expect(new DeleteBitmap().visible(10, 5n)).toBeNull();
  });

  it('comes back from its file, up to the timestamp asked for', () => {
    fc.assert(
      fc.property(marks, fc.bigInt({ min: 0n, max: 61n }), (list, at) => {
        const deletes = made(list);
        const back = DeleteBitmap.decode(deletes.encode(ROWS, at), ROWS);
        expect(back.count).toBe(deletes.countAt(at));
        expect(shown(back, ROWS, 1000n)).toEqual(shown(deletes, ROWS, at));
      }),
    );
  });

  it('refuses a file with any byte changed, cut off, or made for another segment', () => {
    const bytes = made([
      [1, 5n],
      [9, 7n],
    ]).encode(ROWS, 9n);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i]! ^= 1 << (i % 8);
      expect(() => DeleteBitmap.decode(damaged, ROWS)).toThrow(MalformedBytes);
    }
    for (let end = 0; end < bytes.length; end++) {
      expect(() => DeleteBitmap.decode(bytes.subarray(0, end), ROWS)).toThrow(MalformedBytes);
    }
    expect(() => DeleteBitmap.decode(bytes, ROWS + 1)).toThrow(MalformedBytes);
  });

  it('tells a newer format from damage', () => {
    const bytes = new DeleteBitmap().encode(ROWS, 0n);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    view.setUint16(4, 9, true);
    expect(() => DeleteBitmap.decode(bytes, ROWS)).toThrow('checksum does not match');
    view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
    expect(() => DeleteBitmap.decode(bytes, ROWS)).toThrow(
      expect.objectContaining({
        reason: 'FormatNotSupported',
        fields: { version: 9, supported: 1 },
      }),
    );
  });
});
