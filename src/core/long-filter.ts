/** Filters that may have a million values, read and bound in turns of the serving thread. */
import { MilvusError, withContext } from '../base/errors.ts';
import { type BoundFilter, compileLongFilter } from '../query/bind.ts';
import type { ParameterValues } from '../query/template.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { parametersInTurns } from './row-batches.ts';

export interface LongFilter {
  readonly text: string;
  readonly parameters: ParameterValues | undefined;
  readonly schema: CollectionSchema;
  readonly timeZone: string;
  /** What an error begins with. */
  readonly context: string;
}

/** @throws MilvusError what is wrong with the filter, behind `context`; Cancelled */
export async function filterInTurns(
  { text, parameters, schema, timeZone, context }: LongFilter,
  turn: Turn,
): Promise<BoundFilter> {
  const ready = await parametersInTurns(parameters, turn);
  if (turn.isOver) await turn.yield();
  try {
    const filter = await compileLongFilter(text, schema, {
      parameters: ready,
      timeZone,
      inPieces: (count, work) => inPieces(count, turn, work),
    });
    if (turn.isOver) await turn.yield();
    return filter;
  } catch (failure) {
    if (!(failure instanceof MilvusError) || isGivenUp(failure)) throw failure;
    throw withContext(context, failure);
  }
}

/** A caller who gives up is told so, and not that the filter is wrong. */
function isGivenUp({ reason }: MilvusError): boolean {
  return reason === 'Cancelled' || reason === 'DeadlineExceeded';
}
