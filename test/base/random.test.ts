import { expect, it } from 'vitest';
import { randomName, systemRandom } from '../../src/base/random.ts';

it('names are 16 hexadecimal digits of the source', () => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0xab);
  expect(randomName({ bytes })).toBe('ab'.repeat(8));
});

it('the operating system gives as many bytes as asked for, and others each time', () => {
  const first = systemRandom.bytes(16);
  expect(first).toHaveLength(16);
  expect(systemRandom.bytes(16)).not.toEqual(first);
});
