/**
 * Bounds that make the database tidy up behind its writers. Production has one set; simulation, where a few
 * rows must reach them, its own.
 */
import {
  GROWING_BYTES_MAX,
  INDEX_ROWS_MIN,
  LOG_BYTES_MAX,
  LOG_FILE_BYTES_MAX,
  SEAL_BYTES,
} from '../base/limits.ts';

export interface Tuning {
  /** Bytes of growing rows that seal a segment. */
  readonly sealBytes: number;
  /** Bytes of growing rows, all shards together, at which writers wait for a flush. */
  readonly growingBytesMax: number;
  /** Bytes of log that make maintenance flush. */
  readonly logBytesMax: number;
  /** Bytes of one log file before the next is begun. */
  readonly logFileBytesMax: number;
  /** Bytes of growing rows that a closing database writes as segments instead of leaving them to replay. */
  readonly flushOnCloseBytes: number;
  /** Rows of a segment below which no index is built. */
  readonly indexRowsMin: number;
}

export const PRODUCTION_TUNING: Tuning = Object.freeze({
  sealBytes: SEAL_BYTES,
  growingBytesMax: GROWING_BYTES_MAX,
  logBytesMax: LOG_BYTES_MAX,
  logFileBytesMax: LOG_FILE_BYTES_MAX,
  flushOnCloseBytes: 1024 * 1024,
  indexRowsMin: INDEX_ROWS_MIN,
});
