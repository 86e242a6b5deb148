/**
 * How long an import may take, as its option `timeout` says: a duration in the words of Go, `90s` or `1h30m`.
 * Source: Milvus `internal/util/importutilv2/option.go`.
 */
import { importFailed } from './import-error.ts';

const HOUR_MS = 3_600_000;
/** What Milvus gives an import that says nothing. */
const DEFAULT_MS = 72 * HOUR_MS;
const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: HOUR_MS,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const WHOLE = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;

/** Milliseconds. @throws MilvusError ImportFailed for what is no duration, or a negative one */
export function timeoutMs(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MS;
  if (text === '0') return 0;
  if (!WHOLE.test(text)) {
    throw importFailed(`parse timeout failed, timeout=${text}: time: invalid duration`);
  }
  return Array.from(text.matchAll(PART)).reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0),
    0,
  );
}
