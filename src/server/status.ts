/**
 * Errors as Milvus puts them on the wire: a Status beside every answer, with the code of today and the
 * `error_code` that older clients still compare. Source: Milvus `pkg/util/merr/utils.go`.
 */
import { toMilvusError } from '../base/errors.ts';
import { ErrorCode, type Status } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';

export const SUCCESS: Init<Status> = {};

const LEGACY_CODES: ReadonlyMap<number, number> = new Map([
  [0, ErrorCode.Success],
  [1, ErrorCode.NotReadyServe],
  [110, ErrorCode.NotReadyServe],
  [100, ErrorCode.CollectionNotExists],
  [109, ErrorCode.SchemaMismatch],
  [1100, ErrorCode.IllegalArgument],
  [1101, ErrorCode.IllegalArgument],
  [1102, ErrorCode.IllegalArgument],
  [904, ErrorCode.NodeIDNotMatch],
  [200, ErrorCode.MetaFailed],
  [400, ErrorCode.MetaFailed],
  [501, ErrorCode.MetaFailed],
  [401, ErrorCode.NoReplicaAvailable],
  [503, ErrorCode.NoReplicaAvailable],
  [506, ErrorCode.NoReplicaAvailable],
  [905, ErrorCode.NoReplicaAvailable],
  [3, ErrorCode.InsufficientMemoryToLoad],
  [7, ErrorCode.DiskQuotaExhausted],
  [8, ErrorCode.RateLimit],
  [9, ErrorCode.ForceDeny],
  [11, ErrorCode.TimeTickLongDelay],
  [505, ErrorCode.TimeTickLongDelay],
  [600, ErrorCode.SegmentNotFound],
  [700, ErrorCode.IndexNotExist],
]);

/** The code that clients of Milvus 2.2 and before know. */
export function legacyCode(code: number): number {
  return LEGACY_CODES.get(code) ?? ErrorCode.UnexpectedError;
}

export function statusOf(thrown: unknown): Init<Status> {
  const { code, message, retriable, isInputError } = toMilvusError(thrown);
  return {
    code,
    errorCode: legacyCode(code),
    reason: message,
    detail: message,
    retriable,
    extraInfo: new Map(isInputError ? [['is_input_error', 'true']] : []),
  };
}
