/** Calls of the typed API that load what was released, and the moment that their pages look at. */
import { MilvusError } from '../base/errors.ts';
import type { CallOptions } from '../core/requests.ts';
import type { Session } from './session.ts';

/** Runs a call, once more after loading when the collection or a partition was released. */
export async function onceLoaded<Answer>(
  call: () => Promise<Answer>,
  load: () => Promise<void>,
): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!isNotLoaded(error)) throw error;
    await load();
    return await call();
  }
}

/** Null when the database is read only: it shows one moment anyway. */
export async function momentOf(
  { service }: Pick<Session, 'service'>,
  call: CallOptions,
): Promise<bigint | null> {
  try {
    return await service.allocateTimestamp(call);
  } catch (error) {
    if (error instanceof MilvusError && error.reason === 'ReadOnly') return null;
    throw error;
  }
}

function isNotLoaded(error: unknown): boolean {
  if (!(error instanceof MilvusError)) return false;
  return error.reason === 'CollectionNotLoaded' || error.reason === 'PartitionNotLoaded';
}
