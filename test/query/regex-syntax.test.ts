import { describe, expect, it } from 'vitest';
import { readRegex } from '../../src/query/regex-syntax.ts';

describe('readRegex', () => {
  it('makes a tree without groups', () => {
    expect(readRegex('(?:a|(b))')).toEqual({
      kind: 'choice',
      parts: [
        { kind: 'character', point: 97 },
        { kind: 'character', point: 98 },
      ],
    });
    expect(readRegex('a{2,3}?')).toEqual({
      kind: 'repeat',
      node: { kind: 'character', point: 97 },
      least: 2,
      most: 3,
    });
    expect(readRegex('^\\z')).toEqual({
      kind: 'sequence',
      parts: [
        { kind: 'assertion', assertion: 'text start' },
        { kind: 'assertion', assertion: 'text end' },
      ],
    });
    expect(readRegex('')).toEqual({ kind: 'empty' });
  });

  it('lets letters of either case fit only where flags say so', () => {
    expect(readRegex('(?i)a')).toMatchObject({ kind: 'class', ignoreCase: true });
    expect(readRegex('(?i)1')).toMatchObject({ kind: 'class', ignoreCase: true });
    expect(readRegex('(?i).')).toMatchObject({ kind: 'class', ignoreCase: false });
    expect(readRegex('(?i)-')).toEqual({ kind: 'character', point: 45 });
  });
});
