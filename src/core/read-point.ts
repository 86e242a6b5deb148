/** At which moment a request reads: its own, or as late as its consistency level asks for. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter } from '../base/errors.ts';
import { BOUNDED_STALENESS_MS } from '../base/limits.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import type { CollectionInfo, ReadPoint } from './ports.ts';
import type { QueryRowsRequest } from './requests.ts';

type Asked = Pick<
  QueryRowsRequest,
  'snapshotTimestamp' | 'consistencyLevel' | 'guaranteeTimestamp'
>;

/** @throws MilvusError ParameterInvalid for a level that there is not */
export function readPoint(
  request: Asked,
  collection: Pick<CollectionInfo, 'consistencyLevel'>,
  clock: Clock,
): ReadPoint {
  const snapshotTimestamp = request.snapshotTimestamp ?? null;
  const isRepeatable = snapshotTimestamp !== null;
  const level = request.consistencyLevel ?? collection.consistencyLevel;
  switch (level) {
    case 'Session':
      return {
        guaranteeTimestamp: request.guaranteeTimestamp ?? 0n,
        snapshotTimestamp,
        isRepeatable,
      };
    case 'Bounded': {
      const guaranteeTimestamp = timestampOf(clock.nowMs() - BOUNDED_STALENESS_MS);
      return { guaranteeTimestamp, snapshotTimestamp, isRepeatable };
    }
    case 'Eventually':
      return { guaranteeTimestamp: 1n, snapshotTimestamp, isRepeatable };
    case 'Strong':
      // Whatever was acknowledged is applied already: the leader that owns the log answers at once.
      return {
        guaranteeTimestamp: request.guaranteeTimestamp ?? 0n,
        snapshotTimestamp,
        isRepeatable,
      };
    default:
      throw invalidParameter('unknown consistency level', { consistencyLevel: String(level) });
  }
}
