import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import type { Column } from '../../src/schema/column.ts';
import { hasZone, keysInZone, ZoneBuilder } from '../../src/segments/zone-map.ts';
import { randomColumn } from '../schema/arbitraries.ts';
import { field, intKeys, keyColumn, textKeys } from './world.ts';

function zoneOf(...pieces: Column[]) {
  const builder = new ZoneBuilder();
  for (const piece of pieces) builder.add(piece);
  return builder.zone();
}

const numbers = (type: DataType, values: number[], valid = 0xff): Column => ({
  kind: 'fixed',
  type,
  values: Float64Array.from(values),
  validity: valid === 0xff ? null : Uint32Array.of(valid),
});

describe('zones', () => {
  it('bound numbers over all pieces and leave nulls out', () => {
    expect(
      zoneOf(numbers(DataType.Double, [3, -1, 99], 0b011), numbers(DataType.Double, [5])),
    ).toEqual({
      min: -1,
      max: 5,
      nullCount: 1,
      rowCount: 4,
    });
    expect(zoneOf(keyColumn(intKeys(7, -2)))).toEqual({
      min: -2n,
      max: 7n,
      nullCount: 0,
      rowCount: 2,
    });
  });

  it('have no bounds where all is null, or there is no order', () => {
    expect(zoneOf(numbers(DataType.Float, [1, 2], 0))).toEqual({ nullCount: 2, rowCount: 2 });
    expect(zoneOf(numbers(DataType.Double, [1, Number.NaN]))).toEqual({
      nullCount: 0,
      rowCount: 2,
    });
    for (const shape of [
      { type: DataType.Bool },
      { type: DataType.JSON },
      { type: DataType.Geometry },
      { type: DataType.Array, elementType: DataType.Int8 },
    ]) {
      expect(Object.keys(zoneOf(randomColumn(shape, 9, 1)))).toEqual(['nullCount', 'rowCount']);
    }
  });

  it('are kept for scalar fields only', () => {
    expect(hasZone(field(1, DataType.JSON))).toBe(true);
    expect(hasZone(field(1, DataType.SparseFloatVector))).toBe(false);
  });

  it('bound texts by their bytes and keep bounds short', () => {
    expect(zoneOf(keyColumn(textKeys('b', '', 'ä')))).toMatchObject({ min: '', max: 'ä' });
    const long = 'x'.repeat(500);
    const zone = zoneOf(keyColumn(textKeys(long)));
    expect(zone.min).toBe('x'.repeat(64));
    expect(zone.max).toBe(`${'x'.repeat(63)}y`);
    expect(zoneOf(keyColumn(textKeys('\u{10ffff}'.repeat(65))))).not.toHaveProperty('max');
    expect(zoneOf(keyColumn(textKeys('\ud7ff'.repeat(65)))).max).toBe(
      `${'\ud7ff'.repeat(63)}\ue000`,
    );
  });

  it('hold every text that they were made of', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90, minLength: 55 }),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        // Half a pair of surrogates is no text.
        const clean = texts.map((each) => Buffer.from(each).toString());
        const { min, max } = zoneOf(keyColumn(textKeys(...clean)));
        for (const each of clean) {
          const bytes = Buffer.from(each);
          if (typeof min === 'string')
            expect(Buffer.compare(Buffer.from(min), bytes)).toBeLessThanOrEqual(0);
          if (typeof max === 'string')
            expect(Buffer.compare(Buffer.from(max), bytes)).toBeGreaterThanOrEqual(0);
        }
        expect(keysInZone(zoneOf(keyColumn(textKeys(...clean))), textKeys(...clean))).toEqual(
          textKeys(...clean),
        );
      }),
    );
  });

  it('leave only keys that may be there', () => {
    const zone = zoneOf(keyColumn(intKeys(5, 9)));
    expect(keysInZone(zone, intKeys(4, 5, 7, 10))).toEqual(intKeys(5, 7));
    expect(keysInZone(undefined, intKeys(4))).toEqual(intKeys(4));
    const texts = zoneOf(keyColumn(textKeys('b', 'd')));
    expect(keysInZone(texts, textKeys('a', 'c', 'd', 'da'))).toEqual(textKeys('c', 'd'));
  });
});
