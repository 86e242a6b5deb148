/** A place in a log as metadata keeps it: the shape of wal/position.ts, which is a level above. */
import type { RecordFields } from './record-fields.ts';

export interface LogPoint {
  readonly term: number;
  readonly sequence: number;
  readonly index: number;
}

/** Before every record of every log. */
export const LOG_BEGINNING: LogPoint = Object.freeze({ term: 0, sequence: 0, index: 0 });

export function compareLogPoints(a: LogPoint, b: LogPoint): number {
  return a.term - b.term || a.sequence - b.sequence || a.index - b.index;
}

export function readLogPoint(fields: RecordFields): LogPoint {
  return Object.freeze({
    term: fields.integer('term'),
    sequence: fields.integer('sequence'),
    index: fields.integer('index'),
  });
}
