/**
 * The rows of the crash demo, in a collection of their own. Every value follows from the row's id, so
 * that the process that writes them and the one that checks them agree without talking.
 */
import type { Collection } from '../api/collection.ts';
import { f } from '../api/fields.ts';
import type { MilvusLite } from '../api/milvus-lite.ts';
import { defineSchema } from '../api/schema.ts';

/** Rows of one batch: one insert, so all of them or none. */
export const CRASH_BATCH_ROWS = 100;

const NAME = 'events';
const DIM = 32;

const schema = defineSchema({
  id: f.int64({ primary: true }),
  batch: f.int32(),
  label: f.varChar({ maxLength: 64, nullable: true }),
  weight: f.double(),
  vector: f.floatVector(DIM, { metric: 'L2' }),
});

export interface CrashEvent {
  readonly id: bigint;
  readonly batch: number;
  readonly label: string | null;
  readonly weight: number;
  readonly vector: Float32Array;
}

export class CrashEvents {
  readonly #collection: Collection<typeof schema>;

  private constructor(collection: Collection<typeof schema>) {
    this.#collection = collection;
  }

  static async open(db: MilvusLite): Promise<CrashEvents> {
    return new CrashEvents(await db.collection(NAME, { schema }));
  }

  /** Resolves when every row of the batch is durable. */
  async insert(batch: number): Promise<void> {
    const first = batch * CRASH_BATCH_ROWS;
    await this.#collection.insert(
      Array.from({ length: CRASH_BATCH_ROWS }, (_, row) => crashEvent(BigInt(first + row))),
    );
  }

  async flush(): Promise<void> {
    await this.#collection.flush();
  }

  async count(): Promise<number> {
    return await this.#collection.count();
  }

  /** Every row that is there, page by page. */
  pages(): AsyncIterable<CrashEvent[]> {
    return this.#collection.iterate({ batchSize: 5000 });
  }
}

/** The row of this id, as it was written. */
export function crashEvent(id: bigint): CrashEvent {
  const vector = new Float32Array(DIM);
  let state = Number(id) + 1;
  for (let i = 0; i < DIM; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    vector[i] = state / 2 ** 32 - 0.5;
  }
  return {
    id,
    batch: batchOf(id),
    label: id % 10n === 0n ? null : `event ${id}`,
    weight: state / 7,
    vector,
  };
}

/** The batch that a row belongs to. */
export function batchOf(id: bigint): number {
  return Math.floor(Number(id) / CRASH_BATCH_ROWS);
}

/** True when every value is the one that was written for its id. */
export function isAsWritten(event: CrashEvent): boolean {
  const expected = crashEvent(event.id);
  return (
    event.batch === expected.batch &&
    event.label === expected.label &&
    event.weight === expected.weight &&
    event.vector.length === DIM &&
    event.vector.every((value, index) => value === expected.vector[index])
  );
}
