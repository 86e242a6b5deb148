/** bench/README.md: how to run the trials, and tables of the newest result of each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, holds, newestResults, type Result } from './result.ts';

const HEAD = `# Benchmarks

Made by \`npm run bench -- --page\` from the newest files of \`results/\`; do not edit it.

\`\`\`sh
npm run build
npm run bench -- import single-insert reopen memory search api-overhead growth
npm run bench -- index-growth build-latency
npm run bench -- scalar-index --rows 1000000
npm run bench -- diskann --rows 100000            # a million unless it is said
npm run bench -- search --vectors vectors.f16     # float16, 384 dimensions, instead of synthetic ones
npm run bench -- quantised-recall --vectors vectors.f16
npm run bench -- quantised-recall --rows 100000 --dim 768 --families lists    # or graphs
npm run bench -- parallel-build --vectors vectors.f16
npm run bench -- quantised-recall --families 'HNSW_SQ SQ6;DISKANN'   # see compare/code-families.ts
\`\`\`

Every trial starts the engine in processes of its own from the compiled package, prints machine, versions
and commit, and keeps what it found in \`results/<date>-<commit>-<name>.json\`; those files are only ever
added. A plus after the commit: the sources had changes. \`MLITE_BENCH_DIRECTORY\` chooses the file system.
Vectors are made from a seed unless a file is given: normalised, 64 clouds of 12 inner dimensions, inner
product, ten nearest. Each run waits a while for a moment in which the machine is idle; a busy one still
shows in *load*: ratios survive it, single times do not. p99 is the slow end. *memory* is the largest of
the processes; in those that insert it includes the vectors to be inserted. Most of a large insert is flushed
while it goes on: *flush* is what is left of it.

\`insert\`, \`quantised-recall\`, \`filter-scan\`, \`filter-database\` and \`compare/\` also need the peers,
which are not installed with the project:

\`\`\`sh
npm install --prefix bench/peers
for peer in python milvus duckdb; do
  home="\${XDG_CACHE_HOME:-$HOME/.cache}/milvus-lite/$peer-peer"
  python3 -m venv "$home" && "$home/bin/pip" install -r bench/peers/requirements-$peer.txt
done
npm run bench -- insert
\`\`\`

The Milvus server wants Linux and Python 3.11; it runs in a network namespace of its own, so that nothing
reaches it from outside.

\`compare/\` puts recall and speed of searches beside those of peers, see [PEERS.md](PEERS.md):

\`\`\`sh
node bench/compare/run.ts --rows 100000 --dim 128 --without Python,Milvus,LanceDB,sqlite
node bench/compare/run.ts --rows 100000 --dim 768 --without Python,Milvus,LanceDB,sqlite
node bench/compare/run.ts --vectors vectors.f16 --dim 384
node bench/compare/run.ts --page
\`\`\`

\`micro/\` times single kernels: \`node bench/micro/exact-search.ts\`.
`;

/** In the order of the page. */
const TITLES: Readonly<Record<string, string>> = {
  insert: 'Insert, in turns with peers',
  'single-insert': 'Insert of one row',
  reopen: 'Open to first answer',
  memory: 'Memory while serving',
  search: 'Exact search',
  'filter-scan': 'Filters over a million rows',
  'filter-database': 'A million rows asked by filters, from call to answer, beside peers',
  'noisy-client': 'A client beside another that sends the worst filters',
  'api-overhead': 'The public API beside the bare index',
  growth: 'Growth',
  'index-growth': 'Growth of an indexed collection',
  'build-latency': 'Search while an index is built',
  diskann: 'An index that stays in its file',
  'scalar-index': 'Conditions of filters, with and without indexes of scalars',
  'parallel-build': 'Graphs built by several threads',
  'quantised-recall': 'Recall of codes, beside faiss',
  import: 'Import',
};

export function writePage(): void {
  const newest = newestResults();
  const parts = Object.keys(TITLES).flatMap((name) => {
    const results = newest.filter((result) => result.name === name);
    // A trial that says of which set it is has no newest result without one.
    const ofSets = results.filter(({ parameters }) => parameters['set'] !== undefined);
    return (ofSets.length > 0 ? ofSets : results).map(section);
  });
  writeFileSync(join(import.meta.dirname, 'README.md'), `${[HEAD, ...parts].join('\n')}`);
}

function section(result: Result): string {
  const { name, date, commit, machine, versions, load, parameters } = result;
  const lines = [
    `## ${[TITLES[name] ?? name, parameters['set'] ?? []].flat().join(', ')}`,
    '',
    `${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}; ${machine.processor}, ` +
      `${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}` +
      `${machine.priority === undefined ? '' : `, priority ${machine.priority}`}; Node ${versions.node}; ` +
      `load ${load.before} before, ${load.after} after.`,
    Object.entries(parameters)
      .map(([key, value]) => `${words(key)} ${value}`)
      .join(', ')
      .concat('.'),
    '',
    ...table(
      ['figure', 'unit', 'median', 'p99', 'least', 'most', 'runs', 'memory MB'],
      result.figures.map(figureCells),
    ),
    '',
  ];
  if (result.targets.length === 0) return lines.join('\n');
  const targets = result.targets.map((target) => [
    target.what,
    `${target.value} ${target.unit}`.trim(),
    `${target.rule} ${target.bound}`,
    holds(target) ? 'yes' : '**no**',
  ]);
  return [...lines, ...table(['target', 'found', 'bound', 'holds'], targets), ''].join('\n');
}

function figureCells(one: Figure): string[] {
  const { what, unit, median, p99, min, max, runs, rssMB } = one;
  return [what, unit, ...[median, p99, min, max, runs, rssMB ?? ''].map(String)];
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** `rowsABatch` as words. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
