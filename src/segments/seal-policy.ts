/** When the growing rows of a shard are sealed: a pure function of a few figures. */
import { LOG_BYTES_MAX, SEAL_AGE_MS, SEAL_BYTES, SEAL_ROWS_MAX } from '../base/limits.ts';

/** The unsealed part of a shard. */
export interface GrowingFigures {
  readonly byteLength: number;
  readonly rowCount: number;
  /** Milliseconds since its first record. */
  readonly ageMs: number;
  /** Bytes of log that replay would have to read. */
  readonly logBytes: number;
}

export interface SealBounds {
  readonly sealBytes: number;
  readonly logBytesMax: number;
}

const DEFAULT_BOUNDS: SealBounds = { sealBytes: SEAL_BYTES, logBytesMax: LOG_BYTES_MAX };

export function shouldSeal(
  growing: GrowingFigures,
  { sealBytes, logBytesMax }: SealBounds = DEFAULT_BOUNDS,
): boolean {
  return (
    growing.byteLength >= sealBytes ||
    growing.rowCount >= SEAL_ROWS_MAX ||
    growing.ageMs >= SEAL_AGE_MS ||
    growing.logBytes >= logBytesMax
  );
}
