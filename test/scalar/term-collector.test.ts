import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TermCollector } from '../../src/scalar/term-collector.ts';

it('texts have a number each, and ascend by their bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 300 }),
      (list) => {
        const collector = new TermCollector();
        const texts = list.map((text) => Buffer.from(text));
        const numbers = texts.map((text) => collector.add(text, 0, text.length));
        const distinct = [...new Map(texts.map((text) => [text.toString('hex'), text])).values()];
        expect(collector.count).toBe(distinct.length);
        texts.forEach((text, i) => expect(collector.find(text, 0, text.length)).toBe(numbers[i]));
        const { offsets, bytes } = collector.texts(collector.sorted());
        const found = distinct.map((_, i) => Buffer.from(bytes.slice(offsets[i], offsets[i + 1])));
        expect(found).toEqual(distinct.toSorted((a, b) => Buffer.compare(a, b)));
      },
    ),
  );
});

it('many texts, and long ones, find room', () => {
  const collector = new TermCollector();
  for (let i = 0; i < 5000; i++) {
    const text = Buffer.from(`${'x'.repeat(i % 97)}${i}`);
    expect(collector.add(text, 0, text.length)).toBe(i);
  }
  const long = Buffer.alloc(200_000, 'y');
  expect(collector.add(long, 0, long.length)).toBe(5000);
  expect(collector.find(long, 0, long.length)).toBe(5000);
});
