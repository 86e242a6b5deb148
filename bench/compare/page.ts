/** bench/PEERS.md and its pictures, from the newest comparison of each set. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Compared,
  type EngineResult,
  type KeptComparison,
  newestComparisons,
  type Point,
  speedAt,
} from './comparison.ts';
import { curvesOf, plot } from './plot.ts';

const bench = join(import.meta.dirname, '..');
const RECALLS = [0.95, 0.99, 0.998];
const SHARES = [0.001, 0.01, 0.1, 0.5, 0.9];
const FILTER_RECALL = 0.98;

const HEAD = `# Beside the peers

Made by \`node bench/compare/run.ts --page\` from the newest comparison of each data set in \`results/\`; do not
edit it. How a comparison is made stands at the top of \`compare/run.ts\`; what is installed for it, in
\`README.md\`. Ten nearest by inner product; graphs with M 16 and efConstruction 200; recall is by score, so
that equal rows count as equal. *Bare* is an index with no database around it: no rows, no ids of its own,
nothing durable. A *server* is asked by one client on the same machine, each query when the one before is
answered. Queries a second between two measured points are read off the line between them.
`;

export function writeComparisonPage(): void {
  mkdirSync(join(bench, 'plots'), { recursive: true });
  const parts = newestComparisons().map(section);
  writeFileSync(join(bench, 'PEERS.md'), [HEAD, ...parts].join('\n'));
}

function section(kept: KeptComparison): string {
  const { compared, date, commit, machine, load, versions } = kept;
  const graphs = compared.engines.filter(({ kind }) => kind === 'graph');
  const flats = compared.engines.filter(({ kind }) => kind === 'flat');
  const file = `${compared.set.replaceAll(/\W+/g, '-')}.svg`;
  writeFileSync(join(bench, 'plots', file), plot(compared.set, curvesOf(graphs)));
  return [
    `## ${compared.set}`,
    '',
    `${date.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}; ${machine.processor}, ${machine.cores} cores, ` +
      `${machine.system}; Node ${versions.node}; load ${load.before} before, ${load.after} after. ` +
      `${compared.queries} queries that are no rows.`,
    '',
    `![recall against speed](plots/${file})`,
    '',
    ...table(
      [
        'graph',
        'build s',
        'memory MB',
        ...RECALLS.map((recall) => `QPS at ${recall}`),
        'best recall',
      ],
      graphs.map(graphCells),
    ),
    '',
    `Filtered, by the portion of rows that match: QPS at a recall of ${FILTER_RECALL} or more, else recall and QPS.`,
    '',
    ...table(
      ['graph', ...SHARES.map((share) => `${share * 100} %`)],
      graphs.filter(({ points }) => points.some(({ share }) => share !== null)).map(filterCells),
    ),
    '',
    ...table(['exact scan', 'one query a call', '1,000 a call'], flats.map(flatCells)),
    '',
    ...notes(compared),
  ].join('\n');
}

/** Who was asked less than the others, and who is not there to the end. */
function notes({ engines, queries, absent = [] }: Compared): string[] {
  const fewer = engines.flatMap(({ name, points }) => {
    const counts = points.flatMap((point) => point.queries ?? []);
    if (counts.length === 0) return [];
    const range = [...new Set([Math.min(...counts), Math.max(...counts)])].join(' to ');
    return [`${name} at ${counts.length} of ${points.length} points (${range})`];
  });
  return [
    ...(fewer.length === 0
      ? []
      : [
          `Asked less than ${queries} queries a round, since they are slow: ${fewer.join('; ')}. ` +
            'Recall is that of all queries where an engine takes many a call, else of those.',
          '',
        ]),
    ...absent.flatMap(({ name, why }) => [`Out: ${name}. ${why}.`, '']),
  ];
}

function plain(points: readonly Point[]): Point[] {
  return points.filter(({ share, batch }) => share === null && batch === 1);
}

function graphCells({ name, buildSeconds, rssMB, points }: EngineResult): string[] {
  const speeds = RECALLS.map((recall) => shown(speedAt(plain(points), recall)));
  const best = plain(points).reduce((most, { recall }) => Math.max(most, recall), 0);
  return [name, String(buildSeconds), String(rssMB), ...speeds, best.toFixed(4)];
}

function filterCells({ name, points }: EngineResult): string[] {
  const cells = SHARES.map((share) => {
    const here = points.filter((point) => point.share === share);
    const speed = speedAt(here, FILTER_RECALL);
    if (speed !== null) return shown(speed);
    const best = here.at(-1);
    return best === undefined ? '' : `${shown(best.queriesASecond)} at ${best.recall.toFixed(3)}`;
  });
  return [name, ...cells];
}

function flatCells({ name, points }: EngineResult): string[] {
  const speed = (batch: number): string => {
    const point = points.find((one) => one.batch === batch);
    return point === undefined ? 'takes one' : shown(point.queriesASecond);
  };
  return [name, speed(1), speed(1000)];
}

function shown(speed: number | null): string {
  return speed === null ? 'not reached' : Math.round(speed).toLocaleString('en');
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
