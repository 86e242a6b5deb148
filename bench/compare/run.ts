/**
 * This package beside its peers: recall, queries a second, time to build and memory, on the same data.
 *
 *   npm run build && node bench/compare/run.ts --vectors rows.f16 --dim 384
 *   node bench/compare/run.ts --rows 100000 --dim 128 [--only faiss] [--without Python] [--rounds 3] [--no-keep]
 *   node bench/compare/run.ts --page
 *
 * All engines of a kind are built first, one after the other; then they are asked in turns, point by point
 * and round by round, so that a machine that is busy for a while is so for all of them. Speeds are medians
 * over the rounds, with one search thread and, where it says so, one query a call.
 */
import { parseArgs } from 'node:util';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inDirectory } from '../processes.ts';
import { loadNow, rounded } from '../result.ts';
import { median } from '../statistics.ts';
import { writeVectors } from '../vectors.ts';
import { EngineProcess } from './engine-process.ts';
import { type Engine, ENGINES, requirePeers } from './engines.ts';
import { type Compared, type EngineResult, keepComparison, type Point } from './comparison.ts';
import { writeComparisonPage } from './page.ts';
import { type CompareSet, Judge, setOfFile, syntheticSet } from './sets.ts';

const WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512];
const SHARES = [0.001, 0.01, 0.1, 0.5, 0.9];
const FILTER_WIDTHS = [64, 256];
const BATCH = 1000;

const { values: options } = parseArgs({
  options: {
    vectors: { type: 'string' },
    rows: { type: 'string', default: '100000' },
    dim: { type: 'string', default: '128' },
    only: { type: 'string' },
    without: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'no-keep': { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});

interface Asked {
  readonly width: number;
  readonly share: number | null;
  readonly batch: number;
}

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

const keyOf = ({ width, share, batch }: Asked): string => `${width} ${share} ${batch}`;

/** What one engine found so far. */
interface Standing {
  readonly engine: Engine;
  readonly process: EngineProcess;
  readonly buildSeconds: number;
  readonly rssMB: number;
  readonly points: Map<string, { asked: Asked; recall: number; speeds: number[] }>;
}

async function compare(
  set: CompareSet,
  kind: Engine['kind'],
  rounds: number,
): Promise<EngineResult[]> {
  const { only = '', without } = options;
  const engines = ENGINES.filter(
    (engine) =>
      engine.kind === kind &&
      engine.name.includes(only) &&
      (without === undefined || !engine.name.includes(without)),
  );
  return await inDirectory(async (directory) => {
    const files = { vectors: join(directory, 'rows.f32'), queries: join(directory, 'queries.f32') };
    writeVectors(files.vectors, set.rows);
    writeVectors(files.queries, set.queries);
    const fewQueries = join(directory, 'few.f32');
    const standings: Standing[] = [];
    for (const [i, engine] of engines.entries()) {
      const own = join(directory, String(i));
      mkdirSync(own);
      const told = {
        ...files,
        dim: set.dim,
        directory: own,
        kind,
        threads: availableParallelism(),
      };
      if (engine.queriesMax !== null) {
        const values = set.queries.values.subarray(0, engine.queriesMax * set.dim);
        writeVectors(fewQueries, { ...set.queries, count: engine.queriesMax, values });
        told.queries = fewQueries;
      }
      const process = new EngineProcess(engine, told);
      const built = await process.build();
      console.log(`${engine.name}: built in ${built.buildSeconds.toFixed(1)} s, ${built.rssMB} MB`);
      standings.push({ engine, process, ...built, points: new Map() });
    }
    await askInTurns(set, standings, rounds);
    for (const { process } of standings) await process.end();
    return standings.map(resultOf);
  });
}

async function askInTurns(set: CompareSet, standings: Standing[], rounds: number): Promise<void> {
  const judges = new Map<number | null, Judge>();
  const all = new Map(
    standings.flatMap(({ engine }) => pointsOf(engine)).map((asked) => [keyOf(asked), asked]),
  );
  for (const [key, asked] of all) {
    const judge = judges.get(asked.share) ?? new Judge(set, asked.share);
    judges.set(asked.share, judge);
    for (let round = 0; round < rounds; round++) {
      for (const { engine, process, points } of standings) {
        if (!pointsOf(engine).some((one) => keyOf(one) === key)) continue;
        const { seconds, rows } = await process.search(asked);
        const point = points.get(key) ?? {
          asked,
          recall: judge.recall(rows, asked.share),
          speeds: [],
        };
        point.speeds.push(rows.length / seconds);
        points.set(key, point);
      }
    }
    for (const { engine, points } of standings) {
      const point = points.get(key);
      if (point === undefined) continue;
      const speed = median(point.speeds).toFixed(0).padStart(7);
      console.log(
        `${key.padEnd(14)} ${engine.name.padEnd(32)} ${point.recall.toFixed(4)} ${speed} QPS`,
      );
    }
  }
}

function resultOf({ engine, buildSeconds, rssMB, points }: Standing): EngineResult {
  const { name, kind, isOurs, isBare } = engine;
  const found = [...points.values()].map(
    ({ asked, recall, speeds }): Point => ({
      ...asked,
      recall: Number(recall.toFixed(5)),
      queriesASecond: rounded(median(speeds)),
      least: rounded(Math.min(...speeds)),
      most: rounded(Math.max(...speeds)),
    }),
  );
  return { name, kind, isOurs, isBare, buildSeconds: rounded(buildSeconds), rssMB, points: found };
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
  const engines: EngineResult[] = [];
  for (const kind of ['flat', 'graph'] as const)
    engines.push(...(await compare(set, kind, rounds)));
  const { count } = set.queries;
  const compared: Compared = { set: set.name, dim, rows: set.rows.count, queries: count, engines };
  if (!options['no-keep']) console.log(`kept in bench/results/${keepComparison(compared, before)}`);
}
