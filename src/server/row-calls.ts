/** Calls that write rows. */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { RowsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { FieldOperation } from '../schema/array-operations.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import {
  FieldPartialUpdateOpOpType,
  type IDs,
  type InsertRequest,
  type MutationResult,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { givenColumns } from './column-decode.ts';
import { loadForRows } from './first-load.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import { parametersOf } from './template-values.ts';

export function rowHandlers(service: Service): Handlers {
  return {
    async Insert(request, call) {
      const rows = rowsOf(request, call);
      await openForRows(service, request, call);
      const answer = await service.insert(rows, call.options);
      return { ...mutation(answer), insertCnt: BigInt(answer.rowCount) };
    },
    async Upsert(request, call) {
      const fieldOps = request.fieldOps.map(({ fieldName, op }) => ({ fieldName, op: opOf(op) }));
      const rows = { ...rowsOf(request, call), partial: request.partialUpdate, fieldOps };
      await openForRows(service, request, call);
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

function opOf(code: number): FieldOperation {
  const op = OPERATIONS[code];
  if (op === undefined) throw invalidParameter(`unsupported partial update op: ${code}`);
  return op;
}

const OPERATIONS: Readonly<Record<number, FieldOperation>> = Object.fromEntries(
  Object.entries(FieldPartialUpdateOpOpType).map(([name, code]) => [code, name as FieldOperation]),
);

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
async function openForRows(
  service: Service,
  request: Pick<InsertRequest, 'dbName' | 'collectionName' | 'schemaTimestamp'>,
  call: ServerCall,
): Promise<void> {
  const { schemaTimestamp, collectionName } = request;
  const collection = await service.describeCollection(collectionOf(request, call), call.options);
  if (schemaTimestamp !== 0n && schemaTimestamp !== collection.updatedTimestamp) {
    throw milvusError('SchemaMismatch', { fields: { collection: collectionName } });
  }
  await loadForRows(service, collection, call);
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
