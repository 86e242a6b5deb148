/** One open database as the objects of the API share it: nothing gets through after `close()`. */
import { MilvusError, milvusError } from '../base/errors.ts';
import type { Database } from '../core/open.ts';
import type { CallOptions } from '../core/requests.ts';
import type { Service } from '../core/service.ts';

export class Session {
  readonly database: Database;
  #closing: Promise<void> | null = null;

  constructor(database: Database) {
    this.database = database;
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  /** @throws MilvusError Closed */
  get service(): Service {
    if (this.#closing !== null)
      throw milvusError('Closed', { fields: { path: this.database.path } });
    return this.database.service;
  }

  /** Every call but the first waits for the first. */
  async close(): Promise<void> {
    this.#closing ??= this.database.close();
    await this.#closing;
  }
}

/** A hybrid timestamp of now; null when the database is read only: it shows one moment anyway. */
export async function momentOf({ service }: Session, call: CallOptions): Promise<bigint | null> {
  try {
    return await service.allocateTimestamp(call);
  } catch (error) {
    if (error instanceof MilvusError && error.reason === 'ReadOnly') return null;
    throw error;
  }
}

/** Whether a call failed because the collection, or a partition of it, was released. */
export function isNotLoaded(error: unknown): boolean {
  if (!(error instanceof MilvusError)) return false;
  return error.reason === 'CollectionNotLoaded' || error.reason === 'PartitionNotLoaded';
}
