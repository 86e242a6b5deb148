/** A database directory as the commands read it: its files, without opening it for writing. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { milvusError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import type { MetaStore } from '../meta/meta-store.ts';
import { sqliteMetaStore } from '../meta/sqlite-store.ts';
import type { Disk } from '../storage/disk.ts';
import { type DiskStore, diskStore, holdsData } from '../storage/disk-store.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { LOG_DIRECTORY, META_FILE, parseLogFileName } from '../storage/paths.ts';
import { CommandFailure, EXIT_CODES } from './failure.ts';

/** The one log of a database on one machine. */
export const LANE = '0';

export interface DatabaseFiles {
  readonly disk: Disk;
  readonly store: DiskStore;
}

export interface LogFileState {
  readonly name: string;
  readonly term: number;
  readonly byteLength: number;
}

/** @throws CommandFailure (not found) when there is no database at `path`, nor what is left of one */
export async function databaseFiles(path: string): Promise<DatabaseFiles> {
  const next = 'create one with MilvusLite.open(path), or see one: mlite demo --dir ./demo.db';
  if (!(await exists(path))) {
    throw new CommandFailure(EXIT_CODES.notFound, `there is nothing at ${path}`, next);
  }
  const disk = nodeDisk(path);
  const isDirectory = (await stat(path)).isDirectory();
  const isThere = isDirectory && ((await exists(join(path, META_FILE))) || (await holdsData(disk)));
  if (!isThere) {
    const message = `${path} is not a database: it has no ${META_FILE}`;
    throw new CommandFailure(EXIT_CODES.notFound, message, next);
  }
  return { disk, store: diskStore(disk, '', systemRandom) };
}

/** @throws MilvusError DataIntegrity also when the metadata is missing or empty: `databaseFiles` came first */
export async function openMetaStore(path: string): Promise<MetaStore> {
  const file = join(path, META_FILE);
  if (((await nodeDisk(path).byteLength(META_FILE)) ?? 0) === 0) {
    const message = 'the metadata is missing or empty';
    throw milvusError('DataIntegrity', { message, fields: { file } });
  }
  return await sqliteMetaStore(file, { readOnly: true });
}

export async function logFiles(disk: Disk): Promise<LogFileState[]> {
  const files: LogFileState[] = [];
  for (const name of await disk.list(LOG_DIRECTORY)) {
    const term = parseLogFileName(name)?.term;
    if (term === undefined) continue;
    files.push({
      name,
      term,
      byteLength: (await disk.byteLength(`${LOG_DIRECTORY}/${name}`)) ?? 0,
    });
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
