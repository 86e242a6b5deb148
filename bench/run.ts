/**
 * Runs trials, prints what they found and keeps it in bench/results/.
 *
 *   npm run build && npm run bench -- <name>... [--vectors file.f16] [--sizes 1000,10000] [--rows 1000000] [--no-keep]
 *   npm run bench -- quantised-recall [--rows 100000] [--dim 768] [--families 'graphs' or 'SCANN;DISKANN'...]
 *   npm run bench -- --page        writes bench/README.md from the newest results
 */
import { parseArgs } from 'node:util';
import { writePage } from './page.ts';
import { type Findings, holds, keepResult, loadNow, type Result, resultOf } from './result.ts';
import { apiOverhead } from './trials/api-overhead.ts';
import { buildLatency } from './trials/build-latency.ts';
import { client } from './trials/client.ts';
import { diskann } from './trials/diskann.ts';
import { filterDatabase } from './trials/filter-database.ts';
import { filterScan } from './trials/filter-scan.ts';
import { growth } from './trials/growth.ts';
import { hostile } from './trials/hostile.ts';
import { importPackage } from './trials/import.ts';
import { indexGrowth } from './trials/index-growth.ts';
import { insert } from './trials/insert.ts';
import { memory } from './trials/memory.ts';
import { noisyClient } from './trials/noisy-client.ts';
import { parallelBuild } from './trials/parallel-build.ts';
import { quantisedRecall } from './trials/quantised-recall.ts';
import { reopen } from './trials/reopen.ts';
import { scalarIndex } from './trials/scalar-index.ts';
import { search } from './trials/search.ts';
import { serverStart } from './trials/server-start.ts';
import { singleInsert } from './trials/single-insert.ts';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    vectors: { type: 'string' },
    sizes: { type: 'string' },
    rows: { type: 'string' },
    dim: { type: 'string' },
    families: { type: 'string' },
    'no-keep': { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});

const sizes = options.sizes === undefined ? {} : { sizes: options.sizes.split(',').map(Number) };
const vectorOptions = options.vectors === undefined ? {} : { vectors: options.vectors };

const setOptions = {
  ...vectorOptions,
  ...(options.rows === undefined ? {} : { rows: Number(options.rows) }),
  ...(options.dim === undefined ? {} : { dim: Number(options.dim) }),
};
const codeOptions = {
  ...setOptions,
  ...(options.families === undefined ? {} : { families: options.families.split(';') }),
};

const TRIALS: Readonly<Record<string, () => Promise<Findings>>> = {
  insert,
  'single-insert': singleInsert,
  reopen,
  memory,
  search: () => search(vectorOptions),
  'api-overhead': () => apiOverhead(vectorOptions),
  'filter-scan': filterScan,
  'filter-database': () => filterDatabase(Number(options.rows ?? 1_000_000)),
  growth,
  'index-growth': () => indexGrowth(sizes),
  'build-latency': () => buildLatency(sizes),
  diskann: () => diskann(Number(options.rows ?? 1_000_000)),
  client: () =>
    client({ ...vectorOptions, ...(sizes.sizes === undefined ? {} : { rows: sizes.sizes[0] }) }),
  hostile,
  'noisy-client': noisyClient,
  'server-start': serverStart,
  'parallel-build': () => parallelBuild(setOptions),
  'quantised-recall': () => quantisedRecall(codeOptions),
  'scalar-index': () => scalarIndex(Number(options.rows ?? 1_000_000)),
  import: importPackage,
};

function print(result: Result): void {
  const { name, date, commit, machine, versions, load } = result;
  const line = (record: Readonly<Record<string, string | number>>): string =>
    Object.entries(record)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  console.log(`${name}, ${date}, commit ${commit}`);
  console.log(`  ${line(machine)}\n  ${line(versions)}\n  load ${line(load)}`);
  console.log(`  ${line(result.parameters)}`);
  for (const { what, unit, median, p99, min, max, runs, rssMB } of result.figures) {
    const held = rssMB === undefined ? '' : `, ${rssMB} MB`;
    console.log(`  ${what}: ${median} ${unit} (p99 ${p99}, ${min} to ${max}, ${runs} runs${held})`);
  }
  for (const target of result.targets) {
    const { what, value, rule, bound, unit } = target;
    console.log(
      `  ${holds(target) ? 'holds' : 'MISSED'}: ${what} ${value} ${unit}, ${rule} ${bound}`,
    );
  }
}

if (names.length === 0 && !options.page) {
  console.error(`which? ${Object.keys(TRIALS).join(', ')}, or --page`);
  process.exitCode = 2;
}
for (const name of names) {
  const trial = TRIALS[name];
  if (trial === undefined) throw new Error(`no trial ${name}: ${Object.keys(TRIALS).join(', ')}`);
  const loadBefore = loadNow();
  const result = resultOf(name, await trial(), loadBefore);
  print(result);
  if (!options['no-keep']) console.log(`  kept in bench/results/${keepResult(result)}`);
}
if (options.page) writePage();
