/** One row a call, durable, against a bare append and datasync of the same bytes. */
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { median } from '../statistics.ts';

const DIM = 128;
const ROWS = 1000;
const WARM_UP = 200;
const ROUNDS = 3;

interface Found {
  readonly insertMs: number[];
  readonly appendMs: number[];
  readonly bytesARow: number;
  readonly rssMB: number;
}

export async function singleInsert(): Promise<Findings> {
  const found: Found[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    found.push(
      await inDirectory(
        async (directory) =>
          await run<Found>(
            program('single-insert.ts', { directory, dim: DIM, rowCount: ROWS, warmUp: WARM_UP }),
          ),
      ),
    );
  }
  const insertMs = found.flatMap((one) => one.insertMs);
  const appendMs = found.flatMap((one) => one.appendMs);
  const rssMB = Math.max(...found.map((one) => one.rssMB));
  return {
    parameters: { dimension: DIM, rows: ROWS, rounds: ROUNDS, bytesARow: found[0]!.bytesARow },
    figures: [
      figure('insert of one row', 'ms', insertMs, rssMB),
      figure('write and datasync of the same bytes', 'ms', appendMs),
    ],
    targets: [
      {
        what: 'median insert against median bare append',
        value: rounded(median(insertMs) / median(appendMs)),
        bound: 1.5,
        rule: 'at most',
        unit: 'times',
      },
    ],
  };
}
