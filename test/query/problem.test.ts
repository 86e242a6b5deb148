import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import {
  FilterProblem,
  excerpt,
  filterError,
  nearestName,
  syntaxProblem,
} from '../../src/query/problem.ts';

describe('filterError', () => {
  it('marks the token below the text', () => {
    const error = filterError(
      new FilterProblem('field colour not exist', 7),
      'a > 1, colour',
      true,
    );
    expect(error).toBeInstanceOf(MilvusError);
    expect(error.code).toBe(1100);
    expect(error.message).toBe(
      [
        'cannot parse expression: a > 1, colour: field colour not exist: invalid parameter',
        '  a > 1, colour',
        '         ^^^^^^',
      ].join('\n'),
    );
  });

  it('shows only the line and the part of it where the token stands', () => {
    const text = `x == 1 and\n${'y'.repeat(500)} == ? and z`;
    const { message } = filterError(syntaxProblem(text, 515, 'bad'), text, true);
    expect(message).toContain('line 2:504 bad');
    const [marked, mark] = message.split('\n').slice(-2);
    expect(marked!.length).toBeLessThan(110);
    expect(marked![mark!.indexOf('^')]).toBe('?');
  });

  it('leaves the mark away when the place is not known', () => {
    const error = filterError(new FilterProblem('x', 3), 'abcdef', false);
    expect(error.message).not.toContain('\n');
  });

  it('shortens a long filter', () => {
    expect(excerpt('a'.repeat(10_000)).length).toBeLessThan(600);
    expect(
      filterError(new FilterProblem('x', -1), 'a'.repeat(1e6), true).message.length,
    ).toBeLessThan(700);
  });

  it('keeps the mark inside the text at its end', () => {
    const error = filterError(new FilterProblem('x', 4), 'a ==', true);
    expect(error.message.endsWith('\n      ^')).toBe(true);
  });
});

describe('nearestName', () => {
  it('finds the name that was meant', () => {
    expect(nearestName('colour', ['id', 'color', 'size'])).toBe(', did you mean color?');
    expect(nearestName('ID', ['id', 'idx'])).toBe(', did you mean id?');
    expect(nearestName('szie', ['size'])).toBe(', did you mean size?');
  });

  it('says nothing when no name is near', () => {
    expect(nearestName('apple', ['id', 'color'])).toBe('');
    expect(nearestName('x', ['yy'])).toBe('');
  });
});
