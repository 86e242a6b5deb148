/** Calls about indexes: their definitions, and how far they are. */
import { milvusError } from '../base/errors.ts';
import type { IndexDescription as IndexFound } from '../core/index-states.ts';
import type { Service } from '../core/service.ts';
import { type IndexDescription, IndexState } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { Handlers } from './handlers.ts';
import { pairsOf, propertiesOf } from './key-values.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import { SUCCESS } from './status.ts';

/** The format of index files, as far as clients ask for it. */
const INDEX_VERSION = 1;

interface IndexNames {
  readonly dbName: string;
  readonly collectionName: string;
  readonly fieldName: string;
  readonly indexName: string;
}

export function indexHandlers(service: Service): Handlers {
  return { ...definitionHandlers(service), ...stateHandlers(service) };
}

function definitionHandlers(service: Service): Handlers {
  return {
    async CreateIndex(request, call) {
      const { fieldName, indexName } = request;
      const params = propertiesOf(request.extraParams);
      const index = { ...collectionOf(request, call), fieldName, indexName, params };
      await service.createIndex(index, call.options);
      return SUCCESS;
    },
    async AlterIndex(request, call) {
      const change = { set: propertiesOf(request.extraParams), remove: request.deleteKeys };
      const index = { ...collectionOf(request, call), indexName: request.indexName, ...change };
      await service.alterIndex(index, call.options);
      return SUCCESS;
    },
    async DropIndex(request, call) {
      const found = await indexesOf(service, request, call).catch(ignoreMissing);
      for (const { name: indexName } of found) {
        await service.dropIndex({ ...collectionOf(request, call), indexName }, call.options);
      }
      return SUCCESS;
    },
  };
}

function stateHandlers(service: Service): Handlers {
  return {
    async DescribeIndex(request, call) {
      const found = await indexesOf(service, request, call);
      return { indexDescriptions: found.map(descriptionOf) };
    },
    async GetIndexStatistics(request, call) {
      const found = await indexesOf(service, { ...request, fieldName: '' }, call);
      return { indexDescriptions: found.map(descriptionOf) };
    },
    async GetIndexState(request, call) {
      const found = await indexesOf(service, request, call);
      const failed = found.find(({ state }) => state === 'Failed');
      if (failed !== undefined) {
        return { state: IndexState.Failed, failReason: failed.failReason ?? '' };
      }
      const isPending = found.some(({ state }) => state === 'InProgress');
      return { state: isPending ? IndexState.InProgress : IndexState.Finished };
    },
    async GetIndexBuildProgress(request, call) {
      const found = await indexesOf(service, request, call);
      const sum = (rowsOf: (index: IndexFound) => number): bigint =>
        BigInt(found.reduce((total, index) => total + rowsOf(index), 0));
      return {
        indexedRows: sum(({ indexedRows }) => indexedRows),
        totalRows: sum(({ totalRows }) => totalRows),
      };
    },
  };
}

/**
 * Those of a name and a field, as far as the request gives them.
 * @throws MilvusError IndexNotFound
 */
async function indexesOf(
  service: Service,
  request: IndexNames,
  call: ServerCall,
): Promise<readonly IndexFound[]> {
  const { indexName, fieldName } = request;
  const index = { ...collectionOf(request, call), indexName };
  const all = await service.describeIndexes(index, call.options);
  const found = all.filter((one) => fieldName === '' || one.fieldName === fieldName);
  if (found.length > 0) return found;
  throw milvusError('IndexNotFound', { fields: { fieldName } });
}

/** Dropping what is not there succeeds. */
function ignoreMissing(failure: unknown): readonly IndexFound[] {
  if (failure instanceof Error && 'reason' in failure && failure.reason === 'IndexNotFound') {
    return [];
  }
  throw failure;
}

/** Where nothing will build what is missing there is nothing to wait for, or clients would for ever. */
function descriptionOf(index: IndexFound): Init<IndexDescription> {
  const isPending = index.state === 'InProgress' || index.state === 'Failed';
  return {
    indexName: index.name,
    indexID: BigInt(index.id),
    fieldName: index.fieldName,
    params: pairsOf(index.params),
    state: shownState(index),
    indexStateFailReason: index.failReason ?? '',
    totalRows: BigInt(index.totalRows),
    indexedRows: BigInt(index.indexedRows),
    pendingIndexRows: BigInt(isPending ? index.pendingRows : 0),
    minIndexVersion: INDEX_VERSION,
    maxIndexVersion: INDEX_VERSION,
  };
}

function shownState({ state }: IndexFound): number {
  if (state === 'Failed') return IndexState.Failed;
  return state === 'InProgress' ? IndexState.InProgress : IndexState.Finished;
}
