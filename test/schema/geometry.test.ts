import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { wkbToWkt, wktToWkb } from '../../src/schema/geometry.ts';

const again = (text: string): string => wkbToWkt(wktToWkb(text));

const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => ({ value, text: String(value) }));
const point = (stride: number): fc.Arbitrary<string> =>
  fc
    .array(number, { minLength: stride, maxLength: stride })
    .map((n) => n.map((x) => x.text).join(' '));
const points = (stride: number, minLength: number): fc.Arbitrary<string> =>
  fc.array(point(stride), { minLength, maxLength: 5 }).map((list) => list.join(', '));
const ring = (stride: number): fc.Arbitrary<string> =>
  fc
    .array(point(stride), { minLength: 3, maxLength: 5 })
    .map((list) => `(${[...list, list[0]!].join(', ')})`);
const listOf = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((list) => `(${list.join(', ')})`);

/** Geometries without the layout word, to be put between name and body. */
const bodies = (stride: number): [string, fc.Arbitrary<string>][] => [
  ['POINT', point(stride).map((text) => `(${text})`)],
  ['LINESTRING', points(stride, 2).map((text) => `(${text})`)],
  ['POLYGON', listOf(ring(stride))],
  ['MULTIPOINT', points(stride, 1).map((text) => `(${text})`)],
  ['MULTILINESTRING', listOf(points(stride, 2).map((text) => `(${text})`))],
  ['MULTIPOLYGON', listOf(listOf(ring(stride)))],
];

const geometry: fc.Arbitrary<string> = fc
  .constantFrom(['', 2] as const, [' Z', 3] as const, [' M', 3] as const, [' ZM', 4] as const)
  .chain(([word, stride]) => {
    const simple = fc.oneof(
      ...bodies(stride).map(([name, body]) => body.map((text) => `${name}${word} ${text}`)),
      ...bodies(stride).map(([name]) => fc.constant(`${name}${word} EMPTY`)),
    );
    const collection = listOf(simple).map((text) => `GEOMETRYCOLLECTION${word} ${text}`);
    return fc.oneof(simple, collection);
  });

describe('WKT and WKB', () => {
  it('round-trip every geometry', () => {
    fc.assert(
      fc.property(geometry, (text) => {
        const bytes = wktToWkb(text);
        const written = wkbToWkt(bytes);
        expect(wktToWkb(written)).toEqual(bytes);
        expect(wkbToWkt(wktToWkb(written))).toBe(written);
      }),
      { numRuns: 300 },
    );
  });

  it('writes text as Milvus does', () => {
    expect(again('point(30.0 10)')).toBe('POINT (30 10)');
    expect(again('POINT EMPTY')).toBe('POINT EMPTY');
    expect(again('POINT Z (1 2 3)')).toBe('POINT Z (1 2 3)');
    expect(again('POINTM(1 2 3)')).toBe('POINT M (1 2 3)');
    expect(again('POINT (1 2 3 4)')).toBe('POINT ZM (1 2 3 4)');
    expect(again('LINESTRING(0 0,1 1 , 2 1)')).toBe('LINESTRING (0 0, 1 1, 2 1)');
    expect(again('POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))')).toBe(
      'POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))',
    );
    expect(again('MULTIPOINT((1 2),(3 4))')).toBe('MULTIPOINT (1 2, 3 4)');
    expect(again('MULTIPOINT(1 2, EMPTY, 3 4)')).toBe('MULTIPOINT (1 2, EMPTY, 3 4)');
    expect(again('MULTILINESTRING((1 2,3 4),EMPTY)')).toBe('MULTILINESTRING ((1 2, 3 4), EMPTY)');
    expect(again('GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION EMPTY)')).toBe(
      'GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION EMPTY)',
    );
  });

  it('writes numbers without an exponent', () => {
    expect(again('POINT (1e21 -1e-7)')).toBe('POINT (1000000000000000000000 -0.0000001)');
    expect(again('POINT (1.25e+22 -0)')).toBe('POINT (12500000000000000000000 -0)');
    expect(again('POINT (.5 1.)')).toBe('POINT (0.5 1)');
  });

  it('writes little-endian ISO bytes', () => {
    expect(Buffer.from(wktToWkb('POINT (1 2)')).toString('hex')).toBe(
      '0101000000000000000000f03f0000000000000040',
    );
    expect(new DataView(wktToWkb('LINESTRING Z (1 2 3, 4 5 6)').buffer).getUint32(1, true)).toBe(
      1002,
    );
  });

  it.each([
    ['', 'a geometry type expected'],
    ['CIRCLE (1 2)', 'a geometry type expected at position 0'],
    ['POINT (1)', 'a coordinate expected'],
    ['POINT 1 2', '"(" expected'],
    ['POINT (1 2', '")" expected'],
    ['POINT (1 2) x', 'the end expected'],
    ['POINT (1.5.3 2)', 'syntax error'],
    ['POINT (1 2e400)', 'out of range'],
    ['POINT (1 2 3 4 5)', 'mixed dimensions'],
    ['POINT Z (1 2)', 'mixed dimensions'],
    ['LINESTRING (1 2)', 'less than 2 points'],
    ['LINESTRING (1 2, 3 4 5)', 'mixed dimensions'],
    ['POLYGON ((0 0, 1 1, 0 0))', 'less than 4 points'],
    ['POLYGON ((0 0, 1 1, 1 0, 2 2))', 'not closed'],
    ['POINT (NaN 1)', 'a coordinate expected'],
    ['GEOMETRYCOLLECTION (POINT (1 2), POINT Z (1 2 3))', 'mixed dimensions'],
  ])('refuses %j', (text, reason) => {
    expect(() => wktToWkb(text)).toThrow(
      /invalid Geometry data, transform to wkb failed: .*: invalid parameter/,
    );
    expect(() => wktToWkb(text)).toThrow(reason);
  });

  it('refuses collections that nest too deep, in text and in bytes', () => {
    const nested = (depth: number): string =>
      `${'GEOMETRYCOLLECTION ('.repeat(depth)}POINT (1 2)${')'.repeat(depth)}`;
    expect(again(nested(32))).toBe(nested(32));
    expect(() => wktToWkb(nested(33))).toThrow('deeper than 32');
    expect(() => wktToWkb('GEOMETRYCOLLECTION('.repeat(100_000))).toThrow('deeper than 32');
  });

  it('survives any bytes: text or MalformedBytes', () => {
    fc.assert(
      fc.property(geometry, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }))), (text, edits) => {
        const bytes = wktToWkb(text);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        try {
          expect(typeof wkbToWkt(bytes)).toBe('string');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MalformedBytes);
        }
      }),
    );
    expect(() => wkbToWkt(new Uint8Array(3))).toThrow(MalformedBytes);
    expect(() => wkbToWkt(Buffer.concat([wktToWkb('POINT (1 2)'), Buffer.alloc(1)]))).toThrow(
      'behind',
    );
  });
});
