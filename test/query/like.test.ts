import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LikeMatcher,
  exactText,
  isPatternComplete,
  isPrefixPattern,
  literalPrefix,
} from '../../src/query/like.ts';

function like(text: string, pattern: string): boolean {
  const bytes = Buffer.from(`<${text}>`);
  return new LikeMatcher(pattern).matches(new Uint8Array(bytes), 1, bytes.length - 1);
}

/** The obvious exponential matcher. */
function naive(text: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === '%') return naive(text, rest) || (text.length > 0 && naive(text.slice(1), pattern));
  if (text.length === 0) return false;
  if (head === '_') return naive(text.slice(1), rest);
  const wanted = head === '\\' ? rest[0] : head;
  return text[0] === wanted && naive(text.slice(1), head === '\\' ? rest.slice(1) : rest);
}

describe('LikeMatcher', () => {
  it('agrees with trying every split', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '中', '😀', '%', '\\'),
      maxLength: 9,
    });
    const atom = fc.constantFrom('a', 'b', '中', '😀', '%', '_', '\\%', '\\_', '\\a', '\\\\');
    fc.assert(
      fc.property(text, fc.array(atom, { maxLength: 7 }), (given, atoms) => {
        const pattern = atoms.join('');
        expect(like(given, pattern), `${given} like ${pattern}`).toBe(
          naive([...given], [...pattern]),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('finds a part wherever it stands, however it repeats itself', () => {
    const word = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength });
    fc.assert(
      fc.property(word(40), word(7), (text, part) => {
        expect(like(text, `%${part}%`)).toBe(text.includes(part));
        const dotted = part.replaceAll('b', '_');
        expect(like(text, `%${dotted}%`)).toBe(new RegExp(part.replaceAll('b', '.')).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a run of % for one', () => {
    expect(like('abc', `%%${'%'.repeat(60_000)}b%%%c%%`)).toBe(true);
    expect(like('', '%%%')).toBe(true);
    expect(like('ab', '%%a%%a%%')).toBe(false);
    expect(isPrefixPattern('a%%%')).toBe(true);
  });

  it('looks at no text that is shorter than the parts together', () => {
    expect(like('abcd', 'a%b_%c%d')).toBe(false);
    expect(like('abxcd', 'a%b_%c%d')).toBe(true);
  });

  it('counts characters, not bytes', () => {
    expect(like('中', '_')).toBe(true);
    expect(like('😀', '_')).toBe(true);
    expect(like('é', '__')).toBe(false);
    expect(like('a中b', 'a_b')).toBe(true);
    expect(like('line\nbreak', 'line_break')).toBe(true);
  });

  it('finds parts longer than one machine word', () => {
    const part = `${'x'.repeat(50)}_${'y'.repeat(50)}`;
    expect(like(`aa${'x'.repeat(60)}z${'y'.repeat(55)}`, `%${part}%`)).toBe(true);
    expect(like(`aa${'x'.repeat(49)}z${'y'.repeat(55)}`, `%${part}%`)).toBe(false);
  });

  it('takes steps in proportion to the text, also where a part nearly fits everywhere', () => {
    const text = 'a'.repeat(200_000);
    expect(like(text, `%${'a'.repeat(20_000)}b%`)).toBe(false);
    expect(like(text, '%a%a%a%a%a%a%a%a%a%a%a%a%b')).toBe(false);
    expect(like(text.slice(0, 20_000), `%${'a_'.repeat(1000)}b%`)).toBe(false);
  });
});

describe('patterns', () => {
  it('without wildcards are texts', () => {
    expect(exactText('abc')).toBe('abc');
    expect(exactText(String.raw`a\%\_\\\b`)).toBe('a%_\\b');
    expect(exactText('a%')).toBeNull();
    expect(exactText('a_')).toBeNull();
    expect(exactText('')).toBe('');
  });

  it('begin with what every match begins with', () => {
    expect(literalPrefix('ab%c')).toBe('ab');
    expect(literalPrefix('a_c')).toBe('a');
    expect(literalPrefix(String.raw`\%a%`)).toBe('%a');
    expect(literalPrefix('%a')).toBe('');
  });

  it('are not complete with a backslash at the end', () => {
    expect(isPatternComplete('a\\')).toBe(false);
    expect(isPatternComplete('a\\\\')).toBe(true);
    expect(isPatternComplete('')).toBe(true);
  });
});
