/** What a shard leader looks up in its own rows before it writes: the rows of now, as plans and keys. */
import { must } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { QueryPlan } from '../search/plan.ts';
import { joinKeys, keysOfColumn } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import type { CollectionInfo, PartitionRows } from './ports.ts';
import { readShapeOf } from './read-shape.ts';
import { livingRows } from './row-scope.ts';
import { lostBefore } from './snapshot-leases.ts';

/** Every row that lives, with these fields. */
export function latestPlan(
  collection: CollectionInfo,
  outputFieldIds: readonly number[],
  at: { readonly timestamp: bigint; readonly nowMs: number },
): QueryPlan {
  return {
    kind: 'query',
    schema: readShapeOf(collection).schema,
    partitionIds: null,
    filter: livingRows(collection, at.nowMs),
    outputFieldIds,
    timestamp: at.timestamp,
    expiredBefore: lostBefore(collection, at.nowMs),
    ignoreGrowing: false,
    countOnly: false,
    keys: null,
    rowLimit: null,
    page: null,
  };
}

/** @param primary key of the collection */
export function keysOfRows(rows: readonly PartitionRows[], { id, type }: FieldSchema): KeyList {
  const lists = rows.map(({ batch }) =>
    keysOfColumn(must(batch.columns.get(id), 'rows have keys')),
  );
  return joinKeys(type === DataType.Int64 ? 'int64' : 'text', lists);
}
