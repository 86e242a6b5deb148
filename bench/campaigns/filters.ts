/**
 * Filters in great number: generated ones against a plain evaluation of each row, and texts that nobody meant,
 * each of which is to be answered or refused within TEXT_MS_MAX.
 *
 *   npm run campaign:filters -- --expressions 200000 --texts 100000 [--from 1] [--record]
 *
 * `--record` adds the run to bench/results/filter-campaign.json. Every difference is printed with its seed;
 * the exit code says whether there was one.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit } from '../result.ts';
import { compareFilters } from '../../test/query/generated-filters.ts';
import { tryTexts } from '../../test/query/mutated-texts.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'filter-campaign.json');
/** Filters between two lines of progress; their seeds are apart. */
const STRETCH = 10_000;
const TEXT_MS_MAX = 50;

const { values } = parseArgs({
  options: {
    expressions: { type: 'string', default: '200000' },
    texts: { type: 'string', default: '100000' },
    from: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

interface Run {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly firstSeed: number;
  readonly expressions: number;
  /** Of these neither all rows nor none matched. */
  readonly selective: number;
  readonly differences: number;
  readonly texts: number;
  readonly answered: number;
  readonly failures: number;
  readonly slowestTextMs: number;
  readonly seconds: number;
}

function runExpressions(from: number, count: number): Pick<Run, 'selective' | 'differences'> {
  let selective = 0;
  let differences = 0;
  for (let done = 0; done < count; done += STRETCH) {
    const found = compareFilters(from + done, Math.min(STRETCH, count - done));
    selective += found.selective;
    differences += found.differences.length;
    for (const difference of found.differences) console.error(difference);
    console.log(`${done + found.filters} filters, ${differences} differences`);
  }
  return { selective, differences };
}

function runTexts(
  seed: number,
  texts: number,
): Pick<Run, 'answered' | 'failures' | 'slowestTextMs'> {
  // The first texts compile the code that reads them.
  tryTexts(seed + 1, 2000);
  const { answered, failures, slowest } = tryTexts(seed, texts);
  for (const failure of failures) console.error(failure);
  console.log(`${texts} texts, ${answered} answered, ${failures.length} failures`);
  console.log(`slowest ${slowest.ms.toFixed(2)} ms: ${JSON.stringify(slowest.text)}`);
  return { answered, failures: failures.length, slowestTextMs: Number(slowest.ms.toFixed(3)) };
}

function record(run: Run): void {
  const earlier = existsSync(RESULT)
    ? (JSON.parse(readFileSync(RESULT, 'utf8')) as { readonly runs: readonly Run[] }).runs
    : [];
  const runs = [...earlier, run];
  writeFileSync(RESULT, `${JSON.stringify({ name: 'filter campaign', runs }, null, 2)}\n`);
}

const startMs = performance.now();
const firstSeed = Number(values.from);
const expressions = Number(values.expressions);
const texts = Number(values.texts);
const run: Run = {
  date: new Date().toISOString(),
  commit: commit(),
  node: process.version,
  firstSeed,
  expressions,
  texts,
  ...runExpressions(firstSeed, expressions),
  ...runTexts(firstSeed, texts),
  seconds: Math.round((performance.now() - startMs) / 1000),
};
if (values.record) record(run);
if (run.differences + run.failures > 0 || run.slowestTextMs > TEXT_MS_MAX) process.exitCode = 1;
