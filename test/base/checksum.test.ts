import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blockChecksums, crc32 } from '../../src/base/checksum.ts';

it('is CRC-32 as in zlib, and continues from what came before', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
});

it('is the same for blocks as for each of them, whoever computes it', () => {
  // Long enough for every way of folding, and for an end that is no multiple of any of them.
  const bytes = fc.uint8Array({ maxLength: 2000 });
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 900 }), fc.nat(3), (whole, blockBytes, start) => {
      const part = whole.subarray(start);
      const found = blockChecksums(part, blockBytes);
      expect(found.length).toBe(Math.ceil(part.length / blockBytes));
      for (const [i, checksum] of found.entries()) {
        const block = part.subarray(i * blockBytes, (i + 1) * blockBytes);
        expect(checksum).toBe(crc32(block));
      }
    }),
  );
  const shared = new Uint8Array(new SharedArrayBuffer(200_000)).fill(7);
  const blocks = blockChecksums(shared, 65_536);
  expect(Array.from(blocks)).toEqual(
    [0, 1, 2, 3].map((i) => crc32(shared.subarray(i * 65_536, (i + 1) * 65_536))),
  );
  expect(blockChecksums(new Uint8Array(0), 8).length).toBe(0);
});
