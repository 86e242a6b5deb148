import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coveringGrams, gramVisitor } from '../../src/scalar/grams.ts';

function gramsOf(text: string, min: number, max: number): string[] {
  const bytes = Buffer.from(text);
  const grams: string[] = [];
  const visit = gramVisitor({ min, max }, (all, start, end) => {
    grams.push(Buffer.from(all.subarray(start, end)).toString());
  });
  visit(bytes, 0, bytes.length, 0);
  return grams;
}

it('are all parts of so many characters', () => {
  expect(gramsOf('aé日', 1, 2)).toEqual(['a', 'é', '日', 'aé', 'é日']);
  expect(gramsOf('ab', 3, 4)).toEqual([]);
  expect(gramsOf('', 1, 2)).toEqual([]);
});

it('cover every text that has them inside', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 9 });
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.integer({ min: 1, max: 3 }),
      fc.nat(2),
      (a, b, c, min, more) => {
        const lengths = { min, max: min + more };
        const grams = new Set(gramsOf(a + b + c, lengths.min, lengths.max));
        const covering = coveringGrams(Buffer.from(b), lengths);
        expect(covering.length > 0).toBe([...b].length >= min);
        for (const gram of covering) expect(grams).toContain(Buffer.from(gram).toString());
      },
    ),
  );
});
