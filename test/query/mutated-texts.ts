/** Texts that nobody meant: random ones, and filters with random edits. Each is answered or refused. */
import { MilvusError } from '../../src/base/errors.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { DYNAMIC_SCHEMA, sourceOf } from './columns.ts';
import { picker } from './filter-generator.ts';
import type { Pick } from './filter-generator.ts';

const SEEDS = [
  'i == 1 and not (s like "a%" or j["a"]["b"][0] in [1, 2.5, "x"])',
  '1 < i <= 9 or 9 >= d > .5e1 && !(b == true)',
  'i8 * -3 >= 0x1F + 2 ** 3 and exists dyn["k"] or people[0][age] != 017',
  `tz > ISO '2025-01-01T00:00:00Z' and ai == [1, 2] and as[0] like r'_\\%'`,
  'j["a"] % 2 == 1 and s not in ["\\u4e2d", u8"\\xe4"] and i is not null',
  'text_match(s, "q", minimum_should_match=2) or {x} < i < {y}',
  's =~ "\\d+" and (i & 4) == 4 and random_sample(0.5)',
  's =~ r"^(?i)[a-z\\pL]{2,9}\\b|(?P<n>x+?)$" or as[0] !~ "a.*\\x{41}[[:alpha:]]"',
  'json_contains_any(j["a"], [1, [2, "x"], true]) or array_contains_all(ai, {y})',
  'array_length(j["a"]) >= 2 and not empty(s) or starts_with(s, "ab")',
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

function mutate(text: string, pick: Pick): string {
  let out = text;
  for (let edits = 1 + pick(4); edits > 0; edits--) {
    const at = pick(out.length + 1);
    const scrap = SCRAPS[pick(SCRAPS.length)]!;
    const removed = pick(3) === 0 ? pick(6) : 0;
    out = out.slice(0, at) + (pick(4) === 0 ? '' : scrap) + out.slice(at + removed);
  }
  return out;
}

const source = sourceOf({
  ...{ id: [1n], b: [true], i8: [1], i16: [1], i32: [1], i: [1n], i2: [1n], f: [1], d: [1] },
  ...{ s: ['a'], s2: ['b'], j: [{ a: 1 }], ai: [[1n]], as: [['a']], af: [[1]], tz: [1n] },
  ...{ tz2: [1n], text: ['t'], 'people[age]': [[1]], $meta: [{ dyn: 1 }] },
});

/** Milliseconds above which a text is tried again. */
const SLOW_MS = 1;

export interface Trial {
  readonly answered: number;
  /** Texts that ended in anything but an answer or a MilvusError. */
  readonly failures: readonly string[];
  /** Milliseconds and text of the slowest. */
  readonly slowest: { readonly ms: number; readonly text: string };
}

export function tryTexts(seed: number, count: number): Trial {
  const pick = picker(seed);
  let answered = 0;
  const failures: string[] = [];
  let slowest = { ms: 0, text: '' };
  for (let n = 0; n < count; n++) {
    const text = makeText(n % 4, pick);
    const { failure, ...first } = tryText(text);
    if (failure === null) answered++;
    else if (!(failure instanceof MilvusError)) {
      failures.push(`${JSON.stringify(text)}: ${String(failure)}`);
    }
    // What else the machine does may hold any text up, but not the same one time and again.
    const again = first.ms < SLOW_MS ? [] : [text, text, text, text];
    const ms = Math.min(first.ms, ...again.map((each) => tryText(each).ms));
    if (ms > slowest.ms) slowest = { ms, text };
  }
  return { answered, failures, slowest };
}

function tryText(text: string): { readonly ms: number; readonly failure: unknown } {
  const startMs = performance.now();
  let failure: unknown = null;
  try {
    evaluateFilter(compileFilter(text, DYNAMIC_SCHEMA, { x: 1, y: [2] }), source);
  } catch (error) {
    failure = error;
  }
  return { ms: performance.now() - startMs, failure };
}

function makeText(kind: number, pick: Pick): string {
  if (kind > 1) return mutate(SEEDS[pick(SEEDS.length)]!, pick);
  let text = '';
  if (kind === 0) for (let i = pick(12); i >= 0; i--) text += SCRAPS[pick(SCRAPS.length)];
  else for (let i = pick(30); i >= 0; i--) text += String.fromCharCode(pick(256));
  return text;
}
