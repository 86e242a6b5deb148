/** How long single searches take while a graph is built in the background, against an idle engine. */
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { quantile } from '../statistics.ts';
import { syntheticVectors, writeVectors } from '../vectors.ts';

const ROWS = 100_000;
const DIM = 128;
const INDEX = { M: 16, efConstruction: 200 };
const LIMIT = 10;
const RUNS = 1000;
const SLOWER_MAX = 3;

interface While {
  readonly callMs: number[];
  readonly buildMs: number;
}

interface Found {
  readonly scanIdle: number[];
  readonly scan: While;
  readonly graphIdle: number[];
  readonly graph: While;
  readonly rssMB: number;
}

/** @param options sizes of which the first counts, other than the one that results are kept of */
export async function buildLatency(options: {
  readonly sizes?: readonly number[];
}): Promise<Findings> {
  const rows = options.sizes?.[0] ?? ROWS;
  const set = syntheticVectors(rows, DIM);
  return await inDirectory(async (directory) => {
    const vectorPath = join(directory, 'vectors.f32');
    writeVectors(vectorPath, set);
    const told = { path: join(directory, 'vectors.db'), vectorPath, dim: DIM };
    const settings = { ...told, index: INDEX, limit: LIMIT, runs: RUNS };
    const found = await run<Found>(program('build-latency.ts', settings));
    const { scanIdle, scan, graphIdle, graph, rssMB } = found;
    const slower = (busy: readonly number[], idle: readonly number[], portion: number): number =>
      quantile(busy, portion) / quantile(idle, portion);
    const target = (what: string, value: number) =>
      ({ what, value: rounded(value), bound: SLOWER_MAX, rule: 'at most', unit: 'times' }) as const;
    return {
      parameters: { rows, dimension: DIM, ...INDEX, limit: LIMIT, metric: 'IP' },
      figures: [
        figure('exact search, idle', 'ms', scanIdle),
        figure('exact search while its rows are indexed', 'ms', scan.callMs),
        figure('search by an index, idle', 'ms', graphIdle),
        figure('search by an index while other rows are indexed', 'ms', graph.callMs),
        figure('the builds', 's', [scan.buildMs / 1000, graph.buildMs / 1000], rssMB),
      ],
      targets: [
        target('p99 of exact search during a build', slower(scan.callMs, scanIdle, 0.99)),
        target('p99 by an index during a build', slower(graph.callMs, graphIdle, 0.99)),
      ],
    };
  });
}
