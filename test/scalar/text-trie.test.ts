import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ScalarImage, writeImage } from '../../src/scalar/scalar-image.ts';
import { openTrie, writeTrie } from '../../src/scalar/text-trie.ts';

function trieOf(texts: readonly Buffer[], change: (nodes: Uint8Array) => void = () => undefined) {
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => (offsets[i + 1] = offsets[i]! + text.length));
  const bytes = new Uint8Array(Buffer.concat(texts));
  const nodes = writeTrie({ kind: 'texts', offsets, bytes });
  change(nodes);
  const shape = {
    structure: 'TRIE',
    terms: 'texts',
    rowCount: 1,
    termCount: texts.length,
  } as const;
  return openTrie(new ScalarImage(writeImage({ ...shape, minGram: 0, maxGram: 0 }, { nodes })));
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '日'), maxLength: 7 });
const texts = fc
  .uniqueArray(text, { minLength: 1, maxLength: 60 })
  .map((list) => list.map((one) => Buffer.from(one)).toSorted((a, b) => Buffer.compare(a, b)));

it('finds how many texts come before any other', () => {
  fc.assert(
    fc.property(texts, text, (list, one) => {
      const key = Buffer.from(one);
      const trie = trieOf(list);
      expect(trie.rank(key, false)).toBe(
        list.filter((each) => Buffer.compare(each, key) < 0).length,
      );
      expect(trie.rank(key, true)).toBe(
        list.filter((each) => Buffer.compare(each, key) <= 0).length,
      );
    }),
    { numRuns: 500 },
  );
});

it('texts that each begin with the one before are no deeper than the stack', () => {
  const list = Array.from({ length: 5000 }, (_, i) => Buffer.alloc(i, 'a'));
  const trie = trieOf(list);
  expect(trie.rank(Buffer.alloc(4321, 'a'), false)).toBe(4321);
  expect(trie.rank(Buffer.from('b'), false)).toBe(5000);
});

it('a damaged one answers something, in the end', () => {
  const list = ['', 'a', 'ab', 'abc', 'b', 'ba', 'c'].map((one) => Buffer.from(one));
  fc.assert(
    fc.property(fc.nat(200), fc.nat(255), text, (at, byte, key) => {
      try {
        const trie = trieOf(list, (nodes) => {
          nodes[at % nodes.length] = byte;
        });
        const rank = trie.rank(Buffer.from(key), true);
        expect(rank).toBeGreaterThanOrEqual(0);
        expect(rank).toBeLessThanOrEqual(list.length + 1);
      } catch (failure) {
        expect(failure).toMatchObject({ reason: 'DataIntegrity' });
      }
    }),
    { numRuns: 1000 },
  );
});
