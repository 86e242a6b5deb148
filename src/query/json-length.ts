/** `array_length` of JSON: how many elements the array has that stands at a path of each row's text. */
import type { FixedColumn } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { JsonCursor, jsonSteps } from './json-cursor.ts';
import type { JsonRows } from './json-scan.ts';
import { wordCount } from './truth.ts';

/**
 * Null where no array is.
 * @param active rows outside are passed over and null
 */
export function jsonLengths(
  { column, path, rowCount }: JsonRows,
  active: Uint32Array | null,
): FixedColumn {
  const values = new Int32Array(rowCount);
  const known = new Uint32Array(wordCount(rowCount));
  const cursor = new JsonCursor();
  const steps = jsonSteps(path);
  const { bytes, offsets, validity } = column;
  for (let i = 0; i < rowCount; i++) {
    const word = i >>> 5;
    const bit = 1 << (i & 31);
    if (active !== null && (active[word]! & bit) === 0) continue;
    if (validity !== null && (validity[word]! & bit) === 0) continue;
    cursor.find(bytes, offsets[i]!, offsets[i + 1]!, steps);
    if (cursor.kind !== 'array') continue;
    known[word]! |= bit;
    let count = 0;
    for (let has = cursor.firstElement(); has; has = cursor.nextElement()) count++;
    values[i] = count;
  }
  return { kind: 'fixed', type: DataType.Int32, values, validity: known };
}
