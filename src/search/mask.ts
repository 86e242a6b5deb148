/** Which rows of a chunk a read takes: visible, accepted by the filter, not null where a vector is compared. */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { type Answers, sliceAnswer } from '../query/answer.ts';
import type { BoundFilter } from '../query/bind.ts';
import { evaluateFilter, type FilterSource } from '../query/evaluate.ts';
import { filterSteps } from '../query/evaluate-steps.ts';
import { asksGeometry, asksMuch } from '../query/facts.ts';
import { loadGeometry } from '../query/geometry-relations.ts';
import { prepareTables } from '../query/prepare.ts';
import type { Steps } from '../query/steps.ts';
import { Work, WORK_AT_ONCE } from '../query/work.ts';
import { sliceColumn } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import { inTurns } from './in-turns.ts';
import { inPieces, type Turn } from './read-context.ts';

/** Rows a filter is first tried on at once, and the fewest; multiples of 32. */
const FILTER_ROWS = 16_384;
const FILTER_ROWS_MIN = 32;
/**
 * Work of a slice that is done in one stretch. Most take a small part of the time that is estimated, and how large
 * the next one is follows what they took.
 */
const SLICE_WORK: number = 4 * WORK_AT_ONCE;
/** Rows of a slice that is done in steps: many, so that each condition is asked of many. */
const STEPPED_ROWS = 1024;
/** Milliseconds below which a larger slice is worth trying, and above which a smaller one is. */
const QUICK_MS = 0.5;
const SLOW_MS = 1.5;

/** Bits [start, start + count) of `bitmap`, as bits 0 to count - 1. */
export function sliceBits(bitmap: Bitmap, start: number, count: number): Bitmap {
  const slice = new Bitmap(count);
  const { words } = slice;
  const shift = start & 31;
  const first = start >>> 5;
  for (let i = 0; i < words.length; i++) {
    const low = bitmap.words[first + i]! >>> shift;
    // A shift by 32 is a shift by 0.
    const high = shift === 0 ? 0 : (bitmap.words[first + i + 1] ?? 0) << (32 - shift);
    words[i] = low | high;
  }
  const spare = count & 31;
  if (spare !== 0) words[words.length - 1]! &= (1 << spare) - 1;
  return slice;
}

/** Words of the bits [start, end), copied. @param start a multiple of 32, as `end` is unless it is the last */
export function sliceWords(bitmap: Bitmap, start: number, end: number): Uint32Array {
  return bitmap.words.slice(start >>> 5, (end + 31) >>> 5);
}

/** The rows of both; null is all rows. */
export function intersect(left: Bitmap | null, right: Bitmap | null): Bitmap | null {
  if (left === null || right === null) return left ?? right;
  return left.and(right);
}

export interface FilterRows {
  readonly rowCount: number;
  /** Rows for which anybody asks; null: all. */
  readonly wanted: Bitmap | null;
  /** Those of the conditions that are not answered, or not of every row. */
  readonly columns: ReadonlyMap<number, Column>;
  /** What indexes say of its conditions, for all rows. */
  readonly answers?: Answers;
}

const NO_ANSWERS: Answers = new Map();

/** Rows for which the filter is true; what it says of rows that nobody wants is left open. */
export async function filterMask(
  filter: BoundFilter,
  { rowCount, wanted, columns, answers = NO_ANSWERS }: FilterRows,
  turn: Turn,
): Promise<Bitmap> {
  const source = { columns, answers };
  // To join bits is the work of a moment, however many rows there are.
  if (columns.size === 0) return evaluateSlice(filter, source, 0, rowCount);
  await prepareTables(filter, (count, add) => inPieces(count, turn, add));
  if (asksGeometry(filter)) await loadGeometry();
  const cut = sliceCutter(filter, columns);
  const whole = cut(0, Math.min(rowCount, FILTER_ROWS));
  if (whole === rowCount) return evaluateSlice(filter, source, 0, rowCount);
  const mask = new Bitmap(rowCount);
  let sliceRows = FILTER_ROWS;
  for (let start = 0; start < rowCount; ) {
    const quickEnd = cut(start, Math.min(rowCount, start + sliceRows));
    const end = quickEnd ?? Math.min(rowCount, start + STEPPED_ROWS);
    if (wanted === null || hasBits(wanted, start, end)) {
      const startedMs = turn.nowMs;
      const slice =
        quickEnd === null
          ? await inTurns(sliceSteps(filter, source, { wanted, start, end }), turn)
          : evaluateSlice(filter, source, start, end);
      mask.words.set(slice.words, start >>> 5);
      const tookMs = turn.nowMs - startedMs;
      if (quickEnd !== null && tookMs < QUICK_MS) sliceRows *= 2;
      else if (quickEnd !== null && tookMs > SLOW_MS && sliceRows > FILTER_ROWS_MIN)
        sliceRows >>>= 1;
    }
    start = end;
    if (turn.isOver) await turn.yield();
  }
  return mask;
}

/** The end of the largest slice from `start` to no farther than `end` that is done in one stretch; null: none is. */
type SliceCutter = (start: number, end: number) => number | null;

function sliceCutter(filter: BoundFilter, columns: ReadonlyMap<number, Column>): SliceCutter {
  // What a row of these costs is not told from its length.
  if (asksMuch(filter)) return () => null;
  const work = new Work(filter.predicate);
  const columnOf = (fieldId: number): Column | undefined => columns.get(fieldId);
  return (start, most) => {
    let end = most;
    while (work.of(columnOf, start, end) > SLICE_WORK) {
      if (end - start <= FILTER_ROWS_MIN) return null;
      const half = Math.ceil((end - start) / 2 / FILTER_ROWS_MIN) * FILTER_ROWS_MIN;
      end = Math.min(start + half, end - 1);
    }
    return end;
  };
}

function sliceSteps(
  { predicate }: BoundFilter,
  source: Required<Pick<FilterRows, 'columns' | 'answers'>>,
  {
    wanted,
    start,
    end,
  }: Pick<FilterRows, 'wanted'> & { readonly start: number; readonly end: number },
): Steps<Bitmap> {
  const active = wanted === null ? null : sliceWords(wanted, start, end);
  return filterSteps(predicate, sliceSource(source, start, end), active);
}

function evaluateSlice(
  filter: BoundFilter,
  { columns, answers }: Required<Pick<FilterRows, 'columns' | 'answers'>>,
  start: number,
  end: number,
): Bitmap {
  return evaluateFilter(filter, sliceSource({ columns, answers }, start, end));
}

/** Rows [start, end) of what a filter looks at. */
export function sliceSource(
  { columns, answers }: Required<Pick<FilterRows, 'columns' | 'answers'>>,
  start: number,
  end: number,
): FilterSource {
  const slices = new Map<number, Column>();
  return {
    rowCount: end - start,
    column(fieldId) {
      const known = slices.get(fieldId);
      if (known !== undefined) return known;
      const whole = must(columns.get(fieldId), `column ${fieldId} of the filter is loaded`);
      const slice = sliceColumn(whole, start, end);
      slices.set(fieldId, slice);
      return slice;
    },
    answer(condition) {
      const whole = answers.get(condition);
      return whole === undefined ? null : sliceAnswer(whole, start, end);
    },
    ...(answers.size === 0 ? {} : { isAnswered: (condition) => answers.has(condition) }),
  };
}

/** @param start a multiple of 32, as `end` is unless it is the bitmap's own */
function hasBits(bitmap: Bitmap, start: number, end: number): boolean {
  for (let i = start >>> 5; i < (end + 31) >>> 5; i++) if (bitmap.words[i] !== 0) return true;
  return false;
}
