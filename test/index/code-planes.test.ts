import { expect, it } from 'vitest';
import { packPlanes, planeByteLength, unpackPlanes } from '../../src/index/code-planes.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

it('planes of any number of bits give back what they were made of', () => {
  for (let bits = 1; bits <= 9; bits++) {
    for (const dim of [1, 2, 63, 64, 65, 384]) {
      const random = numbersFrom(bits * 1000 + dim);
      const values = Uint16Array.from({ length: dim }, () => Math.floor(random() * 2 ** bits));
      const bytes = new Uint8Array(3 + planeByteLength(bits, dim));
      packPlanes(values, bits, bytes, 3);
      const out = new Uint16Array(dim).fill(0xffff);
      unpackPlanes(bytes, 3, bits, out);
      expect(out).toEqual(values);
      expect(bytes.subarray(0, 3)).toEqual(new Uint8Array(3));
    }
  }
});

it('a plane lies as it is described', () => {
  const values = Uint16Array.from({ length: 64 }, (_, i) => i % 16);
  const bytes = new Uint8Array(planeByteLength(4, 64));
  packPlanes(values, 4, bytes, 0);
  expect(bytes).toHaveLength(32);
  expect(bytes[1]).toBe(0x11);
  expect(bytes[31]).toBe(0xff);
  const bits = new Uint8Array(planeByteLength(1, 64));
  packPlanes(
    values.map((value) => value & 1),
    1,
    bits,
    0,
  );
  expect(bits).toEqual(new Uint8Array(8).fill(0xaa));
});
