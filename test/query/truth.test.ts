import { describe, expect, it } from 'vitest';
import {
  bothTrue,
  constantTruth,
  eitherTrue,
  negation,
  undecided,
  withValidity,
  wordCount,
} from '../../src/query/truth.ts';
import type { Truth } from '../../src/query/truth.ts';

/** T, F and U of each row, in the order of the letters. */
function truthOf(answers: string): Truth {
  const truth = Uint32Array.of(0);
  const known = Uint32Array.of(0);
  Array.from(answers).forEach((letter, i) => {
    if (letter === 'T') truth[0]! |= 1 << i;
    if (letter !== 'U') known[0]! |= 1 << i;
  });
  return { truth, known: answers.includes('U') ? known : null };
}

function letters({ truth, known }: Truth, count: number): string {
  return Array.from({ length: count }, (_, i) => {
    if (known !== null && ((known[0]! >>> i) & 1) === 0) return 'U';
    return ((truth[0]! >>> i) & 1) === 1 ? 'T' : 'F';
  }).join('');
}

describe('three-valued logic', () => {
  const left = 'TTTFFFUUU';
  const right = 'TFUTFUTFU';

  it('follows the table of Kleene', () => {
    expect(letters(bothTrue(truthOf(left), truthOf(right)), 9)).toBe('TFUFFFUFU');
    expect(letters(eitherTrue(truthOf(left), truthOf(right)), 9)).toBe('TTTTFUTUU');
    expect(letters(negation(truthOf(left)), 9)).toBe('FFFTTTUUU');
  });

  it('follows it where all is known', () => {
    expect(letters(bothTrue(truthOf('TTFF'), truthOf('TFTF')), 4)).toBe('TFFF');
    expect(letters(eitherTrue(truthOf('TTFF'), truthOf('TFTF')), 4)).toBe('TTTF');
    expect(letters(eitherTrue(truthOf('TTFF'), truthOf('UUUF')), 4)).toBe('TTUF');
    expect(letters(bothTrue(truthOf('TTFF'), truthOf('UUUF')), 4)).toBe('UUFF');
    expect(letters(negation(truthOf('TF')), 2)).toBe('FT');
  });

  it('leaves open what the other side may still change', () => {
    expect(undecided('and', truthOf('TFU'), null)[0]! & 7).toBe(0b101);
    expect(undecided('or', truthOf('TFU'), null)[0]! & 7).toBe(0b110);
    expect(undecided('or', truthOf('TFU'), Uint32Array.of(0b010))[0]! & 7).toBe(0b010);
  });

  it('makes null rows unknown', () => {
    expect(letters(withValidity(Uint32Array.of(0b11), Uint32Array.of(0b01)), 2)).toBe('TU');
    expect(letters(withValidity(Uint32Array.of(0b01), null), 2)).toBe('TF');
    expect(letters(constantTruth(true, 2), 2)).toBe('TT');
    expect(letters(constantTruth(false, 2), 2)).toBe('FF');
    expect([wordCount(0), wordCount(1), wordCount(32), wordCount(33)]).toEqual([0, 1, 1, 2]);
  });
});
