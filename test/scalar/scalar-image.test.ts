import { expect, it } from 'vitest';
import { ScalarImage, writeImage } from '../../src/scalar/scalar-image.ts';

const SHAPE = {
  structure: 'NGRAM',
  terms: 'texts',
  rowCount: 40,
  termCount: 3,
  minGram: 2,
  maxGram: 4,
} as const;

const image = (): Uint8Array =>
  writeImage(SHAPE, { known: Uint32Array.of(1, 2), texts: Uint8Array.of(7, 8, 9), open: null });

it('gives back what was written, each section at a page of its own', () => {
  const bytes = image();
  const opened = new ScalarImage(bytes);
  expect(opened.shape).toEqual(SHAPE);
  expect([...opened.bitmap('known')!]).toEqual([1, 2]);
  expect([...opened.mustSection('texts')]).toEqual([7, 8, 9]);
  expect(opened.section('open')).toBeNull();
  expect(opened.words('rows')).toBeNull();
  expect(opened.mustSection('texts').byteOffset % 4096).toBe(0);
  expect(bytes.byteLength).toBe(8192 + 3);
});

it('refuses what it cannot be', () => {
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = image();
    bytes[at] = value;
    return bytes;
  };
  const refused = (bytes: Uint8Array): unknown => {
    try {
      return new ScalarImage(bytes);
    } catch (failure) {
      return failure;
    }
  };
  expect(refused(new Uint8Array(10))).toMatchObject({ reason: 'DataIntegrity' });
  expect(refused(changed(0, 0))).toMatchObject({ reason: 'DataIntegrity' });
  expect(refused(changed(8, 2))).toMatchObject({ reason: 'FormatNotSupported' });
  expect(refused(changed(8, 0))).toMatchObject({ reason: 'DataIntegrity' });
  expect(refused(changed(12, 99))).toMatchObject({ reason: 'DataIntegrity' });
  expect(refused(changed(16, 0))).toMatchObject({ reason: 'DataIntegrity' });
  expect(refused(image().slice(0, 8192))).toMatchObject({ reason: 'DataIntegrity' });
});

it('refuses sections that lie elsewhere or have another length', () => {
  const bytes = image();
  const table = new DataView(bytes.buffer);
  table.setBigUint64(64, 4097n, true);
  expect(() => new ScalarImage(bytes).section('known')).toThrow('lies elsewhere');
  table.setBigUint64(64, 4096n, true);
  table.setBigUint64(72, 1n << 40n, true);
  expect(() => new ScalarImage(bytes).section('known')).toThrow('lies elsewhere');
  table.setBigUint64(72, 4n, true);
  expect(() => new ScalarImage(bytes).bitmap('known')).toThrow('another length');
  expect(() => new ScalarImage(bytes).mustWords('rows')).toThrow('is not there');
  expect(() => new ScalarImage(bytes).mustSection('nodes')).toThrow('is not there');
});
