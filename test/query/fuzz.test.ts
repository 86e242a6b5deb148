import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { DYNAMIC_SCHEMA, sourceOf } from './columns.ts';

const SEEDS = [
  'i == 1 and not (s like "a%" or j["a"]["b"][0] in [1, 2.5, "x"])',
  '1 < i <= 9 or 9 >= d > .5e1 && !(b == true)',
  'i8 * -3 >= 0x1F + 2 ** 3 and exists dyn["k"] or people[0][age] != 017',
  `tz > ISO '2025-01-01T00:00:00Z' and ai == [1, 2] and as[0] like r'_\\%'`,
  'j["a"] % 2 == 1 and s not in ["\\u4e2d", u8"\\xe4"] and i is not null',
  'text_match(s, "q", minimum_should_match=2) or {x} < i < {y}',
  's =~ "\\d+" and (i & 4) == 4 and random_sample(0.5)',
];
const SCRAPS = [
  ...Array.from('()[]{}"\'\\%_=<>!&|^~+-*/,.$ \n\0é中😀'),
  ...[
    'and',
    'or',
    'not',
    'in',
    'like',
    'is null',
    'exists',
    'true',
    '1',
    '0x',
    '1e',
    'i',
    'j',
    '$meta',
  ],
  ...['ISO', 'INTERVAL', '9223372036854775808', '**', '==', '\ud800', '[0]', '["a"]', 'r"', '{x}'],
];

/** A small generator of numbers, so that a failure can be found again by its seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, pick: (below: number) => number): string {
  let out = text;
  for (let edits = 1 + pick(4); edits > 0; edits--) {
    const at = pick(out.length + 1);
    const scrap = SCRAPS[pick(SCRAPS.length)]!;
    const removed = pick(3) === 0 ? pick(6) : 0;
    out = out.slice(0, at) + (pick(4) === 0 ? '' : scrap) + out.slice(at + removed);
  }
  return out;
}

describe('any text at all', () => {
  const source = sourceOf({
    ...{ id: [1n], b: [true], i8: [1], i16: [1], i32: [1], i: [1n], i2: [1n], f: [1], d: [1] },
    ...{ s: ['a'], s2: ['b'], j: [{ a: 1 }], ai: [[1n]], as: [['a']], af: [[1]], tz: [1n] },
    ...{ tz2: [1n], text: ['t'], 'people[age]': [[1]], $meta: [{ dyn: 1 }] },
  });

  it('is answered or refused with a MilvusError, 200,000 times', { timeout: 120_000 }, () => {
    const pick = numbers(20_250_101);
    let answered = 0;
    for (let n = 0; n < 200_000; n++) {
      let text = '';
      if (n % 4 === 0) for (let i = pick(12); i >= 0; i--) text += SCRAPS[pick(SCRAPS.length)];
      else if (n % 4 === 1)
        for (let i = pick(30); i >= 0; i--) text += String.fromCharCode(pick(256));
      else text = mutate(SEEDS[pick(SEEDS.length)]!, pick);
      try {
        evaluateFilter(compileFilter(text, DYNAMIC_SCHEMA, { x: 1, y: [2] }), source);
        answered++;
      } catch (error) {
        if (!(error instanceof MilvusError))
          throw new Error(JSON.stringify(text), { cause: error });
      }
    }
    expect(answered).toBeGreaterThan(1000);
  });
});
