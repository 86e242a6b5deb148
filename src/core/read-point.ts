/** When a read may answer, and at which moment it looks: by what it asks for, else by its collection's level. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter } from '../base/errors.ts';
import { BOUNDED_STALENESS_MS } from '../base/limits.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import type { CollectionInfo, ReadPoint } from './ports.ts';
import type { QueryRowsRequest } from './requests.ts';

type Moment = Pick<
  QueryRowsRequest,
  'snapshotTimestamp' | 'consistencyLevel' | 'guaranteeTimestamp'
>;

/** @throws MilvusError ParameterInvalid for a level that is none */
export function readPoint(request: Moment, collection: CollectionInfo, clock: Clock): ReadPoint {
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
