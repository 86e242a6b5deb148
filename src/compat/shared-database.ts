/**
 * Databases that clients of this process have open. A directory is open once, whoever asks for it, as a server
 * is there once for all its clients; it is closed with the last of them. `:memory:` is each client's own.
 */
import path from 'node:path';
import { assert } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { MEMORY_PATH, openDatabase } from '../core/open.ts';
import { ImportJobs } from '../imports/import-jobs.ts';
import { Compactions } from '../server/compactions.ts';
import type { Handlers } from '../server/handlers.ts';
import { allHandlers } from '../server/server.ts';
import { factsOf } from '../server/this-machine.ts';

export interface SharedDatabase {
  readonly handlers: Handlers;
  /** Closes the database when nobody else has it open. */
  release(): Promise<void>;
}

interface Opened {
  readonly handlers: Handlers;
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly opening: Promise<Opened>;
  userCount: number;
}

const open = new Map<string, Entry>();
/** By directory: what must end before it can be opened again. */
const closing = new Map<string, Promise<void>>();

/** @throws MilvusError as openDatabase does */
export async function shareDatabase(databasePath: string): Promise<SharedDatabase> {
  if (databasePath === MEMORY_PATH) {
    const { handlers, close } = await openHandlers(databasePath);
    return { handlers, release: close };
  }
  const directory = path.resolve(databasePath);
  const known = open.get(directory);
  const entry = known ?? { opening: openAfterClosing(directory), userCount: 0 };
  entry.userCount += 1;
  if (known === undefined) open.set(directory, entry);
  try {
    const { handlers } = await entry.opening;
    return { handlers, release: () => release(directory, entry) };
  } catch (failure) {
    // The next client tries again.
    if (open.get(directory) === entry) open.delete(directory);
    throw failure;
  }
}

async function release(directory: string, entry: Entry): Promise<void> {
  assert(entry.userCount > 0, 'a client lets a database go once');
  entry.userCount -= 1;
  if (entry.userCount > 0) return;
  open.delete(directory);
  const ended = entry.opening.then(({ close }) => close());
  const settled = Promise.allSettled([ended]).then(() => {
    if (closing.get(directory) === settled) closing.delete(directory);
  });
  closing.set(directory, settled);
  await ended;
}

async function openAfterClosing(directory: string): Promise<Opened> {
  await closing.get(directory);
  return await openHandlers(directory);
}

async function openHandlers(databasePath: string): Promise<Opened> {
  const database = await openDatabase(databasePath);
  const { service } = database;
  const compactions = new Compactions(systemClock);
  const imports = new ImportJobs({ service, clock: systemClock, source: null });
  const facts = await factsOf(database.path, database.path);
  return {
    handlers: allHandlers(service, facts, { compactions, imports }),
    close: async () => {
      await Promise.all([compactions.stop(), imports.stop()]);
      await database.close();
    },
  };
}
