/**
 * Conditions of a filter that indexes answer for a chunk, before any column is read. Which index is asked is
 * told by the plan; where a segment has none, or it is damaged, the column is scanned.
 */
import { MilvusError } from '../base/errors.ts';
import { FILTER_ANSWER_BYTES_MAX } from '../base/limits.ts';
import { type Answer, type Answers, conditionsOf } from '../query/answer.ts';
import type { BoundFilter } from '../query/bind.ts';
import { filterFieldIds } from '../query/facts.ts';
import type { IndexedColumn } from '../scalar/indexed-column.ts';
import { answerOf } from '../scalar/predicate-answer.ts';
import { openScalarIndex, type ScalarIndex } from '../scalar/scalar-index.ts';
import { fieldWithId } from '../schema/fields.ts';
import { DataType } from '../schema/data-type.ts';
import type { Predicate } from '../query/predicate.ts';
import type { Chunk, IndexImage } from '../segments/segment.ts';
import type { QueryPlan, ScalarIndexPlan, SearchPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

const NONE: Answers = new Map();

/** Indexes that are open, by their images. */
const opened = new WeakMap<IndexImage, ScalarIndex>();

/** What indexes say of the conditions of the plan's filter, in about so many bytes. */
export async function answerByIndexes(
  plan: SearchPlan | QueryPlan,
  chunk: Chunk,
  turn: Turn,
  byteLengthMax: number = FILTER_ANSWER_BYTES_MAX,
): Promise<Answers> {
  const { filter, scalarIndexes = [] } = plan;
  if (filter === null || scalarIndexes.length === 0) return NONE;
  const conditions = conditionsOf(filter.predicate);
  const answers = new Map<Predicate, Answer>();
  let byteLength = 0;
  for (const index of scalarIndexes) {
    const left = conditions.filter((one) => !answers.has(one) && isAbout(one, index.fieldId));
    const column = left.length === 0 ? null : await indexedColumn(plan, index, chunk);
    if (column === null) continue;
    for (const condition of left) {
      if (byteLength >= byteLengthMax) return answers;
      const answer = answerOf(condition, column);
      if (answer !== null) {
        answers.set(condition, answer);
        byteLength += byteLengthOf(answer);
      }
      if (turn.isOver) await turn.yield();
    }
  }
  return answers;
}

function byteLengthOf({ truth, known, open }: Answer): number {
  return truth.byteLength + (known?.byteLength ?? 0) + (open?.byteLength ?? 0);
}

function isAbout(condition: Predicate, fieldId: number): boolean {
  return filterFieldIds({ predicate: condition }).includes(fieldId);
}

/** Null: the chunk has no such index that can be used. */
async function indexedColumn(
  { schema }: SearchPlan | QueryPlan,
  plan: ScalarIndexPlan,
  chunk: Chunk,
): Promise<IndexedColumn | null> {
  const found = chunk.scalarIndex?.(plan) ?? null;
  const image = (await found?.open()) ?? null;
  if (found === null || image === null) return null;
  const { fieldId, json } = plan;
  const field = fieldWithId(schema, fieldId);
  const index = openImage(image, chunk.rowCount, (failure) => found.reportDamage(failure));
  if (index === null) return null;
  const isColumnAtHand = (chunk.peek?.(field) ?? null) !== null;
  return { fieldId, json, index, isArray: field.type === DataType.Array, isColumnAtHand };
}

function openImage(
  image: IndexImage,
  rowCount: number,
  reportDamage: (failure: unknown) => void,
): ScalarIndex | null {
  const known = opened.get(image);
  if (known !== undefined) return known;
  try {
    const index = openScalarIndex(image.bytes, rowCount);
    opened.set(image, index);
    return index;
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    reportDamage(failure);
    return null;
  }
}

/** Fields whose columns a filter still needs: of conditions that are not answered, or not of every row. */
export function fieldIdsLeft(filter: BoundFilter, answers: Answers): number[] {
  if (answers.size === 0) return filterFieldIds(filter);
  const ids = conditionsOf(filter.predicate)
    .filter((condition) => answers.get(condition)?.open !== null)
    .flatMap((condition) => filterFieldIds({ predicate: condition }));
  return [...new Set(ids)];
}
