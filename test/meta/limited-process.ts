/** A process whose files may not grow beyond a limit: writes until the store refuses, and reads again. */
import { MilvusError } from '../../src/base/errors.ts';
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';

export interface LimitedReport {
  readonly acknowledged: number;
  /** Reasons of the transactions that failed. */
  readonly failures: readonly string[];
  /** Entries that the same store shows afterwards. */
  readonly reread: number;
}

const store = await sqliteMetaStore(process.argv[2] ?? '');
const failures: string[] = [];
let acknowledged = 0;
for (let number = 0; failures.length < 3; number++) {
  try {
    await store.transact({ puts: [{ key: `/k/${number}`, value: Buffer.alloc(4000, number) }] });
    acknowledged += 1;
  } catch (error) {
    failures.push(error instanceof MilvusError ? error.reason : String(error));
  }
}
const reread = (await store.range('/k/')).length;
process.stdout.write(JSON.stringify({ acknowledged, failures, reread } satisfies LimitedReport));
