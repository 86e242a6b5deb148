/** A place in a log: totally ordered, and the same in every kind of log. */

export interface Position {
  /** Reign of the writer; grows with each opening. */
  readonly term: number;
  /** Number of the block, from 0 in each term. */
  readonly sequence: number;
  /** Record in the block. */
  readonly index: number;
}

/** Before every record of every log. */
export const LOG_START: Position = Object.freeze({ term: 0, sequence: 0, index: 0 });

export function comparePositions(a: Position, b: Position): number {
  return a.term - b.term || a.sequence - b.sequence || a.index - b.index;
}

export function maxPosition(a: Position, b: Position): Position {
  return comparePositions(a, b) >= 0 ? a : b;
}

/** `term/sequence/index`, for messages and for JSON. */
export function formatPosition(position: Position): string {
  return `${position.term}/${position.sequence}/${position.index}`;
}
