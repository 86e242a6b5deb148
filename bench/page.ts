/** bench/README.md: how to run the trials, and tables of the newest result of each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, holds, newestResults, type Result } from './result.ts';

const HEAD = `# Benchmarks

Made by \`npm run bench -- --page\` from the newest files of \`results/\`; do not edit it.

\`\`\`sh
npm run build
npm run bench -- import single-insert reopen memory search growth index-growth
npm run bench -- search --vectors vectors.f16     # float16, 384 dimensions, instead of synthetic ones
npm run bench -- quantised-recall --vectors vectors.f16
\`\`\`

Every trial starts the engine in processes of its own from the compiled package, prints machine, versions
and commit, and keeps what it found in \`results/<date>-<commit>-<name>.json\`; those files are only ever
added. A plus after the commit: the sources had changes. \`MLITE_BENCH_DIRECTORY\` chooses the file system.
Vectors are made from a seed unless a file is given: normalised, 64 clouds of 12 inner dimensions, inner
product, ten nearest. Each run waits a while for a moment in which the machine is idle; a busy one still
shows in *load*: ratios survive it, single times do not. p99 is the slow end. *memory* is the largest of
the processes; in those that insert it includes the vectors to be inserted. Most of a large insert is flushed
while it goes on: *flush* is what is left of it.

\`insert\`, \`quantised-recall\` and \`compare/\` also need the peers, which are not installed with the project:

\`\`\`sh
npm install --prefix bench/peers
python3 -m venv "\${XDG_CACHE_HOME:-$HOME/.cache}/milvus-lite/python-peer"
"\${XDG_CACHE_HOME:-$HOME/.cache}/milvus-lite/python-peer/bin/pip" install -r bench/peers/requirements.txt
npm run bench -- insert
\`\`\`

\`compare/\` puts recall and speed of searches beside those of peers, see [PEERS.md](PEERS.md):

\`\`\`sh
node bench/compare/run.ts --rows 100000 --dim 128
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
  growth: 'Growth',
  'index-growth': 'Growth of an indexed collection',
  'quantised-recall': 'Recall of codes, beside faiss',
  import: 'Import',
};

export function writePage(): void {
  const newest = newestResults();
  const parts = Object.keys(TITLES).flatMap((name) => {
    const result = newest.get(name);
    return result === undefined ? [] : [section(result)];
  });
  writeFileSync(join(import.meta.dirname, 'README.md'), `${[HEAD, ...parts].join('\n')}`);
}

function section(result: Result): string {
  const { name, date, commit, machine, versions, load, parameters } = result;
  const lines = [
    `## ${TITLES[name] ?? name}`,
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
