/** How the cost of insert, flush and open grows from 10,000 rows to a million. */
import { entryUrl } from '../package.ts';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure, rounded } from '../result.ts';
import { growthExponent, median } from '../statistics.ts';
import { syntheticVectors, vectorAt, writeVectors } from '../vectors.ts';

const DIM = 128;
const SIZES = [10_000, 100_000, 1_000_000];
const OPENS = 5;

const KINDS = ['insert', 'flush', 'open'] as const;

export async function growth(): Promise<Findings> {
  const figures: Figure[] = [];
  const points = new Map<string, Array<{ size: number; cost: number }>>();
  const add = (kind: (typeof KINDS)[number], size: number, costs: number[], rss?: number): void => {
    figures.push(figure(`${kind}, ${size} rows`, 'ms', costs, rss));
    points.set(kind, [...(points.get(kind) ?? []), { size, cost: median(costs) }]);
  };
  for (const size of SIZES) {
    const set = syntheticVectors(size, DIM);
    const query = [...vectorAt(set, 17)];
    await inDirectory(async (directory) => {
      const vectorPath = join(directory, 'vectors.f32');
      writeVectors(vectorPath, set);
      const insertMs: number[] = [];
      const flushMs: number[] = [];
      const openMs: number[] = [];
      let rssMB = 0;
      // Small ones vary more.
      const fills = size < SIZES.at(-1)! ? 3 : 1;
      for (let i = 0; i < fills; i++) {
        const path = join(directory, `${i}.db`);
        const filling = { path, vectorPath, dim: DIM, logBytes: 0 };
        const filled = await run<{ insertMs: number; flushMs: number; rssMB: number }>(
          program('fill.ts', filling),
        );
        insertMs.push(filled.insertMs);
        flushMs.push(filled.flushMs);
        rssMB = Math.max(rssMB, filled.rssMB);
      }
      for (let i = 0; i < OPENS; i++) {
        const asking = {
          entry: entryUrl(),
          path: join(directory, '0.db'),
          query,
          limit: 1,
          searches: 1,
        };
        openMs.push((await run<{ openMs: number }>(program('open-search.mjs', asking))).openMs);
      }
      add('insert', size, insertMs, rssMB);
      add('flush', size, flushMs);
      add('open', size, openMs);
    });
  }
  return {
    parameters: { dimension: DIM, rowsABatch: 1000, sizes: SIZES.join(', ') },
    figures,
    targets: KINDS.map((kind) => ({
      what: `growth exponent of ${kind}`,
      value: rounded(growthExponent(points.get(kind)!)),
      bound: kind === 'open' ? 0.1 : 1.1,
      rule: 'at most' as const,
      unit: '',
    })),
  };
}
