/**
 * A search of one vector for which everything is at hand, answered in one step: no promise, no task, no turn.
 *
 * Hits are those of the long way (query.ts), of which this is a shortcut: indexes are open on this thread,
 * columns and masks in memory, and the work is less than the hop to a worker. Whatever is not so, or turns
 * out not to be, leaves the search to the long way, which brings in what was missing for the next one.
 */
import { must } from '../base/assert.ts';
import { INLINE_WORK_MAX } from '../base/limits.ts';
import { isMapped } from '../base/mapped-memory.ts';
import { SCAN_ROWS_MAX } from '../index/best-lists.ts';
import { type ScanTask, TIE_ROWS_MAX } from '../index/flat.ts';
import { scanTopK } from '../index/kernels.ts';
import { onlyMatches } from '../index/metric-type.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { concatColumns, takeRows } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { IndexFiles, SegmentReader } from '../segments/segment.ts';
import { codesOf } from './coded-scan.ts';
import { knownSources } from './execute.ts';
import { searchedRows, type Source } from './source.ts';
import { type HitList, HitMerger } from './hit-merger.ts';
import { indexOf, indexOnThread, indexTask, indexWork, TIE_HITS } from './index-search.ts';
import { type OrderedKeys, orderedKeys } from './key-order.ts';
import type { SearchAnswer, SearchPlan } from './plan.ts';
import type { ReadContext } from './read-context.ts';
import { emptySearchAnswer } from './reduce.ts';
import { checkHitsSize, checkOutputSize, rowsByteLength } from './row-bytes.ts';
import { scanBounds } from './search-window.ts';
import { endsInTie, type Found, orderTiesAtOnce } from './tie-order.ts';
import { isWorthAsking, TIE_GROWTH } from './tied-index-search.ts';
import { vectorsOf } from './vectors.ts';

/** Multiply-adds of scans: what the twin does in a few milliseconds. */
const SCAN_WORK_MAX = 2_000_000;
/** Rows that are asked of an index here for the sake of those that are alike: they are put in order in one stretch. */
const TIED_ROWS_MAX = 1024;
/** Bytes of output fields that are copied in one stretch. */
const OUTPUT_BYTES_MAX: number = 1024 * 1024;

/**
 * @returns null when the long way is to answer
 * @throws MilvusError ParameterInvalid when the answer is too large
 */
export function searchAtOnce(
  plan: SearchPlan,
  segments: readonly SegmentReader[],
  context: ReadContext,
): SearchAnswer | null {
  if (plan.queryCount !== 1 || plan.window !== null) return null;
  const sources = knownSources(plan, segments, context.masks ?? null);
  if (sources === null) return null;
  if (sources.length === 0) return emptySearchAnswer(plan);
  checkSize(plan, sources);
  const searches = openSearches(plan, sources, context);
  if (searches === null) return null;
  const columns = outputColumns(plan, sources);
  if (columns === null) return null;
  const hits = bestOf(plan, sources, searches);
  const answer = hits === null ? null : answerOf(hits, columns);
  return answer === null ? null : { ...answer, searchedRows: searchedRows(sources) };
}

/** Before anything is searched, as the long way does. */
function checkSize(plan: SearchPlan, sources: readonly Source[]): void {
  let rowCount = 0;
  for (const source of sources) rowCount += source.rowCount;
  const fields = plan.outputFieldIds.map((id) => fieldWithId(plan.schema, id));
  checkHitsSize(Math.min(plan.topK, rowCount), fields);
}

/** Finds topK rows of a source and a few more, best first; null when that is for the long way to do. */
type SourceSearch = () => Found | null;

/** How each source is searched; null when one cannot be, or all of it is too much. */
function openSearches(
  plan: SearchPlan,
  sources: readonly Source[],
  context: ReadContext,
): SourceSearch[] | null {
  const searches: SourceSearch[] = [];
  const field = fieldWithId(plan.schema, plan.fieldId);
  const { type, dim } = plan.queries;
  const rowWork = type === DataType.BinaryVector ? dim / 8 : dim;
  let work = 0;
  let scanWork = 0;
  for (const source of sources) {
    const chunkIndex = indexOf(plan, source, context);
    if (chunkIndex !== null) work += indexWork(plan, source);
    else scanWork += source.rowCount * rowWork;
    if (work > INLINE_WORK_MAX || scanWork > SCAN_WORK_MAX) return null;
    // Scans by codes are the long way's.
    if (chunkIndex === null && codesOf(plan, source, context) !== null) return null;
    const search =
      chunkIndex === null
        ? openScan(plan, source, field)
        : openIndex(plan, source, chunkIndex.peek?.(field) ?? null);
    if (search === null) return null;
    searches.push(search);
  }
  return searches;
}

function openIndex(
  plan: SearchPlan,
  source: Source,
  files: IndexFiles | null,
): SourceSearch | null {
  if (files === null || isMapped(files.image.bytes)) return null;
  const vectors = vectorsOf(files.vectors);
  if (isMapped(vectors.values)) return null;
  const index = indexOnThread({ image: files.image, vectors });
  if (index === null) return null;
  const { rowCount } = source;
  return () => {
    let wanted = Math.min(rowCount, plan.topK + TIE_HITS);
    let found = index.search(indexTask(plan, { source, topK: wanted }));
    while (endsInTie(found, plan.topK, wanted) && wanted < rowCount) {
      wanted = Math.min(rowCount, wanted * TIE_GROWTH);
      if (wanted > TIED_ROWS_MAX || !isWorthAsking({ ...plan, topK: wanted }, source)) return null;
      found = index.search(indexTask(plan, { source, topK: wanted }));
    }
    const isEnough = found.rows.length >= plan.topK || onlyMatches(plan.metric);
    return isEnough ? found : null;
  };
}

function openScan(plan: SearchPlan, source: Source, field: FieldSchema): SourceSearch | null {
  const column = source.chunk.peek?.(field) ?? null;
  if (column === null || source.chunk.rowCount > SCAN_ROWS_MAX) return null;
  const vectors = vectorsOf(column);
  if (isMapped(vectors.values)) return null;
  const { metric, minhash, queries, queryCount } = plan;
  const task: ScanTask = {
    kind: 'scan',
    metric,
    ...(minhash === undefined ? {} : { minhash }),
    vectors,
    rowStart: 0,
    rowEnd: source.chunk.rowCount,
    allowed: source.allowed?.words ?? null,
    queries: queries.values,
    queryCount,
    tieRowsMax: TIE_ROWS_MAX,
    ...scanBounds(plan),
  };
  return () => {
    const { rows, scores, cut } = scanTopK(task);
    return cut[0] === 1 ? null : { rows, scores };
  };
}

/** The best topK rows of all sources; null when the long way is to find them. */
function bestOf(
  plan: SearchPlan,
  sources: readonly Source[],
  searches: readonly SourceSearch[],
): HitList | null {
  const lists: HitList[] = [];
  for (const [i, search] of searches.entries()) {
    const found = search();
    if (found === null) return null;
    const source = must(sources[i], 'each source is searched');
    const rows = orderTiesAtOnce(found, plan.topK, () => keysOf(plan, source));
    const count = rows.length;
    const sourceOf = new Uint32Array(count);
    if (i > 0) sourceOf.fill(i);
    const scores = found.scores.length === count ? found.scores : found.scores.slice(0, count);
    lists.push({ counts: Uint32Array.of(count), rows, scores, sources: sourceOf });
  }
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const { metric, queryCount, topK } = plan;
  const keys = sources.map((source) => keysOf(plan, source));
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  merger.mergeNext();
  return merger.build();
}

function keysOf({ schema }: SearchPlan, { chunk }: Source): OrderedKeys {
  const column = chunk.peek?.(primaryField(schema)) ?? undefined;
  return orderedKeys(keysOfColumn(column));
}

/** A field that the answer shows, and its column in each source. */
interface OutputColumn {
  readonly field: FieldSchema;
  readonly columns: readonly Column[];
}

/** Null when one of them has to be read first. The key is one of them. */
function outputColumns(plan: SearchPlan, sources: readonly Source[]): OutputColumn[] | null {
  const output: OutputColumn[] = [];
  for (const id of plan.outputFieldIds) {
    const field = fieldWithId(plan.schema, id);
    const columns: Column[] = [];
    for (const { chunk } of sources) {
      const column = chunk.peek?.(field) ?? null;
      // Rows of a mapped column may have to come from the disk.
      if (column === null || isInFile(column)) return null;
      columns.push(column);
    }
    output.push({ field, columns });
  }
  return output;
}

function isInFile(column: Column): boolean {
  return column.kind === 'vector' && isMapped(column.values);
}

/** The answer with the fields of its rows, which stand source by source; null when they are large. */
function answerOf(hits: HitList, output: readonly OutputColumn[]): SearchAnswer | null {
  const sourceCount = output[0]?.columns.length ?? 0;
  const { counts, scores } = hits;
  const { places, rowsBySource } = groupRows(hits, sourceCount);
  let byteLength = 0;
  for (const { columns } of output) {
    for (const [i, column] of columns.entries()) {
      byteLength += rowsByteLength(column, rowsBySource[i]!);
    }
  }
  checkOutputSize('search', byteLength);
  if (byteLength > OUTPUT_BYTES_MAX) return null;
  const columns = new Map<number, Column>();
  for (const { field, columns: whole } of output) {
    const parts = whole.map((column, i) => takeRows(column, rowsBySource[i]!));
    columns.set(field.id, concatColumns(parts));
  }
  return { counts, rows: places, scores, batch: { rowCount: hits.rows.length, columns } };
}

interface GroupedRows {
  /** By hit: its place among the rows of all sources. */
  readonly places: Uint32Array;
  readonly rowsBySource: readonly Uint32Array[];
}

function groupRows({ rows, sources }: HitList, sourceCount: number): GroupedRows {
  const places = new Uint32Array(rows.length);
  if (sourceCount === 1) {
    for (let hit = 0; hit < places.length; hit++) places[hit] = hit;
    return { places, rowsBySource: [rows] };
  }
  const rowsBySource: Uint32Array[] = [];
  let place = 0;
  for (let source = 0; source < sourceCount; source++) {
    const first = place;
    const ofSource = new Uint32Array(rows.length);
    for (let hit = 0; hit < rows.length; hit++) {
      if (sources[hit] !== source) continue;
      ofSource[place - first] = rows[hit]!;
      places[hit] = place++;
    }
    rowsBySource.push(ofSource.subarray(0, place - first));
  }
  return { places, rowsBySource };
}
