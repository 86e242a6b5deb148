import { describe, expect, it } from 'vitest';
import { addToFilter, bandHash, type Filter, mayHave } from '../../src/index/minhash-filter.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe('the hash of a band', () => {
  it('is MurmurHash3, x86 of 32 bits', () => {
    const hash = (bytes: Uint8Array, seed: number): number =>
      bandHash(bytes, 0, bytes.length, seed);
    // Of the published test vectors.
    expect(hash(text(''), 0)).toBe(0);
    expect(hash(text(''), 1)).toBe(0x514e28b7);
    expect(hash(text('test'), 0)).toBe(0xba6bd213);
    expect(hash(text('Hello, world!'), 0)).toBe(0xc0363e43);
    expect(hash(text('The quick brown fox jumps over the lazy dog'), 0x9747b28c)).toBe(0x2fa826cd);
    expect(hash(Uint8Array.of(0x21, 0x43, 0x65, 0x87), 0)).toBe(0xf55b516b);
    expect(hash(Uint8Array.of(0x21, 0x43, 0x65), 0)).toBe(0x7e4a8634);
    expect(hash(Uint8Array.of(0x21), 0)).toBe(0x72661cf4);
  });

  it('is that of the bytes it is told of', () => {
    const bytes = text('..test.');
    expect(bandHash(bytes, 2, 4, 0)).toBe(0xba6bd213);
  });
});

describe('a filter', () => {
  const hashes = (count: number, seed: number): number[] =>
    Array.from({ length: count }, (_, i) => bandHash(text(`${seed} ${i}`), 0, 8, seed));

  function filterOf(blocks: number, bits: number): Filter {
    // The first block is another filter's.
    return { words: new Uint32Array((blocks + 1) * 16), firstWord: 16, blocks, bits };
  }

  it('has what was added, and little besides', () => {
    const count = 20_000;
    // 9.6 bits a hash and 7 of them set: one in a hundred.
    const filter = filterOf(Math.ceil((count * 9.6) / 512), 7);
    for (const hash of hashes(count, 1)) addToFilter(filter, hash);
    expect(hashes(count, 1).every((hash) => mayHave(filter, hash))).toBe(true);
    const wrong = hashes(count, 2).filter((hash) => mayHave(filter, hash)).length;
    expect(wrong / count).toBeLessThan(0.02);
    expect(filter.words.subarray(0, 16).every((word) => word === 0)).toBe(true);
  });

  it('has nothing when it is empty', () => {
    const filter = filterOf(1, 1);
    expect(hashes(100, 3).some((hash) => mayHave(filter, hash))).toBe(false);
  });
});
