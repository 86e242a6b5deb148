/**
 * The best rows of the sources of a search: by its index where a chunk has one (index-search.ts); else each
 * chunk's vector column is scanned in tasks, here when that is less work than the hop, else on the workers.
 * Scans are cut by queries first (a thread then reads each row once for all of them), by rows where one
 * query or few must keep all threads busy.
 *
 * What comes back is ordered by score and primary key, so it does not depend on how the work was cut.
 */
import { must } from '../base/assert.ts';
import { INLINE_WORK_MAX } from '../base/limits.ts';
import { isMapped } from '../base/mapped-memory.ts';
import { SCAN_ROWS_MAX } from '../index/best-lists.ts';
import { TILE_QUERIES } from '../index/distances.ts';
import { type ScanResult, type ScanTask, TIE_ROWS_MAX } from '../index/flat.ts';
import { vectorStride } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { ChunkIndex } from '../segments/segment.ts';
import { CODES_PER_VECTOR, codesOf, openCodes } from './coded-scan.ts';
import type { Source } from './source.ts';
import { type HitList, HitMerger } from './hit-merger.ts';
import { scanInline } from './inline-workers.ts';
import { indexOf, indexWork } from './index-search.ts';
import { type OrderedKeys, orderedKeys } from './key-order.ts';
import { sliceWords } from './mask.ts';
import type { SearchPlan } from './plan.ts';
import { type ReadContext, Turn } from './read-context.ts';
import { scanBounds, withinWindow } from './search-window.ts';
import { type Found, orderTies } from './tie-order.ts';
import { searchByIndex } from './tied-index-search.ts';
import { queryValues, vectorsOf } from './vectors.ts';
import { type Candidates, planOfQueries, searchWindowByIndex } from './window-index-search.ts';

/** Multiply-adds that are worth a task of their own: a millisecond, in JavaScript a few. */
const TASK_WORK_MIN = 8_000_000;
/** Multiply-adds of one task in a long search, which has more tasks than threads anyway. */
const TASK_WORK_MAX = 128_000_000;
/** Queries that read codes together, at least: each piece has bounds of its own to find. */
const CODED_QUERIES = 128;
/** Tasks a thread that a source is cut into, so that none waits long for the last. */
const TASKS_PER_THREAD = 4;

export interface ScannedSources {
  /** One or more a source; `sources` of the hits are positions in the list of sources. */
  readonly lists: readonly HitList[];
  /** By source. */
  readonly keys: readonly OrderedKeys[];
}

export async function scanSources(
  plan: SearchPlan,
  sources: readonly Source[],
  context: ReadContext,
): Promise<ScannedSources> {
  let work = 0;
  const indexes = sources.map((source) => indexOf(plan, source, context));
  const coded = sources.map((source) => codesOf(plan, source, context));
  for (const [i, source] of sources.entries()) {
    if (indexes[i] !== null) work += indexWork(plan, source);
    else work += (source.rowCount * rowWork(plan)) / (coded[i] === null ? 1 : CODES_PER_VECTOR);
  }
  const isInline = work <= INLINE_WORK_MAX || context.workers.parallelism === 1;
  const lists: HitList[][] = sources.map(() => []);
  const keys: OrderedKeys[] = [];
  const scanNext = async (index: number): Promise<void> => {
    const source = must(sources[index], 'sources are numbered');
    const { length: sourceCount } = sources;
    const codes = coded[index] ?? null;
    const scan = openScan(plan, { source, index, sourceCount, codes, isInline, context });
    const chunkIndex = indexes[index] ?? null;
    const hits = chunkIndex === null ? null : await searchIndexOf(scan, chunkIndex, context);
    lists[index] = hits === null ? await runScan(scan) : [hits];
    keys[index] = await scan.keys;
  };
  // One source more than there are threads: its columns are read while the others are scanned.
  await forEachAtMost(sources.length, isInline ? 1 : context.workers.parallelism + 1, scanNext);
  return { lists: lists.flat(), keys };
}

/** Runs `task` for 0..count - 1, at most `limit` at a time; stops at the first failure. */
async function forEachAtMost(
  count: number,
  limit: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let hasFailed = false;
  const runner = async (): Promise<void> => {
    while (next < count && !hasFailed) {
      try {
        await task(next++);
      } catch (cause) {
        hasFailed = true;
        throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, runner));
}

/** Multiply-adds, about, to compare one row with all queries. */
function rowWork({ queries, queryCount }: SearchPlan): number {
  const { type, dim } = queries;
  return queryCount * (type === DataType.BinaryVector ? dim / 8 : dim);
}

/** One source, ready to be scanned. */
interface SourceScan {
  readonly plan: SearchPlan;
  readonly source: Source;
  readonly index: number;
  readonly sourceCount: number;
  /** The codes of the source; null: it has none. */
  readonly codes: ChunkIndex | null;
  /** Read beside the vectors: only equal scores need them before the end. */
  readonly keys: Promise<OrderedKeys>;
  readonly turn: Turn;
  readonly run: (task: ScanTask) => Promise<ScanResult>;
  readonly isInline: boolean;
  readonly parallelism: number;
}

function openScan(
  plan: SearchPlan,
  part: Pick<SourceScan, 'source' | 'index' | 'sourceCount' | 'codes' | 'isInline'> & {
    readonly context: ReadContext;
  },
): SourceScan {
  const { source, index, sourceCount, codes, context, isInline } = part;
  const keys = loadKeys(plan, source);
  // Whoever waits for them hears of a failure; that of the vectors may come first.
  keys.catch(() => undefined);
  const { workers, signal } = context;
  return {
    plan,
    source,
    index,
    sourceCount,
    codes,
    keys,
    turn: new Turn(context),
    run: (task) =>
      isInline || !isSeenByThreads(task) ? scanInline(task, context) : workers.run(task, signal),
    isInline,
    parallelism: workers.parallelism,
  };
}

/** Threads see shared memory and mapped files; anything else would be copied to them. */
function isSeenByThreads({ vectors: { values } }: ScanTask): boolean {
  return values.buffer instanceof SharedArrayBuffer || isMapped(values);
}

/** @returns null when the scan is to answer */
async function searchIndexOf(
  scan: SourceScan,
  chunkIndex: ChunkIndex,
  context: ReadContext,
): Promise<HitList | null> {
  if (scan.plan.window === null) {
    const scanQueries = async (queries: readonly number[]): Promise<HitList> => {
      const plan = planOfQueries(scan.plan, queries);
      const work = scan.source.rowCount * rowWork(plan);
      const isInline = work <= INLINE_WORK_MAX || context.workers.parallelism === 1;
      const own = openScan(plan, { ...scan, isInline, context });
      return await mergeLists(own, plan, await runScan(own));
    };
    return await searchByIndex(chunkIndex, { ...scan, scanQueries }, context);
  }
  const scanCandidates = async (candidates: Candidates): Promise<HitList> => {
    const { query, allowed, rowCount } = candidates;
    const { chunk } = scan.source;
    const plan = planOfQueries(scan.plan, [query]);
    const lists = await runScan({ ...scan, plan, source: { chunk, allowed, rowCount } });
    return await mergeLists(scan, plan, lists);
  };
  return await searchWindowByIndex(chunkIndex, { ...scan, scan: scanCandidates }, context);
}

/** Lists of one query and source as one. */
async function mergeLists(
  scan: SourceScan,
  { metric, queryCount, topK }: SearchPlan,
  lists: readonly HitList[],
): Promise<HitList> {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const keys: OrderedKeys[] = [];
  keys[scan.index] = await scan.keys;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

async function loadKeys(plan: SearchPlan, { chunk }: Source): Promise<OrderedKeys> {
  const field = primaryField(plan.schema);
  const columns = await chunk.load([field]);
  return orderedKeys(keysOfColumn(must(columns.get(field.id), 'the keys are loaded')));
}

async function runScan(scan: SourceScan): Promise<HitList[]> {
  const { plan, source, codes } = scan;
  const found = codes === null ? null : await openCodes(codes, plan);
  if (found !== null) {
    const range = { firstRow: 0, rowStart: 0, rowEnd: source.chunk.rowCount };
    return await scanRows(scan, found, range);
  }
  const field = fieldWithId(plan.schema, plan.fieldId);
  if (!scan.isInline) return await scanLoading(scan, field);
  const lists: HitList[] = [];
  const isDone = await source.chunk.pass?.(field, async (column, firstRow) => {
    const vectors = vectorsOf(column);
    const rowEnd = firstRow + vectors.values.length / vectorStride(vectors.type, vectors.dim);
    const range = { firstRow, rowStart: firstRow, rowEnd };
    lists.push(...(await scanRows(scan, { vectors, codes: null }, range)));
  });
  return isDone === true ? lists : await scanLoading(scan, field);
}

/** Scans what is there of the column while the rest of it is being read. */
async function scanLoading(scan: SourceScan, field: FieldSchema): Promise<HitList[]> {
  const { plan, source } = scan;
  const { chunk } = source;
  const lists: Array<Promise<HitList[]>> = [];
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const rowsMin = scan.isInline ? 1 : Math.ceil(TASK_WORK_MIN / rowWork(plan));
  let scanned = 0;
  const scanUntil = (column: Column, rowEnd: number): void => {
    const range = { firstRow: 0, rowStart: scanned, rowEnd };
    const list = scanRows(scan, { vectors: vectorsOf(column), codes: null }, range);
    list.catch(reject);
    lists.push(list);
    scanned = rowEnd;
  };
  const loading = chunk.load([field], (column, rowCount) => {
    // Whole words of the mask.
    const rowEnd = rowCount - (rowCount % 32);
    if (rowEnd - scanned >= rowsMin) scanUntil(column, rowEnd);
  });
  const columns = await Promise.race([loading, failure]);
  const column = must(columns.get(field.id), 'the vectors are loaded');
  if (scanned < chunk.rowCount) scanUntil(column, chunk.rowCount);
  return (await Promise.all(lists)).flat();
}

/** Rows of a chunk; multiples of 32 apart from its end. */
interface RowRange {
  /** Of those in the column that is given. */
  readonly firstRow: number;
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** What is scanned. */
type Scanned = Required<Pick<ScanTask, 'vectors' | 'codes'>>;

async function scanRows(scan: SourceScan, rows: Scanned, range: RowRange): Promise<HitList[]> {
  const tasks = scanTasks(scan, rows, range);
  const finish = async (placed: PlacedTask): Promise<HitList> =>
    await orderedHits(scan, { ...placed, result: await runTask(scan, placed) });
  if (!scan.isInline) return await Promise.all(tasks.map(finish));
  const lists: HitList[] = [];
  for (const task of tasks) lists.push(await finish(task));
  return lists;
}

interface PlacedTask {
  readonly task: ScanTask;
  /** Row of the chunk that the task calls 0. */
  readonly firstRow: number;
  readonly firstQuery: number;
}

function scanTasks(scan: SourceScan, { vectors, codes }: Scanned, range: RowRange): PlacedTask[] {
  const { plan, source } = scan;
  const rowCount = range.rowEnd - range.rowStart;
  // As many of them as in all of the chunk are taken to be allowed.
  const measured = (source.rowCount / source.chunk.rowCount) * rowCount * rowWork(plan);
  const work = codes === null ? measured : measured / CODES_PER_VECTOR;
  const pieces = scan.isInline ? 1 : pieceCount(work, scan.parallelism, codes !== null);
  const queriesMin = codes === null ? TILE_QUERIES : CODED_QUERIES;
  const queryPieces = Math.min(pieces, Math.ceil(plan.queryCount / queriesMin));
  const queriesEach = Math.ceil(plan.queryCount / queryPieces);
  // Ranges of whole words of the mask.
  const rowsEach = Math.min(
    SCAN_ROWS_MAX,
    Math.ceil(rowCount / Math.ceil(pieces / queryPieces) / 32) * 32,
  );
  const tasks: PlacedTask[] = [];
  for (let { rowStart } = range; rowStart < range.rowEnd; rowStart += rowsEach) {
    const rowEnd = Math.min(range.rowEnd, rowStart + rowsEach);
    const allowed = source.allowed === null ? null : sliceWords(source.allowed, rowStart, rowEnd);
    for (let firstQuery = 0; firstQuery < plan.queryCount; firstQuery += queriesEach) {
      const queryCount = Math.min(queriesEach, plan.queryCount - firstQuery);
      const { firstRow } = range;
      const inColumn = { rowStart: rowStart - firstRow, rowEnd: rowEnd - firstRow };
      const rows = { ...inColumn, vectors, codes, allowed };
      const queries = queryValues(plan.queries, firstQuery, queryCount);
      tasks.push({ task: scanTask(plan, rows, { queries, queryCount }), firstRow, firstQuery });
    }
  }
  return tasks;
}

/** The result, in rows of the chunk. */
async function runTask(scan: SourceScan, { task, firstRow }: PlacedTask): Promise<ScanResult> {
  const result = await scan.run(task);
  const { rows } = result;
  if (firstRow > 0) for (let i = 0; i < rows.length; i++) rows[i]! += firstRow;
  return result;
}

function pieceCount(work: number, parallelism: number, isCoded: boolean): number {
  const shared = Math.min(Math.ceil(work / TASK_WORK_MIN), parallelism * TASKS_PER_THREAD);
  // Codes are read by many queries at once in as little time again.
  const workMax = isCoded ? TASK_WORK_MAX * CODES_PER_VECTOR : TASK_WORK_MAX;
  return Math.max(shared, Math.ceil(work / workMax));
}

function scanTask(
  plan: SearchPlan,
  rows: Pick<ScanTask, 'vectors' | 'codes' | 'rowStart' | 'rowEnd' | 'allowed'>,
  queries: Pick<ScanTask, 'queries' | 'queryCount'>,
): ScanTask {
  const { metric, minhash } = plan;
  const by = { metric, ...(minhash === undefined ? {} : { minhash }) };
  const bounds = { ...scanBounds(plan), tieRowsMax: TIE_ROWS_MAX };
  return { kind: 'scan', ...by, ...rows, ...queries, ...bounds };
}

/**
 * The result of one task as hits of the whole search: rows of equal score in the order of their keys, at most
 * topK a query. Where a scan had more ties than it hands over, the query is scanned again for all of them.
 */
async function orderedHits(
  scan: SourceScan,
  scanned: PlacedTask & { readonly result: ScanResult },
): Promise<HitList> {
  const { plan, turn } = scan;
  const { task, firstQuery, result } = scanned;
  const counts = new Uint32Array(plan.queryCount);
  const rows = new Uint32Array(result.rows.length);
  const scores = new Float32Array(result.rows.length);
  let length = 0;
  let next = 0;
  for (let query = 0; query < task.queryCount; query++) {
    const end = next + result.counts[query]!;
    let found = {
      rows: result.rows.subarray(next, end),
      scores: result.scores.subarray(next, end),
    };
    if (result.cut[query] === 1) found = await withAllTies(scan, scanned, query);
    const ordered = await orderTies(found, { topK: task.topK, keys: scan.keys, turn });
    const best = { rows: ordered, scores: found.scores.subarray(0, ordered.length) };
    const hits = await withinWindow(plan, best, { keys: scan.keys, chunk: scan.source.chunk });
    rows.set(hits.rows, length);
    scores.set(hits.scores, length);
    counts[firstQuery + query] = hits.rows.length;
    length += hits.rows.length;
    next = end;
    if (turn.isOver) await turn.yield();
  }
  return {
    counts,
    scores: scores.subarray(0, length),
    sources: new Uint32Array(length).fill(scan.index),
    rows: rows.subarray(0, length),
  };
}

async function withAllTies(scan: SourceScan, placed: PlacedTask, query: number): Promise<Found> {
  const { task } = placed;
  const stride = task.queries.length / task.queryCount;
  const queries = task.queries.slice(query * stride, (query + 1) * stride);
  const tieRowsMax = task.rowEnd - task.rowStart;
  const whole = { ...task, queries, queryCount: 1, tieRowsMax };
  return await runTask(scan, { ...placed, task: whole });
}
