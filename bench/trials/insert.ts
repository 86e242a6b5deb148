/** Durable inserts of 1,000 rows against peers that do not wait for the device, in turns. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, inDirectory, program, run } from '../processes.ts';
import { type Findings, figure } from '../result.ts';
import { median } from '../statistics.ts';
import { syntheticVectors, writeVectors } from '../vectors.ts';

const DIM = 128;
const ROWS = 100_000;
const BATCH_ROWS = 1000;
const TURNS = 5;

interface Settings {
  readonly path: string;
  readonly vectorPath: string;
  readonly dim: number;
  readonly batchRows: number;
}

interface Engine {
  readonly name: string;
  readonly command: (settings: Settings) => Command;
}

const peers = join(import.meta.dirname, '..', 'peers');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const python = join(cache, 'milvus-lite', 'python-peer', 'bin', 'python');

const ENGINES: readonly Engine[] = [
  { name: 'milvus-lite, synced', command: (settings) => program('insert.ts', settings) },
  {
    name: 'Python milvus-lite 3.2.2, not synced',
    command: (settings) => ({
      command: python,
      arguments: [join(peers, 'insert_milvus_lite.py'), JSON.stringify(settings)],
    }),
  },
  {
    name: '@zvec/zvec 0.7.0, not synced',
    command: (settings) => ({
      command: process.execPath,
      arguments: [join(peers, 'insert-zvec.mjs'), JSON.stringify(settings)],
    }),
  },
];

export async function insert(): Promise<Findings> {
  if (!existsSync(python) || !existsSync(join(peers, 'node_modules'))) {
    throw new Error('the peers are not installed: bench/README.md says how');
  }
  const speeds = new Map<string, { rowsASecond: number[]; rssMB: number }>();
  await inDirectory(async (directory) => {
    const vectorPath = join(directory, 'vectors.f32');
    writeVectors(vectorPath, syntheticVectors(ROWS, DIM));
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [i, { name, command }] of ENGINES.entries()) {
        const path = join(directory, `${turn}-${i}.db`);
        const settings = { path, vectorPath, dim: DIM, batchRows: BATCH_ROWS };
        const { elapsedMs, rssMB } = await run<{ elapsedMs: number; rssMB: number }>(
          command(settings),
        );
        const speed = speeds.get(name) ?? { rowsASecond: [], rssMB: 0 };
        speed.rowsASecond.push((ROWS / elapsedMs) * 1000);
        speeds.set(name, { ...speed, rssMB: Math.max(speed.rssMB, rssMB) });
      }
    }
  });
  const [ours, ...others] = [...speeds].map(([name, { rowsASecond, rssMB }]) => ({
    name,
    middle: median(rowsASecond),
    figure: figure(name, 'rows/s', rowsASecond, rssMB),
  }));
  return {
    parameters: { rows: ROWS, dimension: DIM, rowsABatch: BATCH_ROWS, turns: TURNS },
    figures: [ours!, ...others].map((one) => one.figure),
    targets: others.map(({ name, middle }, i) => ({
      what: `speed against ${name}`,
      value: Number((ours!.middle / middle).toFixed(2)),
      bound: i === 0 ? 5 : 1,
      rule: 'at least' as const,
      unit: 'times',
    })),
  };
}
