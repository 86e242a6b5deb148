import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { hashInt64, hashText, partitionOf, shardOf } from '../../src/schema/partition-hash.ts';
import type { Column } from '../../src/schema/column.ts';

/** MurmurHash3 x86 32-bit by the book, for keys of any length. */
function murmur3(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scramble = (word: number): number => {
    const first = Math.imul(word, 0xcc9e2d51);
    return Math.imul((first << 15) | (first >>> 17), 0x1b873593);
  };
  let hash = seed;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(view.getUint32(at, true));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at]!;
  hash ^= scramble(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function int64Column(values: readonly bigint[]): Column {
  return { kind: 'fixed', type: 5, values: BigInt64Array.from(values), validity: null };
}

function textColumn(texts: readonly string[]): Column {
  const parts = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  return { kind: 'bytes', type: 21, offsets, bytes: Buffer.concat(parts), validity: null };
}

describe('partition hash', () => {
  it('has a reference that knows the published answers of murmur3_32', () => {
    const utf8 = (text: string): Uint8Array => Buffer.from(text);
    expect(murmur3(utf8(''), 0)).toBe(0);
    expect(murmur3(utf8(''), 1)).toBe(0x514e28b7);
    expect(murmur3(Uint8Array.of(0x21, 0x43, 0x65, 0x87), 0)).toBe(0xf55b516b);
    expect(murmur3(Uint8Array.of(0, 0, 0, 0), 0)).toBe(0x2362f9de);
    expect(murmur3(utf8('test'), 0)).toBe(0xba6bd213);
    expect(murmur3(utf8('Hello, world!'), 0)).toBe(0xc0363e43);
    expect(murmur3(utf8('The quick brown fox jumps over the lazy dog'), 0)).toBe(0x2e4ff723);
  });

  it('is murmur3_32 of the eight little-endian bytes of an int64, without the sign bit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (key) => {
        const bytes = new Uint8Array(BigInt64Array.of(key).buffer);
        expect(hashInt64(key)).toBe(murmur3(bytes, 0) & 0x7fffffff);
      }),
    );
  });

  it('is the CRC-32 of the first 100 bytes of text, even in the middle of a character', () => {
    expect(hashText('123456789')).toBe(0xcbf43926);
    const long = `${'a'.repeat(99)}é`;
    expect(hashText(long)).toBe(crc32(Buffer.from(long).subarray(0, 100)));
    expect(hashText(`${'a'.repeat(100)}b`)).toBe(hashText(`${'a'.repeat(100)}c`));
  });

  it('gives each row of a column the bucket of its key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.array(fc.string({ maxLength: 130 })),
        fc.integer({ min: 1, max: 1024 }),
        (integers, texts, count) => {
          expect(Array.from(shardOf(int64Column(integers), count))).toEqual(
            integers.map((key) => hashInt64(key) % count),
          );
          expect(Array.from(partitionOf(textColumn(texts), count))).toEqual(
            texts.map((key) => hashText(key) % count),
          );
        },
      ),
    );
  });

  it('refuses columns that hold no keys', () => {
    const doubles: Column = {
      kind: 'fixed',
      type: 11,
      values: new Float64Array(1),
      validity: null,
    };
    expect(() => shardOf(doubles, 2)).toThrow('int64 or text');
    expect(() => shardOf(int64Column([1n]), 0)).toThrow('buckets');
  });
});
