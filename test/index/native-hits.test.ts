import { describe, expect, it } from 'vitest';
import { countAllowed, NativeHits } from '../../src/index/native-hits.ts';

/** Two queries, of which the first has one hit more than the second. */
function write(out: Uint32Array, topK: number): number {
  out.set([topK, topK - 1]);
  const count = topK * 2 - 1;
  const scores = new Float32Array(out.buffer, out.byteOffset + (2 + topK * 2) * 4, count);
  for (let i = 0; i < count; i++) {
    out[2 + i] = i * 3;
    scores[i] = i / 2;
  }
  return count;
}

describe('native hits', () => {
  it('are those that were written, and stay when memory is used again', () => {
    const hits = new NativeHits();
    const first = hits.collect({ queryCount: 2, topK: 3 }, (out) => write(out, 3));
    hits.collect({ queryCount: 2, topK: 3 }, (out) => out.fill(7).length * 0);
    expect(Array.from(first.counts)).toEqual([3, 2]);
    expect(Array.from(first.rows)).toEqual([0, 3, 6, 9, 12]);
    expect(Array.from(first.scores)).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  it('may be more than memory is kept for', () => {
    const hits = new NativeHits();
    for (const topK of [100, 40_000, 2]) {
      const { counts, rows, scores } = hits.collect({ queryCount: 2, topK }, (out) =>
        write(out, topK),
      );
      expect(Array.from(counts)).toEqual([topK, topK - 1]);
      expect([rows.length, scores.length]).toEqual([topK * 2 - 1, topK * 2 - 1]);
      expect([rows.at(-1), scores.at(-1)]).toEqual([(topK * 2 - 2) * 3, topK - 1]);
    }
  });
});

it('countAllowed counts no bit behind the rows', () => {
  expect(countAllowed(null, 70)).toBe(70);
  expect(countAllowed(new Uint32Array(3).fill(0xffff_ffff), 70)).toBe(70);
  expect(countAllowed(Uint32Array.of(5, 0, 0xffff_ffc0), 70)).toBe(2);
});
