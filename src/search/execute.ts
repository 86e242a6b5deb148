/**
 * A plan on segments: which rows of which chunks it is about. Nothing but the columns that the filter
 * names is read for it, and no column at all of a segment whose zones exclude every row.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { BoundFilter } from '../query/bind.ts';
import { filterFieldIds } from '../query/facts.ts';
import { canMatch, type Zone as BoundedZone } from '../query/prune.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { takeRows } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import { fieldWithId } from '../schema/fields.ts';
import { keyCount, sliceKeys } from '../segments/key-list.ts';
import { ALL_ROWS } from '../segments/row-set.ts';
import type { Chunk, KeyList, SegmentReader, Zone } from '../segments/segment.ts';
import { rowsOfFields } from './fetch-fields.ts';
import { filterMask, intersect, sliceBits } from './mask.ts';
import type { QueryPlan, SearchPlan } from './plan.ts';
import type { Turn } from './read-context.ts';
import { answerByIndexes, fieldIdsLeft } from './filter-answers.ts';
import type { RowMasks } from './row-masks.ts';
import { sampleSources } from './sample.ts';
import type { Source } from './source.ts';

/**
 * The rows that a read sees and its filter accepts, chunk by chunk in the order of the segments.
 * @param masks that were made before; null: none is kept
 */
export async function openSources(
  plan: SearchPlan | QueryPlan,
  segments: readonly SegmentReader[],
  { turn, masks }: { readonly turn: Turn; readonly masks: RowMasks | null },
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const segment of segments) {
    if (!mayMatch(plan, segment)) continue;
    const known = masks === null ? null : knownSource(plan, segment, masks);
    if (known !== null) {
      if (known.rowCount > 0) sources.push(known);
      continue;
    }
    const name = masks === null ? null : maskName(plan, segment);
    const visible = await segment.visible(plan.timestamp, plan.expiredBefore);
    // A mark that came meanwhile may or may not be in what is visible.
    const isNamed = name !== null && maskName(plan, segment) === name;
    const kept = masks === null ? null : { masks, name: isNamed ? name : null };
    const found =
      plan.kind === 'query' && plan.keys !== null
        ? await sourcesOfKeys({ plan, segment, visible, keys: plan.keys }, turn)
        : await sourcesOfSegment({ plan, segment, visible, kept }, turn);
    for (const source of found) sources.push(source);
    if (turn.isOver) await turn.yield();
  }
  return await sampleSources(plan, sources, turn);
}

/** As `openSources`, without reading or evaluating anything; null when something has to be. */
export function knownSources(
  plan: SearchPlan,
  segments: readonly SegmentReader[],
  masks: RowMasks | null,
): Source[] | null {
  if (plan.filter?.sample !== undefined) return null;
  const sources: Source[] = [];
  for (const segment of segments) {
    if (!mayMatch(plan, segment)) continue;
    if (isAboutAll(plan, segment)) {
      for (const chunk of segment.chunks) {
        sources.push({ chunk, allowed: null, rowCount: chunk.rowCount });
      }
      continue;
    }
    const known = knownSource(plan, segment, masks);
    if (known === null) return null;
    if (known.rowCount > 0) sources.push(known);
  }
  return sources;
}

/** Every row is visible, none is filtered, and none has null for a vector. */
function isAboutAll(plan: SearchPlan, segment: SegmentReader): boolean {
  if (plan.filter !== null || fieldWithId(plan.schema, plan.fieldId).nullable) return false;
  return segment.seesAll?.(plan.timestamp, plan.expiredBefore) ?? false;
}

/** The rows of a segment of one chunk, which may be none; null when they are not known. */
function knownSource(
  plan: SearchPlan | QueryPlan,
  segment: SegmentReader,
  masks: RowMasks | null,
): Source | null {
  const name = maskName(plan, segment);
  const [chunk] = segment.chunks;
  if (name === null || chunk === undefined) return null;
  if (name === ALL_ROWS) return { chunk, allowed: null, rowCount: chunk.rowCount };
  const mask = masks?.get(segment.id, name);
  return mask === undefined ? null : { chunk, allowed: mask.allowed, rowCount: mask.rowCount };
}

/**
 * Everything that decides which rows of a segment a plan is about: who is visible, by whose vectors are null,
 * by the filter. Null: there is no name for it.
 */
function maskName(plan: SearchPlan | QueryPlan, segment: SegmentReader): string | null {
  if (segment.chunks.length !== 1 || (plan.kind === 'query' && plan.keys !== null)) return null;
  if (plan.filter !== null && typeof plan.filterName !== 'string') return null;
  const visible = segment.visibleName?.(plan.timestamp, plan.expiredBefore) ?? null;
  if (visible === null) return null;
  const isNullable = plan.kind === 'search' && fieldWithId(plan.schema, plan.fieldId).nullable;
  if (plan.filter === null && !isNullable) return visible;
  const filter = plan.filter === null ? '' : filterMaskName(plan);
  if (visible === ALL_ROWS && !isNullable) return filter;
  return `${visible}/${isNullable ? plan.fieldId : ''}/${filter}`;
}

/** Of the rows of which the filter is true, visible or not. */
function filterMaskName({ filterName }: SearchPlan | QueryPlan): string | null {
  return typeof filterName === 'string' ? `where ${filterName}` : null;
}

/** Whether the plan can be about any row of the segment, told without reading it. */
export function mayMatch(
  { filter, partitionIds }: SearchPlan | QueryPlan,
  segment: SegmentReader,
): boolean {
  if (partitionIds?.includes(segment.partitionId) === false) return false;
  return filter === null || canMatchSegment(filter, segment);
}

/** Whether the filter can be TRUE of any row of the segment, told from its zones. */
export function canMatchSegment(filter: BoundFilter, segment: SegmentReader): boolean {
  return canMatch(filter, (fieldId) => boundedZone(segment.zone(fieldId)));
}

/** The zone as the filter judges it: none where nothing is known of the values. */
function boundedZone(zone: Zone | undefined): BoundedZone | undefined {
  if (zone === undefined) return undefined;
  const { min, max, nullCount, rowCount } = zone;
  if (min !== undefined && max !== undefined) return { min, max, nullCount, rowCount };
  // Bounds of nothing but nulls are never looked at.
  return nullCount === rowCount ? { min: 0, max: 0, nullCount, rowCount } : undefined;
}

/** The columns of `fields` in a chunk. @returns by field id */
export async function loadColumns(
  chunk: Chunk,
  schema: CollectionSchema,
  fieldIds: readonly number[],
): Promise<ReadonlyMap<number, Column>> {
  if (fieldIds.length === 0) return new Map();
  return await chunk.load(fieldIds.map((id): FieldSchema => fieldWithId(schema, id)));
}

interface SegmentRead {
  readonly plan: SearchPlan | QueryPlan;
  readonly segment: SegmentReader;
  readonly visible: Bitmap | null;
}

/** Where the masks of a read are kept; its own under `name`, null: under none. */
interface KeptMasks {
  readonly masks: RowMasks;
  readonly name: string | null;
}

async function sourcesOfSegment(
  read: SegmentRead & { readonly kept: KeptMasks | null },
  turn: Turn,
): Promise<Source[]> {
  const { plan, segment, visible, kept } = read;
  const sources: Source[] = [];
  for (const chunk of segment.chunks) {
    const { rowStart, rowCount } = chunk;
    let allowed = visible === null ? null : sliceBits(visible, rowStart, rowCount);
    if (allowed?.count() === 0) continue;
    if (plan.filter !== null) {
      allowed = intersect(allowed, await filterRows(read, { chunk, wanted: allowed, turn }));
    }
    if (plan.kind === 'search') allowed = await withoutNulls(plan, chunk, allowed);
    const count = allowed === null ? rowCount : allowed.count();
    if (count > 0) sources.push({ chunk, allowed, rowCount: count });
    if (kept !== null && kept.name !== null) {
      kept.masks.set(segment.id, kept.name, { allowed, rowCount: count });
    }
    if (turn.isOver) await turn.yield();
  }
  return sources;
}

/** The rows of a chunk of which the filter is true, at least those that are wanted; not to be changed. */
async function filterRows(
  { plan, segment, kept }: SegmentRead & { readonly kept: KeptMasks | null },
  { chunk, wanted, turn }: { chunk: Chunk; wanted: Bitmap | null; turn: Turn },
): Promise<Bitmap> {
  const filter = must(plan.filter, 'there is a filter');
  // What has names for its rows does not change, and neither does what a filter says of them.
  const isFixed = segment.visibleName !== undefined && segment.chunks.length === 1;
  const name = kept === null || !isFixed ? null : filterMaskName(plan);
  const known = name === null ? undefined : kept?.masks.get(segment.id, name);
  if (known !== undefined && known.allowed !== null) return known.allowed;
  const { rowCount } = chunk;
  const answers = await answerByIndexes(plan, chunk, turn);
  const columns = await loadColumns(chunk, plan.schema, fieldIdsLeft(filter, answers));
  const rows = { rowCount, wanted: name === null ? wanted : null, columns, answers };
  const mask = await filterMask(filter, rows, turn);
  if (name !== null) {
    kept?.masks.set(segment.id, name, { allowed: mask, rowCount: mask.count() });
  }
  return mask;
}

/** A row without a vector is no hit of any search. */
async function withoutNulls(
  plan: SearchPlan,
  chunk: Chunk,
  allowed: Bitmap | null,
): Promise<Bitmap | null> {
  const field = fieldWithId(plan.schema, plan.fieldId);
  if (!field.nullable) return allowed;
  const columns = await chunk.load([field]);
  const column = must(columns.get(field.id), 'a chunk loads the fields it is asked for');
  if (column.validity === null) return allowed;
  return intersect(new Bitmap(chunk.rowCount, column.validity.slice()), allowed);
}

/** As `sourcesOfSegment`, but the filter is asked about the rows of the keys only. */
async function sourcesOfKeys(
  read: SegmentRead & { readonly keys: KeyList },
  turn: Turn,
): Promise<Source[]> {
  const { plan, segment, visible } = read;
  const found = await rowsOfKeys(segment, read.keys, turn);
  const rows = visible === null ? found : found.filter((row) => visible.get(row));
  const sources: Source[] = [];
  let at = 0;
  for (const chunk of segment.chunks) {
    const end = chunk.rowStart + chunk.rowCount;
    const start = at;
    while (at < rows.length && rows[at]! < end) at++;
    if (at === start) continue;
    const local = rows.subarray(start, at).map((row) => row - chunk.rowStart);
    const accepted =
      plan.filter === null
        ? local
        : await acceptedRows(plan.filter, plan, { chunk, rows: local, turn });
    if (accepted.length === 0) continue;
    const allowed = new Bitmap(chunk.rowCount);
    for (const row of accepted) allowed.set(row);
    sources.push({ chunk, allowed, rowCount: accepted.length });
  }
  return sources;
}

/** Keys looked up between two looks at the clock. */
const KEYS_AT_ONCE = 4096;

/** As the segment's own, in pieces. */
async function rowsOfKeys(segment: SegmentReader, keys: KeyList, turn: Turn): Promise<Uint32Array> {
  const count = keyCount(keys);
  if (count <= KEYS_AT_ONCE) return await segment.rowsOfKeys(keys);
  const found = new Bitmap(segment.rowCount);
  for (let start = 0; start < count; start += KEYS_AT_ONCE) {
    const piece = sliceKeys(keys, start, Math.min(count, start + KEYS_AT_ONCE));
    for (const row of await segment.rowsOfKeys(piece)) found.set(row);
    if (turn.isOver) await turn.yield();
  }
  return found.toOffsets();
}

/** Those of `rows`, which ascend, that the filter accepts. */
export async function acceptedRows(
  filter: BoundFilter,
  plan: SearchPlan | QueryPlan,
  { chunk, rows, turn }: { chunk: Chunk; rows: Uint32Array; turn: Turn },
): Promise<Uint32Array> {
  const fields = filterFieldIds(filter).map((id) => fieldWithId(plan.schema, id));
  const columns = new Map<number, Column>();
  for (const [id, some] of await rowsOfFields(chunk, fields, rows)) {
    columns.set(id, takeRows(some.column, some.rows));
  }
  const mask = await filterMask(filter, { rowCount: rows.length, wanted: null, columns }, turn);
  return rows.filter((_, i) => mask.get(i));
}
