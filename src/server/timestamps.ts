/** Hybrid timestamps as clients are told them: Milvus's physical milliseconds << 18 | counter. */

/** Milliseconds since 1970. */
export function utcMs(timestamp: bigint): bigint {
  return timestamp >> 18n;
}
