import { expect, it } from 'vitest';
import { tileRows } from '../../src/index/distances.ts';

it('covers about as many elements by a tile at any dimension', () => {
  expect(tileRows(2)).toBe(256);
  expect(tileRows(128)).toBe(128);
  expect(tileRows(384)).toBe(42);
  expect(tileRows(32_768)).toBe(4);
});
