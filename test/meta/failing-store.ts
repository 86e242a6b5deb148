/** A MetaStore whose next transaction fails: before it took effect, or after, so that its answer is lost. */
import { milvusError } from '../../src/base/errors.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';

type Failure = 'before' | 'after';

export interface FailingStore {
  readonly store: MetaStore;
  /** @param between runs after the failure and before anybody reads */
  failNext(failure: Failure, between?: () => Promise<unknown>): void;
  /** Transactions so far that changed something. */
  readonly changes: number;
}

export function failingStore(inner: MetaStore): FailingStore {
  let planned: { failure: Failure; between: () => Promise<unknown> } | null = null;
  let changes = 0;
  const store: MetaStore = {
    get: (key) => inner.get(key),
    range: (prefix) => inner.range(prefix),
    async transact(transaction) {
      const plan = planned;
      planned = null;
      if (plan?.failure === 'before') {
        await plan.between();
        throw milvusError('IoFailed', { message: 'planned' });
      }
      const revision = await inner.transact(transaction);
      if (revision !== null) changes += 1;
      if (plan === null) return revision;
      await plan.between();
      throw milvusError('IoFailed', { message: 'planned' });
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return {
    store,
    failNext: (failure, between = async () => undefined) => {
      planned = { failure, between };
    },
    get changes() {
      return changes;
    },
  };
}
