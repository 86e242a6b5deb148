/**
 * Searches of all shards, and of groups by them.
 *
 * Which groups are the best is told by their best hits alone. The other hits of a group may be on a shard, or
 * in a segment, where it is none of the best: so they are asked for by the groups that were chosen, at the
 * same moment. Both answers are exact and no larger than what is asked for, however many parts there are.
 */
import { invalidParameter } from '../base/errors.ts';
import { DataType } from '../schema/data-type.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { groupReader } from '../search/group-numbers.ts';
import { groupsOf } from '../search/group-merge.ts';
import type { GroupPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import type { SearchField } from '../search/plan-builder.ts';
import { mergeSearchAnswers } from '../search/reduce.ts';
import type { RowValue, ValueReference } from '../search/row-values.ts';
import { type NamedColumn, namedColumn } from '../search/value-columns.ts';
import { resolveGroups } from '../search/value-names.ts';
import { turnOf } from './call.ts';
import type { ReadPoint } from './ports.ts';
import { atOneMoment, type ReadContext } from './read-scope.ts';
import type { SearchRowsRequest } from './requests.ts';

/** @throws MilvusError ParameterInvalid, FieldNotFound */
export function groupPlan(
  { groupBy, after, params }: SearchRowsRequest,
  { schema, field }: { readonly schema: CollectionSchema; readonly field: SearchField },
): GroupPlan | null {
  if (groupBy === undefined) return null;
  const group = resolveGroups(groupBy, schema);
  if (after !== undefined) {
    throw invalidParameter('Not allowed to do groupBy when doing iteration');
  }
  if (params?.['radius'] !== undefined) {
    throw invalidParameter('Not allowed to do range-search when doing search-group-by');
  }
  if (field.type === DataType.BinaryVector) {
    throw invalidParameter('not support search_group_by operation based on binary vector column');
  }
  return group;
}

/** The merged answer of all shards. */
export async function askShards(
  plan: SearchPlan,
  read: ReadPoint,
  { collection, deps, call }: ReadContext,
): Promise<SearchAnswer> {
  const { id: collectionId, shardIds } = collection;
  const askShard = async (shardId: number): Promise<SearchAnswer> =>
    await deps.shards.search({ collectionId, shardId, plan, read }, call);
  const [only = 0] = shardIds;
  if (shardIds.length === 1) return await askShard(only);
  const answers = await Promise.all(shardIds.map(askShard));
  return await mergeSearchAnswers(plan, answers, turnOf(call, deps.clock));
}

/** The best groups, each with its best hits. */
export async function askForGroups(
  plan: SearchPlan & { readonly group?: GroupPlan },
  { read, context }: { readonly read: ReadPoint; readonly context: ReadContext },
): Promise<SearchAnswer> {
  const { group } = plan;
  if (group === undefined || group.size === 1) return await askShards(plan, read, context);
  return await atOneMoment(read, context, (moment) =>
    askTwice({ ...plan, group }, moment, context),
  );
}

async function askTwice(
  plan: SearchPlan & { readonly group: GroupPlan },
  read: ReadPoint,
  context: ReadContext,
): Promise<SearchAnswer> {
  const { group } = plan;
  const best = await askShards({ ...plan, group: { ...group, size: 1 } }, read, context);
  if (best.rows.length === 0) return best;
  const groups = await groupsOf(group, best, turnOf(context.call, context.deps.clock));
  const chosen = groups.map((ofQuery) => ofQuery.map(({ values }) => values));
  return await askShards({ ...plan, group: { ...group, chosen } }, read, context);
}

/** The values of the group of each hit, a column for each name; none when hits have no groups. */
export function groupColumns(
  { group }: SearchPlan,
  { rows, batch }: SearchAnswer,
  names: readonly string[],
): NamedColumn[] {
  if (group === undefined) return [];
  const reader = groupReader(group.by, batch.columns);
  const columns: RowValue[][] = group.by.map(() => []);
  for (const row of rows) {
    for (const [i, value] of reader(row).entries()) columns[i]?.push(value);
  }
  return group.by.map((reference, i) =>
    namedColumn(
      { id: reference.fieldId, name: names[i] ?? '', type: valueType(reference) },
      columns[i] ?? [],
    ),
  );
}

function valueType({ type, path, form }: ValueReference): DataType {
  if (path === null) return type;
  return form === 'text' || form === 'order' ? DataType.VarChar : form;
}
