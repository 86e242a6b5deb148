/**
 * Generated filters asked of the real Milvus 2.3.5, beside ours: those that take some rows and not all, over every
 * operator that it has. What differs is counted by its reason; what has none is printed and ends the run with 1.
 *
 *   npm run campaign:milvus-filters -- --expressions 2000 [--from 1] [--record]
 *
 * Needs the environment `milvus-peer` of bench/README.md, and a network of its own for the server (unshare).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { toJsonText } from '../../src/schema/json-text.ts';
import { commit } from '../result.ts';
import { DYNAMIC_SCHEMA, sourceOf } from '../../test/query/columns.ts';
import type { Value } from '../../test/query/columns.ts';
import { FilterGenerator, generateRow, picker } from '../../test/query/filter-generator.ts';
import type { Pick } from '../../test/query/filter-generator.ts';
import type { Row } from '../../test/query/naive.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'milvus-filters.json');
const ROWS = 200;
/** Filters that one server is asked, and what is told of one that has ended. */
const SERVER_FILTERS = 1000;
const ENDED = /the server has ended|Retry timeout/;
/** Numbers beyond it are no longer exact as doubles. */
const LARGE = 2n ** 53n - 1n;
/** Fields that the collection in peers/milvus_filters.py has. */
const FIELDS = ['i', 'i2', 'i8', 'i32', 'f', 'd', 's', 's2', 'b', 'j', 'ai', 'as', '$meta'];
const DEFAULTS: Readonly<Record<string, Value>> = {
  ...{ i: 0n, i2: 1n, i8: 2n, i32: 3n, f: 0.5, d: 2, s: 'a', s2: 'b', b: false, j: {} },
  ...{ ai: [], as: [] },
};
/** What 2.3.5 has, each as it looks in a filter: every one of them has to agree many times. */
const OPERATORS: Readonly<Record<string, RegExp>> = {
  '==': / == /,
  '!=': / != /,
  '<': / < /,
  '<=': / <= /,
  '>': / > /,
  '>=': / >= /,
  range: /\(?-?\d+ (?:<=?|>=?) [\w[\]"]+ (?:<=?|>=?) -?\d+/,
  in: /(?<!not) in \[/,
  'not in': / not in \[/,
  like: / like "/,
  '+': / \+ /,
  '-': / - /,
  '*': / \* /,
  '/': / \/ /,
  '%': / % /,
  '**': / \*\* /,
  and: / and | && /,
  or: / or | \|\| /,
  not: /\bnot \(|! ?\(/,
  exists: /\bexists /,
  'field to field': /\b(?:i|i2|i8|i32|f|d|s|s2) (?:[<>]=?|[!=]=) (?:i|i2|i8|i32|f|d|s|s2)\b/,
  'key of JSON': /\bj\["/,
  'key of $meta': /\bdyn\b/,
  'element of an array': /\ba[is]\[\d\]/,
  json_contains: /json_contains\(/,
  json_contains_all: /json_contains_all\(/,
  json_contains_any: /json_contains_any\(/,
  array_contains: /array_contains\(/,
  array_contains_all: /array_contains_all\(/,
  array_contains_any: /array_contains_any\(/,
  array_length: /array_length\(/,
};

/** Conditions that the generator for all versions comes to seldom, or not in the form that 2.3.5 takes. */
function condition(pick: Pick): string {
  const one = <T>(choices: readonly T[]): T => choices[pick(choices.length)]!;
  const small = (): string => String(pick(9) - 4);
  const text = (): string => one(['"a"', '"ab"', '"b"', '"ba"', '"中b"']);
  const number = (): string => one(['i', 'i2', 'i8', 'i32']);
  const equality = (): string => one(['==', '!=']);
  const kinds = [
    () =>
      `${number()} ${one(['+', '-', '*', '/', '%'])} ${one(['2', '3'])} ${equality()} ${small()}`,
    () =>
      `${one(['f', 'd'])} ${one(['+', '-', '*', '/'])} 2.0 ${equality()} ${one(['0.0', '1.0', '4.0', '-3.0'])}`,
    () => `j["n"]["x"] ${one(['+', '-', '*'])} 1 ${equality()} ${small()}`,
    () => `ai[0] ${one(['+', '-', '*'])} 2 ${equality()} ${small()}`,
    () => `${one(['f', 'd'])} ${one(['<', '>=', '==', '!='])} 2 ** ${pick(3)}`,
    () => `${number()} ${one(['/', '%'])} ${one(['2', '3'])} ${equality()} ${pick(3)}`,
    () => `array_length(${one(['ai', 'as'])}) ${one(['==', '<', '>='])} ${1 + pick(2)}`,
    () => `${number()} < ${pick(3)} + ${pick(3)}`,
    () => `${one(['s', 's2', 'j["a"]', 'as[0]'])} like "a%"`,
    () => `${one(['json', 'array'])}_contains(ai, ${small()})`,
    () => `${one(['json', 'array'])}_contains(as, ${text()})`,
    () => `${one(['json', 'array'])}_contains_all(ai, [${small()}, ${small()}])`,
    () => `${one(['json', 'array'])}_contains_any(ai, [${small()}, ${small()}])`,
    () => `${one(['json', 'array'])}_contains_any(as, [${text()}, ${text()}])`,
    () => `json_contains(${one(['j["a"]', 'dyn'])}, ${one([small, text])()})`,
    () => `json_contains_all(${one(['j["a"]', 'dyn'])}, [${one([small, text])()}])`,
    () => `json_contains_any(${one(['j["a"]', 'dyn'])}, [${small()}, ${small()}])`,
    () =>
      `array_length(${one(['ai', 'as', 'j["a"]', 'dyn'])}) ${one(['==', '<', '>='])} ${pick(4)}`,
    () =>
      `${number()} ${one(['<', '<=', '==', '>=', '>', '!='])} ${one(['i', 'i2', 'i8', 'i32', 'd'])}`,
    () => `s ${one(['<', '<=', '==', '>=', '>', '!='])} s2`,
    () => `b == ${one(['true', 'false'])}`,
    () => `${number()} ${one(['in', 'not in'])} [${small()}, ${small()}, ${small()}]`,
    () => `s ${one(['in', 'not in'])} [${text()}, ${text()}]`,
    () => `${one(['-3', '-2'])} ${one(['<', '<='])} ${number()} ${one(['<', '<='])} ${pick(4)}`,
    () =>
      `${one(['3', '2'])} ${one(['>', '>='])} ${one(['d', 'ai[1]', 'j["n"]["x"]'])} ${one(['>', '>='])} -1`,
    () => `exists ${one(['j["a"]["k"]', 'j["a"][0]', 'dyn["k"]', 'dyn'])}`,
  ];
  return one(kinds)();
}

/** Half of the filters as they come, half of conditions of 2.3.5. */
function filterText(pick: Pick): string {
  if (pick(2) === 0) return new FilterGenerator(pick).filter(pick(3));
  const parts = Array.from({ length: 1 + pick(3) }, () =>
    pick(6) === 0 ? `not (${condition(pick)})` : `(${condition(pick)})`,
  );
  return parts.join(pick(2) === 0 ? ' and ' : ' or ');
}

/** What 2.3.5 has not, since it came later; nothing is learnt from asking it. */
const LATER = [
  /=~|!~|starts_with|empty\(|is null|is not null|IS NULL|ISO|[&|^] -?\d|\{p\d/,
  /\baf\b|\bi16\b|\btz\b|\bAND\b|\bOR\b|\bNOT\b/,
  // Patterns other than a prefix, and arithmetic that is compared by anything but == and !=.
  / like "(?!a%")|[-+*/%] \S+ [<>]/,
  // The least int64 divided by -1 ends it.
  /[/%] -1\b/,
];

const { values } = parseArgs({
  options: {
    expressions: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

type Answer = { readonly ids: readonly number[] } | { readonly error: string };

function rowsFrom(pick: Pick): Row[] {
  return Array.from({ length: ROWS }, () => {
    const row = generateRow(pick);
    // Fields cannot be null in 2.3.5.
    return Object.fromEntries(FIELDS.map((name) => [name, row[name] ?? DEFAULTS[name] ?? {}]));
  });
}

interface Question {
  readonly text: string;
  readonly ids: readonly number[];
}

function questionsFrom(pick: Pick, rows: readonly Row[], count: number): Question[] {
  const columns: Record<string, Value[]> = {};
  for (const name of FIELDS) columns[name] = rows.map((row) => row[name] ?? null);
  const source = sourceOf(columns);
  const questions: Question[] = [];
  const asked = new Set<string>();
  while (questions.length < count) {
    const text = filterText(pick);
    if (LATER.some((part) => part.test(text))) continue;
    if (asked.has(text)) continue;
    asked.add(text);
    const ids = [...evaluateFilter(compileFilter(text, DYNAMIC_SCHEMA), source).toOffsets()];
    if (ids.length > 0 && ids.length < ROWS) questions.push({ text, ids });
  }
  return questions;
}

function askMilvus(rows: readonly Row[], filters: readonly string[]): Answer[] {
  const directory = mkdtempSync(join(tmpdir(), 'milvus-filters-'));
  try {
    const file = join(directory, 'told.json');
    const plain = rows.map(({ $meta, ...row }) => ({ ...row, ...($meta as object) }));
    writeFileSync(file, toJsonText({ directory, rows: plain, filters }));
    const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
    const python = join(cache, 'milvus-lite', 'milvus-peer', 'bin', 'python');
    const script = join(import.meta.dirname, '..', 'peers', 'milvus_filters.py');
    const root = process.getuid?.() === 0 ? [] : ['--map-root-user'];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [...root, '--net', python, script, file],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    if (status !== 0) throw new Error(`the server ended with ${status}: ${stderr}`);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '[]') as Answer[];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A filter that ends the server takes no other with it: those behind it are asked of the next one. */
function askAll(all: readonly Row[], filters: readonly string[]): Answer[] {
  const found: Answer[] = [];
  while (found.length < filters.length) {
    const some = askMilvus(all, filters.slice(found.length, found.length + SERVER_FILTERS));
    const end = some.findIndex((answer) => 'error' in answer && ENDED.test(answer.error));
    found.push(...(end < 0 ? some : some.slice(0, end + 1)));
  }
  return found;
}

function hasLargeNumber(row: Row | undefined): boolean {
  const numbers = [row?.['i'], row?.['i2'], row?.['ai']].flat() as Value[];
  return numbers.some((value) => typeof value === 'bigint' && (value > LARGE || value < -LARGE));
}

/** Why 2.3.5 answers otherwise; null when nothing explains it. */
function reasonOf({ text, ids }: Question, answer: Answer): string | null {
  if ('error' in answer) return refusalReason(answer.error);
  const differing = [
    ...ids.filter((id) => !answer.ids.includes(id)),
    ...answer.ids.filter((id) => !ids.includes(id)),
  ];
  if (/ [-+*/%] /.test(text) && differing.every((id) => hasLargeNumber(rows[id])))
    return 'its arithmetic wraps around or loses digits';
  if (/array_length\((?:j|dyn)/.test(text)) return 'what is no array of JSON has the length 0';
  if (/!=|\bnot\b|\bNOT\b|!\s*\(|not in/.test(text))
    return 'it has no UNKNOWN: what is absent is unequal';
  if (text.includes('exists')) return 'it lets exist what is null, or holds nothing else';
  if (/9223372036854775807|-?9007199254740\d+|1e300/.test(text))
    return 'its numbers wrap around or lose digits';
  return null;
}

function refusalReason(error: string): string | null {
  const known = [
    [
      'not supported in execution backend',
      'it refuses arithmetic that is not compared by == or !=',
    ],
    ['val_case', 'it refuses lists of several types'],
    ["mismatched input '[]'", 'it cannot read empty lists in calls'],
    ['float_val', 'its powers are floating numbers, which no integer is compared with'],
    ['ParseInt', 'it cannot read the least int64'],
    ['invalid expression', 'it cannot read some ranges'],
    ['type', 'it refuses operands of several types'],
    ['the server has ended', 'it ended the server'],
    ['Retry timeout', 'it ended the server'],
  ] as const;
  const found = known.find(([word]) => error.includes(word));
  return found === undefined ? null : found[1];
}

function difference(question: Question, answer: Answer): string {
  if ('error' in answer) return `${question.text}: Milvus ${answer.error}`;
  const describe = (ids: readonly number[], others: readonly number[]): string => {
    const more = ids.filter((id) => !others.includes(id)).slice(0, 2);
    return more.map((id) => toJsonText(rows[id])).join(' ');
  };
  const ours = describe(question.ids, answer.ids);
  return `${question.text}: only ours ${ours}, only Milvus ${describe(answer.ids, question.ids)}`;
}

const pick = picker(Number(values.from));
const rows = rowsFrom(pick);
const questions = questionsFrom(pick, rows, Number(values.expressions));
const answers = askAll(
  rows,
  questions.map(({ text }) => text),
);
let same = 0;
const operators: Record<string, number> = {};
const reasons: Record<string, number> = {};
const unexplained: string[] = [];
for (const [at, question] of questions.entries()) {
  const answer = answers[at]!;
  if ('ids' in answer && answer.ids.join() === question.ids.join()) {
    same++;
    for (const [name, pattern] of Object.entries(OPERATORS)) {
      operators[name] = (operators[name] ?? 0) + Number(pattern.test(question.text));
    }
    continue;
  }
  const reason = reasonOf(question, answer);
  if (reason !== null) reasons[reason] = (reasons[reason] ?? 0) + 1;
  else unexplained.push(difference(question, answer));
}
for (const each of unexplained) console.error(each);
console.log({ asked: questions.length, same, operators, reasons, unexplained: unexplained.length });
if (values.record) {
  const run = { date: new Date().toISOString(), commit: commit(), firstSeed: Number(values.from) };
  const found = { asked: questions.length, same, operators, reasons, unexplained };
  writeFileSync(
    RESULT,
    `${JSON.stringify({ name: 'filters of Milvus 2.3.5', ...run, ...found }, null, 2)}\n`,
  );
}
if (unexplained.length > 0) process.exitCode = 1;
