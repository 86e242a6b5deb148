/** A small collection in memory for tests of reading: segments of chunks over plain columns. */
import { must } from '../../src/base/assert.ts';
import { Bitmap } from '../../src/base/bitmap.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { CollectionSchema, FieldSchema } from '../../src/schema/collection-schema.ts';
import { columnRowCount } from '../../src/schema/column-layout.ts';
import { sliceColumn } from '../../src/schema/column-builder.ts';
import type { BytesColumn, Column, FixedColumn, VectorColumn } from '../../src/schema/column.ts';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import type { QueryPlan, SearchPlan } from '../../src/search/plan.ts';
import type { ReadContext } from '../../src/search/read-context.ts';
import {
  compareHalves,
  compareText,
  halvesOf,
  keysOfColumn,
  pickKeys,
} from '../../src/segments/key-list.ts';
import { countUpTo, orderKeys } from '../../src/segments/key-order.ts';
import type { Chunk, KeyCursor, KeyList, SegmentReader, Zone } from '../../src/segments/segment.ts';

export const KEY = 100;
export const VECTOR = 101;
export const SIZE = 102;
export const NAME = 103;

function field(
  part: Pick<FieldSchema, 'id' | 'name' | 'type'> & Partial<FieldSchema>,
): FieldSchema {
  return {
    description: '',
    isPrimaryKey: false,
    autoId: false,
    isPartitionKey: false,
    isClusteringKey: false,
    isDynamic: false,
    nullable: false,
    params: {},
    ...part,
  };
}

export interface WorldOptions {
  readonly keyType?: typeof DataType.Int64 | typeof DataType.VarChar;
  readonly vectorType?: DenseVectorType;
  readonly dim?: number;
  readonly isVectorNullable?: boolean;
}

/** Key, vector, an int32 `size` and a nullable text `name`. */
export function schemaOf(options: WorldOptions = {}): CollectionSchema {
  const { keyType = DataType.Int64, vectorType = DataType.FloatVector, dim = 4 } = options;
  return {
    name: 'things',
    description: '',
    fields: [
      field({ id: KEY, name: 'id', type: keyType, isPrimaryKey: true, maxLength: 100 }),
      field({
        id: VECTOR,
        name: 'vector',
        type: vectorType,
        dim,
        nullable: options.isVectorNullable === true,
      }),
      field({ id: SIZE, name: 'size', type: DataType.Int32 }),
      field({ id: NAME, name: 'name', type: DataType.VarChar, nullable: true, maxLength: 100 }),
    ],
    structs: [],
    enableDynamicField: false,
    lastFieldId: 120,
    version: 1,
  };
}

export function int64Column(values: readonly (bigint | number)[]): FixedColumn {
  return {
    kind: 'fixed',
    type: DataType.Int64,
    values: BigInt64Array.from(values, BigInt),
    validity: null,
  };
}

export function int32Column(values: readonly number[]): FixedColumn {
  return { kind: 'fixed', type: DataType.Int32, values: Int32Array.from(values), validity: null };
}

export function textColumn(texts: readonly (string | null)[]): BytesColumn {
  const parts = texts.map((text) => Buffer.from(text ?? ''));
  const offsets = new Uint32Array(texts.length + 1);
  const validity = new Bitmap(texts.length);
  for (const [i, part] of parts.entries()) {
    offsets[i + 1] = offsets[i]! + part.length;
    if (texts[i] !== null) validity.set(i);
  }
  const hasNulls = texts.includes(null);
  const bytes = new Uint8Array(Buffer.concat(parts));
  return {
    kind: 'bytes',
    type: DataType.VarChar,
    offsets,
    bytes,
    validity: hasNulls ? validity.words : null,
  };
}

export function vectorColumn(
  type: DenseVectorType,
  dim: number,
  values: VectorColumn['values'],
  nullRows: readonly number[] = [],
): VectorColumn {
  const column = { kind: 'vector' as const, type, dim, values, validity: null };
  if (nullRows.length === 0) return column;
  const validity = Bitmap.full(columnRowCount(column));
  for (const row of nullRows) validity.clear(row);
  return { ...column, validity: validity.words };
}

export interface SegmentOptions {
  readonly id?: number;
  readonly partitionId?: number;
  /** Rows of each chunk; default: one chunk. */
  readonly chunkRows?: number;
  readonly hidden?: readonly number[];
  readonly zones?: ReadonlyMap<number, Zone>;
  /** All columns are in memory, and who is visible has a name. */
  readonly isAtHand?: boolean;
  /** All rows are visible, and that is known. */
  readonly seesAll?: boolean;
}

/** A segment over whole columns; counts what is loaded. */
export class FakeSegment implements SegmentReader {
  readonly id: number;
  readonly partitionId: number;
  readonly rowCount: number;
  readonly chunks: readonly Chunk[];
  /** Rows that `rowsByKey` handed out. */
  walkedRows = 0;
  /** Field ids, in the order in which chunks were asked for them. */
  readonly loaded: number[] = [];
  readonly #columns: ReadonlyMap<number, Column>;
  readonly #options: SegmentOptions;

  constructor(columns: ReadonlyMap<number, Column>, options: SegmentOptions = {}) {
    this.#columns = columns;
    this.#options = options;
    this.id = options.id ?? 1;
    this.partitionId = options.partitionId ?? 1;
    this.rowCount = columnRowCount(this.#column(KEY));
    const chunks: Chunk[] = [];
    const each = options.chunkRows ?? Math.max(1, this.rowCount);
    for (let start = 0; start < this.rowCount; start += each) {
      chunks.push(this.#chunk(start, Math.min(this.rowCount, start + each)));
    }
    this.chunks = chunks;
  }

  zone(fieldId: number): Zone | undefined {
    return this.#options.zones?.get(fieldId);
  }

  visibleName(): string | null {
    const { hidden = [], isAtHand = false } = this.#options;
    return isAtHand ? hidden.join(' ') : null;
  }

  seesAll(): boolean {
    return this.#options.seesAll === true;
  }

  async visible(): Promise<Bitmap | null> {
    const { hidden } = this.#options;
    if (hidden === undefined) return null;
    const visible = Bitmap.full(this.rowCount);
    for (const row of hidden) visible.clear(row);
    return visible;
  }

  async rowsOfKeys(keys: KeyList): Promise<Uint32Array> {
    const own = keysOfColumn(this.#column(KEY));
    const rows: number[] = [];
    for (let row = 0; row < this.rowCount; row++) if (includesKey(keys, own, row)) rows.push(row);
    return Uint32Array.from(rows);
  }

  peekRowsOfKeys(keys: KeyList): Uint32Array | null {
    const { hidden = [], isAtHand = false } = this.#options;
    if (!isAtHand) return null;
    const own = keysOfColumn(this.#column(KEY));
    const rows = Array.from({ length: this.rowCount }, (_, row) => row);
    return Uint32Array.from(
      rows.filter((row) => includesKey(keys, own, row) && !hidden.includes(row)),
    );
  }

  async rowsByKey(after: KeyList | null): Promise<KeyCursor> {
    const keys = keysOfColumn(this.#column(KEY));
    const order = await orderKeys(keys, { yieldTurn: async () => undefined });
    const count = order.length;
    let at = after === null ? 0 : countUpTo(keys, order, { bound: after, count });
    return {
      next: async (wanted) => {
        const rows = order.slice(at, at + wanted);
        at += rows.length;
        this.walkedRows += rows.length;
        return { rows, keys: pickKeys(keys, rows) };
      },
    };
  }

  #column(fieldId: number): Column {
    return must(this.#columns.get(fieldId), `the test has field ${fieldId}`);
  }

  #chunk(start: number, end: number): Chunk {
    return {
      rowStart: start,
      rowCount: end - start,
      peek: ({ id }) => {
        if (this.#options.isAtHand !== true) return null;
        return sliceColumn(this.#column(id), start, end);
      },
      load: async (fields) => {
        const columns = new Map<number, Column>();
        for (const { id } of fields) {
          this.loaded.push(id);
          columns.set(id, sliceColumn(this.#column(id), start, end));
        }
        return columns;
      },
    };
  }
}

function includesKey(keys: KeyList, own: KeyList, row: number): boolean {
  if (keys.kind === 'int64' && own.kind === 'int64') {
    const [wanted, present] = [halvesOf(keys.values), halvesOf(own.values)];
    return keys.values.some((_, i) => compareHalves(wanted, i, present, row) === 0);
  }
  if (keys.kind === 'int64' || own.kind === 'int64') return false;
  for (let i = 0; i + 1 < keys.offsets.length; i++) {
    if (compareText(keys, i, own, row) === 0) return true;
  }
  return false;
}

export function inlineContext(clock: Clock = systemClock): ReadContext {
  return { workers: inlineWorkers(clock), clock };
}

/** Time that passes by a step with each look, so that every look finds the turn to be over. */
export function hurriedClock(): Clock & { readonly yields: { count: number } } {
  let nowMs = 0;
  const yields = { count: 0 };
  return {
    yields,
    nowMs: () => nowMs,
    monotonicMs: () => (nowMs += 1000),
    after: () => ({ cancel: () => undefined }),
    yieldTurn: async () => {
      yields.count++;
    },
    turnIfDue: () => null,
  };
}

export function searchPlan(part: Partial<SearchPlan> & Pick<SearchPlan, 'queries'>): SearchPlan {
  const schema = part.schema ?? schemaOf();
  return {
    kind: 'search',
    schema,
    partitionIds: null,
    filter: null,
    outputFieldIds: [KEY, SIZE, NAME],
    timestamp: 1000n,
    expiredBefore: 0n,
    ignoreGrowing: false,
    fieldId: VECTOR,
    metric: 'L2',
    index: null,
    queryCount: columnRowCount(part.queries),
    topK: 3,
    window: null,
    ...part,
  };
}

export function queryPlan(part: Partial<QueryPlan> = {}): QueryPlan {
  return {
    kind: 'query',
    schema: schemaOf(),
    partitionIds: null,
    filter: null,
    outputFieldIds: [KEY, SIZE, NAME],
    timestamp: 1000n,
    expiredBefore: 0n,
    ignoreGrowing: false,
    countOnly: false,
    keys: null,
    rowLimit: null,
    page: null,
    ...part,
  };
}
