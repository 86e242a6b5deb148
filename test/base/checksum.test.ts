import { expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';

it('is CRC-32 as in zlib, and continues from what came before', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
});
