/** Calls that write rows. */
import { milvusError } from '../base/errors.ts';
import type { RowsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import type { IDs, InsertRequest, MutationResult } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { givenColumns } from './column-decode.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import { parametersOf } from './template-values.ts';

export function rowHandlers(service: Service): Handlers {
  return {
    async Insert(request, call) {
      await checkSchemaVersion(service, request, call);
      const answer = await service.insert(rowsOf(request, call), call.options);
      return { ...mutation(answer), insertCnt: BigInt(answer.rowCount) };
    },
    async Upsert(request, call) {
      if (request.fieldOps.some(({ op }) => op !== 0)) {
        throw milvusError('Unimplemented', { message: 'operations on arrays of a partial upsert' });
      }
      await checkSchemaVersion(service, request, call);
      const rows = { ...rowsOf(request, call), partial: request.partialUpdate };
      const answer = await service.upsert(rows, call.options);
      const count = BigInt(answer.rowCount);
      return { ...mutation(answer), upsertCnt: count, insertCnt: count, deleteCnt: count };
    },
    async Delete(request, call) {
      const { expr, partitionName, namespace } = request;
      const { rowCount, timestamp } = await service.delete(
        {
          ...collectionOf(request, call),
          filter: expr,
          parameters: parametersOf(request.exprTemplateValues),
          ...(partitionName === '' ? {} : { partitionName }),
          ...(namespace === undefined ? {} : { namespace }),
        },
        call.options,
      );
      return { deleteCnt: BigInt(rowCount), acknowledged: true, timestamp };
    },
  };
}

type Rows = Pick<
  InsertRequest,
  'dbName' | 'collectionName' | 'partitionName' | 'fieldsData' | 'numRows' | 'namespace'
>;

function rowsOf(request: Rows, call: ServerCall): Parameters<Service['insert']>[0] {
  const { partitionName, namespace } = request;
  return {
    ...collectionOf(request, call),
    rows: givenColumns(request.fieldsData, request.numRows),
    ...(partitionName === '' ? {} : { partitionName }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/**
 * A client that knows an older schema is told so, and asks for the new one.
 * @throws MilvusError SchemaMismatch
 */
async function checkSchemaVersion(
  service: Service,
  request: Pick<InsertRequest, 'dbName' | 'collectionName' | 'schemaTimestamp'>,
  call: ServerCall,
): Promise<void> {
  const { schemaTimestamp } = request;
  if (schemaTimestamp === 0n) return;
  const collection = collectionOf(request, call);
  const { updatedTimestamp } = await service.describeCollection(collection, call.options);
  if (schemaTimestamp === updatedTimestamp) return;
  throw milvusError('SchemaMismatch', { fields: { collection: request.collectionName } });
}

function mutation({ ids, timestamp, rowCount }: RowsAnswer): Init<MutationResult> {
  return {
    IDs: idsOf(ids),
    succIndex: Uint32Array.from({ length: rowCount }, (_, row) => row),
    acknowledged: true,
    timestamp,
  };
}

function idsOf(ids: readonly PrimaryKey[]): Init<IDs> {
  const texts = ids.filter((id) => typeof id === 'string');
  if (texts.length > 0) return { strId: { data: byteListOf(texts) } };
  return { intId: { data: BigInt64Array.from(ids as readonly bigint[]) } };
}
