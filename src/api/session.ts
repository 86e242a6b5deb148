/** One open database as the objects of the API share it: nothing gets through after `close()`. */
import { milvusError } from '../base/errors.ts';
import type { Database } from '../core/open.ts';
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
