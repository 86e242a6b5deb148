/** Numbers as the native kernels count their types. */
import type { FixedColumn } from '../schema/column.ts';

/** As native/src/binding_number.cc and binding_range.cc count them. */
export const NUMBER_KIND = {
  int64: 0,
  int32: 1,
  float32: 2,
  float64: 3,
  int16: 4,
  int8: 5,
} as const;

export type NumberKind = (typeof NUMBER_KIND)[keyof typeof NUMBER_KIND];

/** Null of values that no kernel reads: Bool. */
export function numberKind(values: FixedColumn['values']): NumberKind | null {
  if (values instanceof BigInt64Array) return NUMBER_KIND.int64;
  if (values instanceof Int32Array) return NUMBER_KIND.int32;
  if (values instanceof Float32Array) return NUMBER_KIND.float32;
  if (values instanceof Float64Array) return NUMBER_KIND.float64;
  if (values instanceof Int16Array) return NUMBER_KIND.int16;
  return values instanceof Int8Array ? NUMBER_KIND.int8 : null;
}
