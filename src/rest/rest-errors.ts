/**
 * Errors of Milvus's HTTP interface: its own codes, whose text comes first. Source: Milvus
 * `internal/distributed/proxy/httpserver/handler_v2.go`.
 */
import { ERRORS, MilvusError, toMilvusError } from '../base/errors.ts';

type RestReason =
  | 'JsonFormatRequired'
  | 'RestParameterMissing'
  | 'InsertDataInvalid'
  | 'PrimaryKeyInvalid';

/** @example restError('RestParameterMissing', 'x') → "missing required parameters, error: x" */
export function restError(reason: RestReason, message: string, cause?: unknown): MilvusError {
  return new MilvusError(reason, `${ERRORS[reason][3]}, error: ${message}`, {}, cause);
}

/** A parameter that the request has to have. */
export function missingParameter(name: string): MilvusError {
  const rule = `Field validation for '${name}' failed on the 'required' tag`;
  return restError('RestParameterMissing', `Key: '${name}' Error:${rule}`);
}

/** What went wrong with rows, unless it is no fault of theirs. */
export function insertDataError(thrown: unknown): MilvusError {
  const error = toMilvusError(thrown);
  if (error.reason !== 'ParameterInvalid') return error;
  return restError('InsertDataInvalid', error.message, error);
}
