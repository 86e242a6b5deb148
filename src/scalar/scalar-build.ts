/**
 * Builds the index of one column, or of a path into its JSON: a pure function from rows to a file.
 *
 *   HYBRID       BITMAP where there are few distinct values, else STL_SORT, of arrays INVERTED
 *   a JSON cast  to JSON is INVERTED over everything inside
 *   TRIE         without a text is written as STL_SORT, which then is as empty
 *   NGRAM        of many lengths has the shortest of them, by which longer texts are found as well
 */
import { assert } from '../base/assert.ts';
import { integerOf, type Parameters } from '../index/parameters.ts';
import type { ScalarStructure } from '../index/registry.ts';
import { type BuildControl, isBuildCancelled, setRowsBuilt } from '../index/vector-index.ts';
import { boundsOf, isEmptyBounds } from '../query/geometry-bounds.ts';
import { isValid } from '../schema/column-layout.ts';
import type { BytesColumn, Column } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { writeBoxTree } from './box-tree.ts';
import { type ColumnTerms, type JsonPlace, termsOf } from './column-terms.ts';
import { writeBitmaps, writeDeltas, writeSortedRows } from './row-lists.ts';
import { type ImageStructure, type Sections, writeImage } from './scalar-image.ts';
import { writeTerms } from './term-dictionary.ts';
import { termCount } from './term-rows.ts';
import { writeTrie } from './text-trie.ts';

/** What is built of which column. */
export interface ScalarTask {
  readonly kind: 'build-scalar-index';
  readonly structure: ScalarStructure;
  readonly parameters: Parameters;
  /** Null: not JSON. */
  readonly json: JsonPlace | null;
  readonly column: Column;
  /** At least 1. */
  readonly rowCount: number;
  readonly control: BuildControl;
}

/** @returns the file, in shared memory; null when it was cancelled */
export function buildScalarIndex(task: ScalarTask): Uint8Array | null {
  const column = inOwnMemory(task.column);
  if (task.structure === 'RTREE') return buildBoxes(task, column);
  const { structure, parameters, json, rowCount, control } = task;
  const isGrams = structure === 'NGRAM';
  const minGram = isGrams ? integerOf(parameters, 'min_gram') : 0;
  const longest = minGram + GRAM_LENGTHS_MAX - 1;
  const maxGram = isGrams ? Math.min(integerOf(parameters, 'max_gram'), longest) : 0;
  const terms = termsOf({
    column,
    rowCount,
    json,
    grams: isGrams ? { min: minGram, max: maxGram } : null,
    goesOn: (rowsDone) => reportsAndGoesOn(control, rowsDone),
  });
  if (terms === null) return null;
  const chosen = structureOf(task, terms);
  const { kind, found, known, present, open, cast } = terms;
  const shape = { structure: chosen, terms: kind, rowCount, termCount: termCount(found) };
  const image = writeImage(
    { ...shape, minGram, maxGram },
    {
      known,
      present,
      open,
      cast,
      ...termSections(chosen, terms),
      ...rowSections(chosen, task, terms),
    },
  );
  setRowsBuilt(control, rowCount);
  return image;
}

function reportsAndGoesOn(control: BuildControl, rowsDone: number): boolean {
  setRowsBuilt(control, rowsDone);
  return !isBuildCancelled(control);
}

function structureOf(
  { structure, parameters, column }: ScalarTask,
  terms: ColumnTerms,
): ImageStructure {
  assert(structure !== 'RTREE', 'boxes are built elsewhere');
  if (structure === 'TRIE') return termCount(terms.found) === 0 ? 'STL_SORT' : 'TRIE';
  if (structure !== 'HYBRID') return structure;
  if (termCount(terms.found) <= integerOf(parameters, 'bitmap_cardinality_limit')) return 'BITMAP';
  return column.kind === 'list' ? 'INVERTED' : 'STL_SORT';
}

function termSections(structure: ImageStructure, { found }: ColumnTerms): Sections {
  const { terms } = found;
  return structure === 'TRIE' && terms.kind === 'texts'
    ? { nodes: writeTrie(terms) }
    : writeTerms(terms);
}

function rowSections(
  structure: ImageStructure,
  { rowCount }: ScalarTask,
  { found }: ColumnTerms,
): Sections {
  if (structure === 'BITMAP') return writeBitmaps(found, rowCount);
  const isListed = structure === 'INVERTED' || structure === 'NGRAM';
  return isListed ? writeDeltas(found) : writeSortedRows(found);
}

function buildBoxes({ rowCount, control }: ScalarTask, column: Column): Uint8Array | null {
  assert(column.kind === 'bytes' && column.type === DataType.Geometry, 'boxes are of geometries');
  const { bytes, offsets, validity } = column;
  const boxes = new Float64Array(rowCount * 4);
  const rows = new Uint32Array(rowCount);
  const open = new Uint32Array((rowCount + 31) >>> 5);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (row % ROWS_AT_ONCE === 0 && !reportsAndGoesOn(control, row)) return null;
    if (validity !== null && !isValid(validity, row)) continue;
    const box = boundsOf(bytes.subarray(offsets[row], offsets[row + 1]));
    if (isEmptyBounds(box)) open[row >>> 5]! |= 1 << (row & 31);
    else {
      boxes.set([box.minX, box.minY, box.maxX, box.maxY], count * 4);
      rows[count++] = row;
    }
  }
  const shape = { structure: 'RTREE', terms: 'boxes', rowCount, termCount: count } as const;
  const tree = writeBoxTree(boxes.subarray(0, count * 4), rows.subarray(0, count));
  setRowsBuilt(control, rowCount);
  return writeImage(
    { ...shape, minGram: 0, maxGram: 0 },
    { known: validity, open: open.some((word) => word !== 0) ? open : null, ...tree },
  );
}

/** Lengths of grams that are built: longer texts are covered by the longest of them. */
const GRAM_LENGTHS_MAX = 4;
/** Rows between two questions whether to go on. */
const ROWS_AT_ONCE = 4096;

/** Text cannot be decoded in memory that threads share. */
function inOwnMemory(column: Column): Column {
  if (column.kind !== 'bytes' || !(column.bytes.buffer instanceof SharedArrayBuffer)) return column;
  const bytes = new Uint8Array(column.bytes.length);
  bytes.set(column.bytes);
  return { ...column, bytes } satisfies BytesColumn;
}
