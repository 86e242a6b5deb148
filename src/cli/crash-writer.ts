/**
 * The process that the crash demo kills. It writes batch after batch and says so on standard output, which
 * is the journal: `start <batch>` before an insert, `done <batch>` after it was acknowledged.
 */
import { MilvusLite } from '../api/milvus-lite.ts';
import { CrashEvents } from './crash-events.ts';

/** After so many batches the writer flushes, so that rows lie in segments and in the log. */
const FLUSH_BATCHES = 24;
/** A writer that nobody kills ends by itself. */
const BATCHES_MAX = 20_000;

export async function runCrashWriter(path: string, firstBatch: number): Promise<void> {
  const db = await MilvusLite.open(path);
  const events = await CrashEvents.open(db);
  for (let batch = firstBatch; batch < firstBatch + BATCHES_MAX; batch++) {
    await journal(`start ${batch}`);
    await events.insert(batch);
    await journal(`done ${batch}`);
    if (batch % FLUSH_BATCHES === FLUSH_BATCHES - 1) await events.flush();
  }
  await db.close();
}

/** Resolves when the line is in the pipe, where it outlives this process. */
async function journal(line: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}
