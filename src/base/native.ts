/**
 * The native kernels: an addon that is loaded when a thread first asks for it, and only here. It is a
 * faster twin of TypeScript code and never the only way: where none loads, the engine works without.
 *
 * `MLITE_ENGINE=js` never loads it; `MLITE_ENGINE=native` fails where it does not load. One choice holds
 * for the whole life of a thread, and threads inherit the environment, so all of a process agree.
 *
 * Every call checks its arguments, throws a TypeError for a wrong one, and reads nothing beside them;
 * typed arrays may lie in shared memory.
 */
import { fileURLToPath } from 'node:url';
import { milvusError } from './errors.ts';

declare const scanHandle: unique symbol;

/** A scan in native memory, of the thread that opened it. */
export interface ScanHandle {
  readonly [scanHandle]: true;
}

declare const graphHandle: unique symbol;

/** A graph that is open on one thread; it holds the arrays it reads. */
export interface GraphHandle {
  readonly [graphHandle]: true;
}

declare const listHandle: unique symbol;

/** Inverted lists that are open on one thread; they hold the arrays they read. */
export interface ListHandle {
  readonly [listHandle]: true;
}

declare const tablesHandle: unique symbol;

/** Tables of signatures that are open on one thread; it holds the arrays it reads. */
export interface TablesHandle {
  readonly [tablesHandle]: true;
}

/** The header of index/minhash-image.ts from `dim` on, and the signatures. */
export type TableArguments = readonly [
  dim: number,
  elementBytes: number,
  bandCount: number,
  rowCount: number,
  bucketBits: number,
  filterCount: number,
  filterBlocks: number,
  filterBits: number,
  vectors: ArrayBufferView,
];

/** What a graph is built of. */
export type GraphArguments = readonly [
  type: number,
  metric: number,
  dim: number,
  rowCount: number,
  degree: number,
  buildWidth: number,
  /** 1 of a graph that is refined, 2 of one on disk, else 0; 4 more of one over the vectors themselves. */
  use: number,
  /** Eight words of native/src/codes.h; null: codes that need no training. */
  code: Uint32Array | null,
  vectors: ArrayBufferView,
];

/** Values of a column of numbers. */
type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | Uint8Array;

/** Numbers as native/src/scan.h counts types and metrics. */
export interface NativeAddon {
  /** The instruction set: `avx512`, `avx2`, `neon` or `scalar`. */
  readonly kernels: string;
  scanOpen(
    this: void,
    ...shape: readonly [
      type: number,
      metric: number,
      dim: number,
      rowStart: number,
      rowEnd: number,
      queryCount: number,
      topK: number,
      tieRowsMax: number,
      costFrom: number,
      elementBytes: number,
      bandCount: number,
      isByShare: number,
    ]
  ): ScanHandle;
  /**
   * Works for about a millisecond; true when done. The arrays are the same in every step. `codes` is an
   * image of flat-image.ts, which must be of these vectors; it changes nothing but the time.
   */
  scanStep(
    this: void,
    scan: ScanHandle,
    ...data: readonly [
      vectors: ArrayBufferView,
      allowed: Uint32Array | null,
      queries: ArrayBufferView,
      codes: Uint8Array | null,
    ]
  ): boolean;
  /** Once: it gives the scan's memory back. */
  scanResult(
    this: void,
    scan: ScanHandle,
  ): { counts: Uint32Array; rows: Uint32Array; scores: Float32Array; cut: Uint8Array };
  /** Bytes of the image of such a graph. */
  graphPlan(this: void, ...graph: GraphArguments): number;
  /** Fills `image`; false when the second word of `control` became 1 on the way. */
  graphBuild(
    this: void,
    ...graph: readonly [
      ...GraphArguments,
      image: Uint8Array,
      threadCount: number,
      control: Int32Array,
    ]
  ): boolean;
  /** @returns why it is refused, in words; `isChecked` spares the look at every link */
  graphOpen(
    this: void,
    image: Uint8Array,
    vectors: ArrayBufferView,
    isChecked: boolean,
  ): GraphHandle | string;
  /**
   * The number of hits; `out` gets counts by query, then room for topK rows a query, then for as many
   * scores as float32: hits of all queries one behind the other.
   */
  graphSearch(
    this: void,
    graph: GraphHandle,
    ...search: readonly [
      queries: ArrayBufferView,
      queryCount: number,
      topK: number,
      width: number,
      allowed: Uint32Array | null,
      scanRowsMax: number | null,
      rankCount: number | null,
      out: Uint32Array,
    ]
  ): number;
  /**
   * Fills centroids, and by row the number of its list; false when the second word of `control` became 1.
   * `words` are a shape as index/ivf-image.ts numbers it.
   */
  ivfCluster(
    this: void,
    words: Uint32Array,
    ...cluster: readonly [
      vectors: ArrayBufferView,
      centroids: Uint8Array,
      lists: Uint32Array,
      threadCount: number,
      control: Int32Array,
    ]
  ): boolean;
  /** Fills the trained codes of an image; the same. */
  ivfEncode(
    this: void,
    image: Uint8Array,
    ...encode: readonly [
      words: Uint32Array,
      vectors: ArrayBufferView,
      threadCount: number,
      control: Int32Array,
    ]
  ): boolean;
  /** @returns why it is refused, in words; `isChecked` spares the look at every row and code */
  ivfOpen(
    this: void,
    image: Uint8Array,
    words: Uint32Array,
    vectors: ArrayBufferView,
    isChecked: boolean,
  ): ListHandle | string;
  /** As `graphSearch`. */
  ivfSearch(
    this: void,
    lists: ListHandle,
    ...search: readonly [
      queries: ArrayBufferView,
      queryCount: number,
      topK: number,
      probeCount: number,
      candidateCount: number,
      queryBits: number,
      allowed: Uint32Array | null,
      out: Uint32Array,
    ]
  ): number;
  /** As `graphClose`. */
  ivfClose(this: void, lists: ListHandle): void;
  /** Gives its memory back, whenever JavaScript forgets the handle; it is not searched any more. */
  graphClose(this: void, graph: GraphHandle): void;
  /** Fills all of `image`, which is zeros, but its header; false when it was cancelled as a graph is. */
  tablesBuild(
    this: void,
    ...tables: readonly [
      ...TableArguments,
      image: Uint8Array,
      threadCount: number,
      control: Int32Array,
    ]
  ): boolean;
  /** @returns why it is refused, in words; `isChecked` spares the look at every entry */
  tablesOpen(
    this: void,
    ...tables: readonly [...TableArguments, image: Uint8Array, isChecked: boolean]
  ): TablesHandle | string;
  /** As `graphSearch`. */
  tablesSearch(
    this: void,
    tables: TablesHandle,
    ...search: readonly [
      queries: ArrayBufferView,
      queryCount: number,
      topK: number,
      candidates: number,
      isByShare: boolean,
      allowed: Uint32Array | null,
      out: Uint32Array,
    ]
  ): number;
  /** As `graphClose`. */
  tablesClose(this: void, tables: TablesHandle): void;
  /** Asks for large pages for memory that was not written yet. */
  useLargePages(this: void, bytes: Uint8Array): void;
  /** A hint for memory that is read from end to end; before it is first written. */
  preferLargePages(this: void, bytes: Uint8Array): void;
  /** Null where it cannot be mapped, or is shorter; what is written to the memory stays in this process. */
  mapFile(this: void, path: string, byteLength: number): Uint8Array | null;
  /** Bit i & 31 of out[i / 32]: bounds[0] <= values[i] <= bounds[1]. `kind` as in query/number-range.ts. */
  markRange(
    this: void,
    kind: number,
    values: BigInt64Array | Int32Array | Float32Array | Float64Array,
    /** Two of the type of the values; of Float32Array two doubles. */
    bounds: BigInt64Array | Int32Array | Float64Array,
    out: Uint32Array,
  ): void;
  /**
   * The same of values after an operation, which with its operand is of 64 bits; kinds as in query/number-kind.ts,
   * operations as in query/number-transform.ts.
   */
  markTransformed(
    this: void,
    kind: number,
    values: NumberArray,
    ...condition: readonly [
      operation: number,
      operand: BigInt64Array | Float64Array,
      bounds: BigInt64Array | Float64Array,
      out: Uint32Array,
    ]
  ): void;
  /** Takes entries [start, end) into the slots and the filter, as query/word-table.ts does. */
  addWords(
    this: void,
    slots: Int32Array,
    entries: Int32Array,
    ...piece: readonly [filter: Int32Array, start: number, end: number]
  ): void;
  /** Bit i & 31 of out[i / 32]: values[i], as 64 bits, is an entry. */
  markWords(
    this: void,
    slots: Int32Array,
    entries: Int32Array,
    ...rows: readonly [filter: Int32Array, kind: number, values: NumberArray, out: Uint32Array]
  ): void;
  /** The steps of query/word-sort.ts, for words [start, end). `counts` are those of all digits. */
  countDigits(
    this: void,
    words: Int32Array,
    isFloating: number,
    ...piece: readonly [counts: Uint32Array, start: number, end: number]
  ): void;
  moveByDigit(
    this: void,
    from: Int32Array,
    to: Int32Array,
    ...piece: readonly [digit: number, places: Uint32Array, start: number, end: number]
  ): void;
  bringHome(
    this: void,
    from: Int32Array,
    to: Int32Array,
    ...piece: readonly [isFloating: number, start: number, end: number]
  ): void;
  /**
   * Bit i & 31 of out[i / 32]: the text of row i, bytes[offsets[i], offsets[i + 1]), matches; 0 outside `active`.
   * `texts` are the prefix, the suffix and the parts in between of a pattern of query/like.ts, of these lengths.
   */
  markLike(
    this: void,
    offsets: Uint32Array,
    bytes: Uint8Array,
    ...condition: readonly [
      texts: Uint8Array,
      lengths: Uint32Array,
      failures: Int32Array,
      isExact: number,
      active: Uint32Array | null,
      out: Uint32Array,
    ]
  ): void;
  /** The same for patterns with `_`: code points of the parts, -1 for any, one part behind the other. */
  markMaskedLike(
    this: void,
    offsets: Uint32Array,
    bytes: Uint8Array,
    ...condition: readonly [
      points: Int32Array,
      lengths: Uint32Array,
      isExact: number,
      active: Uint32Array | null,
      out: Uint32Array,
    ]
  ): void;
  /** The same: the text is an entry of a table of query/text-table.ts. */
  markTexts(
    this: void,
    offsets: Uint32Array,
    bytes: Uint8Array,
    ...condition: readonly [
      slots: Int32Array,
      entryOffsets: Uint32Array,
      entryBytes: Uint8Array,
      active: Uint32Array | null,
      out: Uint32Array,
    ]
  ): void;
  /** The same: the text lies between bounds, null being none, that are let in (1) or not (0). */
  markTextRange(
    this: void,
    offsets: Uint32Array,
    bytes: Uint8Array,
    ...condition: readonly [
      lower: Uint8Array | null,
      isLowerIn: number,
      upper: Uint8Array | null,
      isUpperIn: number,
      active: Uint32Array | null,
      out: Uint32Array,
    ]
  ): void;
  /** Absent where zlib is as fast. */
  readonly blockChecksums?: (this: void, bytes: Uint8Array, blockBytes: number) => Uint32Array;
}

export interface NativeState {
  readonly addon: NativeAddon | null;
  /** Where it was loaded from, or why it was not. */
  readonly reason: string;
}

let state: NativeState | null = null;

/**
 * The addon, or null where the twins do the work.
 * @throws MilvusError OperationNotSupported when MLITE_ENGINE asks for what is not there
 */
export function nativeAddon(): NativeAddon | null {
  return nativeState().addon;
}

/** As `nativeAddon`, and why. */
export function nativeState(): NativeState {
  state ??= load(process.env['MLITE_ENGINE']);
  return state;
}

/** Before anything is opened. @throws MilvusError OperationNotSupported for an engine that there is not */
export function checkEngineName(wanted: string | undefined = process.env['MLITE_ENGINE']): void {
  if (wanted === undefined || ['', 'js', 'native'].includes(wanted)) return;
  throw milvusError('OperationNotSupported', {
    message: `MLITE_ENGINE is native or js, not ${wanted}`,
  });
}

function load(wanted: string | undefined): NativeState {
  checkEngineName(wanted);
  if (wanted === 'js') return { addon: null, reason: 'MLITE_ENGINE=js' };
  const failures: unknown[] = [];
  for (const path of addonPaths()) {
    try {
      return { addon: open(path), reason: path };
    } catch (error) {
      failures.push(error);
    }
  }
  const reason = failures.map(firstLine).join('; ');
  if (wanted !== 'native') return { addon: null, reason };
  const message = `MLITE_ENGINE=native, but the native kernels do not load: ${reason}`;
  throw milvusError('OperationNotSupported', { message }, failures[0]);
}

/** Of this platform, for each C library: only one of the two can be loaded. */
function addonPaths(): string[] {
  // From src this file is beside dist, compiled it is inside.
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/native' : '../native';
  const platform = `${process.platform}-${process.arch}`;
  const names = process.platform === 'linux' ? [platform, `${platform}-musl`] : [platform];
  return names.map((name) =>
    fileURLToPath(new URL(`${folder}/${name}/milvus-lite.node`, import.meta.url)),
  );
}

function open(path: string): NativeAddon {
  const loaded = { exports: {} as NativeAddon };
  process.dlopen(loaded, path);
  return loaded.exports;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1).join('');
}
