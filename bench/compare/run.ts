/**
 * This package beside its peers: recall, queries a second, time to build and memory, on the same data.
 *
 *   npm run build && node bench/compare/run.ts --vectors rows.f16 --dim 384
 *   node bench/compare/run.ts --rows 100000 --dim 128 [--only faiss,zvec] [--without Python,Milvus]
 *                             [--rounds 3] [--no-keep]
 *   node bench/compare/run.ts --page
 *
 * All engines of a kind are built first, one after the other; then they are asked in turns, point by point
 * and round by round, so that a machine that is busy for a while is so for all of them. Speeds are medians
 * over the rounds, with one search thread and, where it says so, one query a call. What a slow engine is
 * asked is bounded, see standing.ts.
 */
import { parseArgs } from 'node:util';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inDirectory } from '../processes.ts';
import { loadNow } from '../result.ts';
import { writeVectors } from '../vectors.ts';
import { type Engine, ENGINES, requirePeers } from './engines.ts';
import { type Compared, keepComparison } from './comparison.ts';
import { writeComparisonPage } from './page.ts';
import { type CompareSet, Judge, setOfFile, syntheticSet } from './sets.ts';
import { type Asked, Standing } from './standing.ts';

const WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512];
const SHARES = [0.001, 0.01, 0.1, 0.5, 0.9];
const FILTER_WIDTHS = [64, 256];
const BATCH = 1000;

const { values: options } = parseArgs({
  options: {
    vectors: { type: 'string' },
    rows: { type: 'string', default: '100000' },
    dim: { type: 'string', default: '128' },
    only: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    'no-keep': { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});

function pointsOf(engine: Engine): Asked[] {
  if (engine.kind === 'flat') {
    const single = { width: 0, share: null, batch: 1 };
    return engine.takesBatches ? [single, { ...single, batch: BATCH }] : [single];
  }
  const plain = WIDTHS.map((width) => ({ width, share: null, batch: 1 }));
  const batches = [64, 256].map((width) => ({ width, share: null, batch: BATCH }));
  const filtered = FILTER_WIDTHS.flatMap((width) =>
    SHARES.map((share) => ({ width, share, batch: 1 })),
  );
  return [
    ...plain,
    ...(engine.takesBatches ? batches : []),
    ...(engine.takesFilters ? filtered : []),
  ];
}

const listed = (text: string): string[] => text.split(',').filter((word) => word !== '');

function chosen(kind: Engine['kind']): Engine[] {
  const only = listed(options.only);
  const without = listed(options.without);
  return ENGINES.filter(
    ({ name, kind: its }) =>
      its === kind &&
      (only.length === 0 || only.some((word) => name.includes(word))) &&
      !without.some((word) => name.includes(word)),
  );
}

async function compare(set: CompareSet, kind: Engine['kind'], rounds: number): Promise<Standing[]> {
  return await inDirectory(async (directory) => {
    const files = { vectors: join(directory, 'rows.f32'), queries: join(directory, 'queries.f32') };
    writeVectors(files.vectors, set.rows);
    writeVectors(files.queries, set.queries);
    const common = { ...files, dim: set.dim, kind, threads: availableParallelism() };
    const standings: Standing[] = [];
    for (const [i, engine] of chosen(kind).entries()) {
      const told = { ...common, directory: join(directory, String(i)) };
      const standing = new Standing(engine, told, pointsOf(engine), set.queries.count);
      standings.push(standing);
      await standing.build();
    }
    await askInTurns(set, standings, rounds);
    for (const standing of standings) await standing.end();
    return standings;
  });
}

async function askInTurns(set: CompareSet, standings: Standing[], rounds: number): Promise<void> {
  const judges = new Map<number | null, Judge>();
  const all = new Map(
    standings
      .flatMap(({ engine }) => pointsOf(engine))
      .map((asked) => [JSON.stringify(asked), asked]),
  );
  for (const asked of all.values()) {
    const judge = judges.get(asked.share) ?? new Judge(set, asked.share);
    judges.set(asked.share, judge);
    for (let round = 0; round < rounds; round++) {
      for (const standing of standings) await standing.ask(asked, judge);
    }
    for (const standing of standings) standing.tell(asked);
  }
}

if (options.page) {
  writeComparisonPage();
} else {
  requirePeers();
  const dim = Number(options.dim);
  const set =
    options.vectors === undefined
      ? syntheticSet(Number(options.rows), dim)
      : setOfFile(options.vectors, dim);
  const before = loadNow();
  const rounds = Number(options.rounds);
  const standings: Standing[] = [];
  for (const kind of ['flat', 'graph'] as const)
    standings.push(...(await compare(set, kind, rounds)));
  const compared: Compared = {
    set: set.name,
    dim,
    rows: set.rows.count,
    queries: set.queries.count,
    engines: standings.flatMap((standing) => standing.result() ?? []),
    absent: standings.flatMap(({ engine: { name }, why }) => (why === null ? [] : { name, why })),
  };
  if (!options['no-keep']) console.log(`kept in bench/results/${keepComparison(compared, before)}`);
}
