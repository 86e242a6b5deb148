/**
 * The best rows of the sources of a search: each chunk's vector column is scanned in tasks, here when that is
 * less work than the hop, else on the workers. Work is cut by queries first (a thread then reads each row
 * once for all of them), by rows where one query or few must keep all threads busy.
 *
 * What comes back is ordered by score and primary key, so it does not depend on how the work was cut.
 */
import { assert, must } from '../base/assert.ts';
import { INLINE_WORK_MAX } from '../base/limits.ts';
import { SCAN_ROWS_MAX } from '../index/best-lists.ts';
import { TILE_QUERIES, type Vectors, type VectorValues } from '../index/distances.ts';
import { type ScanResult, type ScanTask, TIE_ROWS_MAX } from '../index/flat.ts';
import { vectorStride } from '../schema/column-layout.ts';
import type { Column, VectorColumn } from '../schema/column.ts';
import { DataType, isDenseVector } from '../schema/data-type.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { Source } from './execute.ts';
import type { HitList } from './hit-merger.ts';
import { scanInline } from './inline-workers.ts';
import { compareKeys, type OrderedKeys, orderedKeys, smallestRows } from './key-order.ts';
import { sliceWords } from './mask.ts';
import type { SearchPlan } from './plan.ts';
import { type ReadContext, Turn } from './read-context.ts';

/** Multiply-adds that are worth a task of their own: a few milliseconds. */
const TASK_WORK_MIN = 8_000_000;
/** Multiply-adds of one task in a long search, which has more tasks than threads anyway. */
const TASK_WORK_MAX = 128_000_000;
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
  for (const { rowCount } of sources) work += rowCount * rowWork(plan);
  const isInline = work <= INLINE_WORK_MAX || context.workers.parallelism === 1;
  const lists: HitList[][] = sources.map(() => []);
  const keys: OrderedKeys[] = [];
  const scanNext = async (index: number): Promise<void> => {
    const source = must(sources[index], 'sources are numbered');
    const scan = await openScan(plan, { source, index, isInline, context });
    keys[index] = scan.keys;
    lists[index] = await runScan(scan);
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
  readonly vectors: Vectors;
  readonly keys: OrderedKeys;
  readonly turn: Turn;
  readonly run: (task: ScanTask) => Promise<ScanResult>;
  readonly isInline: boolean;
  readonly parallelism: number;
}

async function openScan(
  plan: SearchPlan,
  part: { source: Source; index: number; isInline: boolean; context: ReadContext },
): Promise<SourceScan> {
  const { source, index, context } = part;
  const vectorField = fieldWithId(plan.schema, plan.fieldId);
  const keyField = primaryField(plan.schema);
  const columns = await source.chunk.load([vectorField, keyField]);
  const vectors = vectorsOf(must(columns.get(vectorField.id), 'the vectors are loaded'));
  const keys = orderedKeys(keysOfColumn(must(columns.get(keyField.id), 'the keys are loaded')));
  // Threads see shared memory only; anything else would be copied to them.
  const isInline = part.isInline || !(vectors.values.buffer instanceof SharedArrayBuffer);
  const { workers, signal } = context;
  return {
    plan,
    source,
    index,
    vectors,
    keys,
    turn: new Turn(context),
    run: (task) => (isInline ? scanInline(task, context) : workers.run(task, signal)),
    isInline,
    parallelism: workers.parallelism,
  };
}

function vectorsOf(column: Column): Vectors {
  assert(column.kind === 'vector', 'a dense vector field has a vector column');
  const { type, dim, values } = column;
  assert(isDenseVector(type), 'a vector column is of a dense vector type');
  return { type, dim, values };
}

async function runScan(scan: SourceScan): Promise<HitList[]> {
  const tasks = scanTasks(scan);
  const finish = async (task: ScanTask, firstQuery: number): Promise<HitList> =>
    await orderedHits(scan, { task, firstQuery, result: await scan.run(task) });
  if (!scan.isInline)
    return await Promise.all(tasks.map(({ task, firstQuery }) => finish(task, firstQuery)));
  const lists: HitList[] = [];
  for (const { task, firstQuery } of tasks) lists.push(await finish(task, firstQuery));
  return lists;
}

interface PlacedTask {
  readonly task: ScanTask;
  readonly firstQuery: number;
}

function scanTasks(scan: SourceScan): PlacedTask[] {
  const { plan, source } = scan;
  const { chunk, rowCount } = source;
  const pieces = scan.isInline ? 1 : pieceCount(rowCount * rowWork(plan), scan.parallelism);
  const queryPieces = Math.min(pieces, Math.ceil(plan.queryCount / TILE_QUERIES));
  const queriesEach = Math.ceil(plan.queryCount / queryPieces);
  // Ranges of whole words of the mask.
  const rowsEach = Math.min(
    SCAN_ROWS_MAX,
    Math.ceil(chunk.rowCount / Math.ceil(pieces / queryPieces) / 32) * 32,
  );
  const tasks: PlacedTask[] = [];
  for (let rowStart = 0; rowStart < chunk.rowCount; rowStart += rowsEach) {
    const rowEnd = Math.min(chunk.rowCount, rowStart + rowsEach);
    const allowed = source.allowed === null ? null : sliceWords(source.allowed, rowStart, rowEnd);
    for (let firstQuery = 0; firstQuery < plan.queryCount; firstQuery += queriesEach) {
      const queryCount = Math.min(queriesEach, plan.queryCount - firstQuery);
      const range = { rowStart, rowEnd, allowed };
      const queries = queryValues(plan.queries, firstQuery, queryCount);
      tasks.push({ task: scanTask(scan, range, { queries, queryCount }), firstQuery });
    }
  }
  return tasks;
}

function pieceCount(work: number, parallelism: number): number {
  const shared = Math.min(Math.ceil(work / TASK_WORK_MIN), parallelism * TASKS_PER_THREAD);
  return Math.max(shared, Math.ceil(work / TASK_WORK_MAX));
}

function scanTask(
  { plan, vectors }: SourceScan,
  range: Pick<ScanTask, 'rowStart' | 'rowEnd' | 'allowed'>,
  queries: Pick<ScanTask, 'queries' | 'queryCount'>,
): ScanTask {
  const { metric, topK } = plan;
  return { kind: 'scan', metric, vectors, ...range, ...queries, topK, tieRowsMax: TIE_ROWS_MAX };
}

/** Queries [first, first + count), copied: they cross to a worker without the others. */
function queryValues(queries: VectorColumn, first: number, count: number): VectorValues {
  const stride = vectorStride(queries.type, queries.dim);
  return queries.values.slice(first * stride, (first + count) * stride);
}

/**
 * The result of one task as hits of the whole search: rows of equal score in the order of their keys, at most
 * topK a query. Where a scan had more ties than it hands over, the query is scanned again for all of them.
 */
async function orderedHits(
  scan: SourceScan,
  { task, firstQuery, result }: PlacedTask & { readonly result: ScanResult },
): Promise<HitList> {
  const { plan, turn } = scan;
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
    if (result.cut[query] === 1) found = await withAllTies(scan, task, query);
    const ordered = await orderTies(scan, found);
    rows.set(ordered, length);
    scores.set(found.scores.subarray(0, ordered.length), length);
    counts[firstQuery + query] = ordered.length;
    length += ordered.length;
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

interface Found {
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

async function withAllTies(scan: SourceScan, task: ScanTask, query: number): Promise<Found> {
  const stride = task.queries.length / task.queryCount;
  const queries = task.queries.slice(query * stride, (query + 1) * stride);
  const tieRowsMax = task.rowEnd - task.rowStart;
  return await scan.run({ ...task, queries, queryCount: 1, tieRowsMax });
}

/** The best topK rows; runs of equal scores in the order of their keys. */
async function orderTies({ plan, keys, turn }: SourceScan, found: Found): Promise<Uint32Array> {
  const { rows, scores } = found;
  const count = Math.min(plan.topK, rows.length);
  const ordered = rows.slice(0, count);
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < rows.length && scores[end] === scores[start]) end++;
    if (end - start > 1) {
      const limit = Math.min(end, count) - start;
      const first = await smallestRows(keys, rows.subarray(start, end), limit, turn);
      ordered.set(
        first.slice().sort((left, right) => compareKeys(keys, left, keys, right)),
        start,
      );
    }
    start = end;
  }
  return ordered;
}
