/**
 * When a read may answer: levels and guarantee timestamps as clients send them. Source: Milvus
 * `internal/proxy/util.go`, parseGuaranteeTs.
 *
 *   the collection's own level     use_default_consistency
 *   Strong 0, timestamp 0          now
 *   Strong 0, timestamp 1          anything that is there
 *   Strong 0, timestamp 2          five seconds ago
 *   Strong 0, any other            that timestamp (clients before 2.3 send the level so)
 *   Session 1, Customized 4        the timestamp, which is the client's last write
 *   Bounded 2                      five seconds ago
 *   Eventually 3                   anything that is there
 */
import { invalidParameter } from '../base/errors.ts';
import type { ConsistencyLevel } from '../core/ports.ts';

export interface ReadMoment {
  readonly consistencyLevel?: ConsistencyLevel;
  readonly guaranteeTimestamp?: bigint;
}

const EVENTUALLY = 1n;
const BOUNDED = 2n;

const LEVELS: readonly ConsistencyLevel[] = [
  'Strong',
  'Session',
  'Bounded',
  'Eventually',
  // Customized: the client says from which moment on, as in a session.
  'Session',
];

/** @throws MilvusError ParameterInvalid */
export function requireLevel(code: number): ConsistencyLevel {
  const level = LEVELS[code];
  if (level !== undefined) return level;
  throw invalidParameter('unknown consistency level', { consistencyLevel: code });
}

/** @throws MilvusError ParameterInvalid for a level that is none */
export function readMoment(request: {
  readonly consistencyLevel: number;
  readonly useDefaultConsistency: boolean;
  readonly guaranteeTimestamp: bigint;
}): ReadMoment {
  const { guaranteeTimestamp } = request;
  if (request.useDefaultConsistency) return atLeast(guaranteeTimestamp);
  const level = requireLevel(request.consistencyLevel);
  if (level === 'Session') return { consistencyLevel: level, guaranteeTimestamp };
  if (level !== 'Strong' || guaranteeTimestamp === 0n) return { consistencyLevel: level };
  if (guaranteeTimestamp === EVENTUALLY) return { consistencyLevel: 'Eventually' };
  if (guaranteeTimestamp === BOUNDED) return { consistencyLevel: 'Bounded' };
  return { consistencyLevel: 'Session', guaranteeTimestamp };
}

/** The collection's level; a real timestamp beside it is a write that the client must see. */
function atLeast(timestamp: bigint): ReadMoment {
  if (timestamp <= BOUNDED) return {};
  return { consistencyLevel: 'Session', guaranteeTimestamp: timestamp };
}
