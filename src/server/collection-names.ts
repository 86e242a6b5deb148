/**
 * Names of collections and partitions that cannot be: Milvus's proxy refuses them before it looks anything up, in
 * some of its calls. Others, as Search, Query and CreateIndex, say that there is no such collection.
 * Source: Milvus `internal/proxy/task.go`, `impl.go`: the callers of validateCollectionName.
 */
import { validateCollectionName, validatePartitionName } from '../schema/names.ts';
import type { MethodName } from '../wire/method-types.ts';
import type { Handlers } from './handlers.ts';
import type { ServerCall } from './server-call.ts';

const REFUSED_BY: ReadonlySet<string> = new Set<MethodName>([
  ...(['DropCollection', 'HasCollection', 'DescribeCollection'] as const),
  ...(['LoadCollection', 'ReleaseCollection', 'GetLoadingProgress', 'GetLoadState'] as const),
  ...(['CreatePartition', 'DropPartition', 'HasPartition', 'ShowPartitions'] as const),
  ...(['LoadPartitions', 'ReleasePartitions'] as const),
  ...(['CreateAlias', 'AlterAlias'] as const),
  ...(['DescribeIndex', 'GetIndexState', 'GetIndexBuildProgress'] as const),
  ...(['Insert', 'Upsert', 'Delete'] as const),
]);

/** Besides those that create and drop partitions. No name is every partition, or the default one. */
const PARTITION_REFUSED_BY: ReadonlySet<string> = new Set<MethodName>([
  ...(['Insert', 'Upsert', 'Delete'] as const),
]);

/** What requests of those calls have. */
interface Named {
  readonly collectionName: string;
  readonly collectionID?: bigint;
  readonly partitionName?: string;
}

type NamedHandler = (request: Named, call: ServerCall) => Promise<object>;

/** The same handlers, behind the check of the name. */
export function withCollectionNames(handlers: Handlers): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    if (!REFUSED_BY.has(name)) return [name, handler];
    const inner = handler as NamedHandler;
    const checked: NamedHandler = async (request, call) => {
      checkName(request);
      const { partitionName = '' } = request;
      if (partitionName !== '' && PARTITION_REFUSED_BY.has(name)) {
        validatePartitionName(partitionName);
      }
      return await inner(request, call);
    };
    return [name, checked];
  });
  return Object.fromEntries(wrapped) as Handlers;
}

/** Some clients send an id alone. */
function checkName({ collectionName, collectionID = 0n }: Named): void {
  if (collectionName !== '' || collectionID === 0n) validateCollectionName(collectionName);
}
