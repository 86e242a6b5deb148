import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatTable,
  wrapText,
} from '../../src/cli/format.ts';

describe('format', () => {
  it('writes bytes in the unit that suits them', () => {
    expect([0, 1023, 1536, 10 * 1024 * 1024, 3 * 1024 ** 4].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '10.0 MiB',
      '3.0 TiB',
    ]);
  });

  it('writes durations and counts', () => {
    expect([0.4213, 12.3, 1530].map(formatDuration)).toEqual(['0.42 ms', '12 ms', '1.53 s']);
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });

  it('aligns figures right and words left', () => {
    expect(
      formatTable(
        ['name', 'rows'],
        [
          ['a', 5],
          ['longer', 12_345],
        ],
      ),
    ).toEqual(['name      rows', 'a            5', 'longer  12,345']);
  });

  it('wraps text between words', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('unbreakable', 4)).toEqual(['unbreakable']);
  });
});
