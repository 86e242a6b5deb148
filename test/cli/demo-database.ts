/** A small database with sealed segments, deletes, and rows that are only in the log. */
import { join } from 'node:path';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Rows in the segment, and rows behind it in the log. */
export const SEALED_ROWS = 300;
export const GROWING_ROWS = 20;

/** @returns the path of the database, which is closed */
export async function smallDatabase(parent: string = temporaryDirectory()): Promise<string> {
  const path = join(parent, 'small.db');
  const db = await MilvusLite.open(path);
  const books = await db.collection('books', {
    schema: {
      id: f.int64({ primary: true }),
      title: f.varChar({ maxLength: 50 }),
      vector: f.floatVector(16),
    },
    properties: { 'collection.ttl.seconds': 100_000 },
  });
  const rows = Array.from({ length: SEALED_ROWS + GROWING_ROWS }, (_, id) => ({
    id,
    title: `book ${id}`,
    vector: Float32Array.from({ length: 16 }, (__, axis) => Math.sin(id * 16 + axis)),
  }));
  await books.insert(rows.slice(0, SEALED_ROWS));
  await books.flush();
  await books.delete({ ids: [1, 2, 3] });
  await books.flush();
  await books.insert(rows.slice(SEALED_ROWS));
  await db.close();
  return path;
}
