/** sqlite-vec: an exact scan inside SQLite. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath } from 'sqlite-vec';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUCKETS, bucketOf, TOP_K } from '../compare/task.ts';

const rows = readRows(told.vectors);
const database = new DatabaseSync(join(told.directory, 'vec.sqlite'), { allowExtension: true });
database.loadExtension(getLoadablePath());

await drive(
  () => {
    const { dim } = told;
    // Its distances are L2 and cosine; the vectors have length 1, so all of them order alike.
    database.exec(`create virtual table v using vec0(bucket integer, vector float[${dim}])`);
    const insert = database.prepare('insert into v (rowid, bucket, vector) values (?, ?, ?)');
    database.exec('begin');
    for (const [id, row] of rows.entries()) {
      insert.run(BigInt(id + 1), BigInt(bucketOf(id)), new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    }
    database.exec('commit');
  },
  ({ share }, queries) => {
    const filter = share === null ? '' : `and bucket < ${share * BUCKETS}`;
    const select = database.prepare(`select rowid from v where vector match ? and k = ${TOP_K} ${filter}`);
    return (first) => {
      const { buffer, byteOffset, byteLength } = queries[first];
      return [select.all(new Uint8Array(buffer, byteOffset, byteLength)).map(({ rowid }) => rowid - 1)];
    };
  },
);
