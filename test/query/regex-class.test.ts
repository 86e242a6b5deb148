import { describe, expect, it } from 'vitest';
import {
  classBody,
  isLetterOrDigit,
  readClass,
  readClassEscape,
} from '../../src/query/regex-class.ts';

const points = (text: string): number[] => Array.from(text, (each) => each.codePointAt(0) ?? 0);

describe('classes of regular expressions', () => {
  it('say where they end', () => {
    expect(readClass(points('x[a-c]y'), 1).end).toBe(6);
    expect(readClass(points('[]]'), 0)).toEqual({ body: '\\u{5d}', end: 3 });
    expect(readClassEscape(points('\\x{41}b'), 0)).toEqual({ body: '\\u{41}', point: 65, end: 6 });
    expect(readClassEscape(points('\\dx'), 0)).toEqual({ body: '[0-9]', point: null, end: 2 });
  });

  it('are insides of classes of JavaScript', () => {
    for (const text of ['[^a-z\\s]', '[&&(){}|~-]', '[[:punct:]\\pN]', '[!-~]']) {
      const { body } = readClass(points(text), 0);
      expect(() => new RegExp(`[${body}]`, 'v')).not.toThrow();
    }
    expect(classBody(97, 99)).toBe('\\u{61}-\\u{63}');
  });

  it('tell letters and digits from the rest', () => {
    expect(points('aZ09').every(isLetterOrDigit)).toBe(true);
    expect(points('_.é').some(isLetterOrDigit)).toBe(false);
  });
});
