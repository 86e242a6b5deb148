/** `/entities/*` but searches: rows written, asked for and deleted. */
import { invalidParameter } from '../base/errors.ts';
import type { RowsAnswer } from '../core/requests.ts';
import {
  arrayOperations,
  type FieldOperation,
  type GivenFieldOperation,
} from '../schema/array-operations.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { ConsistencyLevel, type QueryRequest } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { jsonText } from './json-write.ts';
import type { RequestBody } from './request-body.ts';
import {
  describedCollection,
  namedCollection,
  type RestAnswer,
  type RestCall,
  type Routes,
} from './rest-call.ts';
import { insertDataError, missingParameter, restError } from './rest-errors.ts';
import { rowsOf } from '../imports/given-rows.ts';
import { outputRows, scalarCount } from './row-output.ts';
import { templateValues } from './template-input.ts';

const QUERY_LIMIT_DEFAULT = 100;
const EVERYTHING = ['*'];
const FIELD_OPERATIONS: readonly FieldOperation[] = ['REPLACE', 'ARRAY_APPEND', 'ARRAY_REMOVE'];

export const entityRoutes: Routes = {
  '/entities/insert': insert,
  '/entities/upsert': upsert,
  '/entities/delete': deleteRows,
  '/entities/get': get,
  '/entities/query': query,
};

async function insert(call: RestCall): Promise<RestAnswer> {
  const rows = await writtenRows(call);
  const answer = await call.count('Insert', rows, async () => {
    const done = await call.service.insert(rows, call.options).catch(rejectData);
    return { ...done, insertCnt: done.rowCount };
  });
  return { data: { insertCount: answer.rowCount, insertIds: keysOf(answer, call) }, cost: 0 };
}

async function upsert(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const fieldOps = body.bodies('fieldOps').map(fieldOperation);
  const partial = body.boolean('partialUpdate');
  const rows = { ...(await writtenRows(call)), partial, fieldOps };
  // What is wrong with an operation is no fault of the data.
  arrayOperations((await describedCollection(call)).schema, fieldOps);
  const answer = await call.count('Upsert', rows, async () => {
    const done = await call.service.upsert(rows, call.options).catch(rejectData);
    return { ...done, upsertCnt: done.rowCount };
  });
  return { data: { upsertCount: answer.rowCount, upsertIds: keysOf(answer, call) }, cost: 0 };
}

function fieldOperation(given: RequestBody): GivenFieldOperation {
  const word = given.text('op');
  const op = FIELD_OPERATIONS.find((known) => known === word.trim().toUpperCase());
  if (op === undefined) throw invalidParameter(`unsupported partial update op: ${word}`);
  return { fieldName: given.text('fieldName'), op };
}

function rejectData(thrown: unknown): never {
  throw insertDataError(thrown);
}

async function writtenRows(call: RestCall): Promise<Parameters<RestCall['service']['insert']>[0]> {
  const { body, databaseName, clock } = call;
  const { collectionName } = namedCollection(call);
  if (!body.has('data')) throw missingParameter('data');
  const data = body.list('data');
  const { schema } = await describedCollection(call);
  if (data.length === 0) throw restError('InsertDataInvalid', 'missing required parameters');
  const rows = await rowsOf(data, schema, clock).catch(rejectData);
  const partitionName = body.text('partitionName');
  return {
    databaseName,
    collectionName,
    rows,
    ...(partitionName === '' ? {} : { partitionName }),
  };
}

function keysOf({ ids }: RowsAnswer, { allowsInt64 }: RestCall): readonly unknown[] {
  return allowsInt64 ? ids : ids.map(String);
}

async function deleteRows(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const request = {
    ...namedCollection(call),
    partitionName: body.text('partitionName'),
    expr: body.requiredText('filter'),
    exprTemplateValues: await templateValues(body.object('exprParams'), call.clock),
  };
  await describedCollection(call);
  const { deleteCnt } = await call.call('Delete', request);
  return { data: { deleteCount: deleteCnt } };
}

async function get(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  namedCollection(call);
  if (!body.has('id')) throw missingParameter('id');
  const { schema } = await describedCollection(call);
  return await queryAnswer(call, {
    ...readRequest(call),
    expr: keyFilter(schema, body.value('id')),
  });
}

async function query(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const request = readRequest(call);
  const offset = body.integer('offset');
  const limit = body.integer('limit', QUERY_LIMIT_DEFAULT);
  const orderBy = body.texts('orderByFields');
  const queryParams = [
    ...(offset > 0 ? [{ key: 'offset', value: String(offset) }] : []),
    ...(limit > 0 && !isCount(request.outputFields)
      ? [{ key: 'limit', value: String(limit) }]
      : []),
    ...(orderBy.length > 0 ? [{ key: 'order_by_fields', value: orderBy.join(',') }] : []),
  ];
  await describedCollection(call);
  return await queryAnswer(call, {
    ...request,
    expr: body.text('filter'),
    queryParams,
    exprTemplateValues: await templateValues(body.object('exprParams'), call.clock),
  });
}

function isCount(outputFields: readonly string[]): boolean {
  return outputFields.length === 1 && outputFields[0]?.trim().toLowerCase() === 'count(*)';
}

type ReadRequest = Init<QueryRequest> & { readonly outputFields: readonly string[] };

function readRequest(call: RestCall): ReadRequest {
  const { body } = call;
  return {
    ...namedCollection(call),
    ...consistencyOf(call),
    outputFields: body.texts('outputFields', EVERYTHING),
    partitionNames: body.texts('partitionNames'),
  };
}

export interface Consistency {
  readonly consistencyLevel: number;
  readonly useDefaultConsistency: boolean;
}

/** @throws MilvusError ParameterInvalid */
export function consistencyOf({ body }: RestCall): Consistency {
  const name = body.text('consistencyLevel');
  if (name === '') {
    return { consistencyLevel: ConsistencyLevel.Bounded, useDefaultConsistency: true };
  }
  return { consistencyLevel: requireLevelName(name), useDefaultConsistency: false };
}

/** @throws MilvusError ParameterInvalid */
export function requireLevelName(name: string): number {
  const level = new Map<string, number>(Object.entries(ConsistencyLevel)).get(name);
  if (level !== undefined) return level;
  const names = 'Strong, Session, Bounded, Eventually, Customized';
  const rule = `consistencyLevel can only be [${names}], default: Bounded`;
  throw invalidParameter(`${rule}, err:parameter:'${name}' is incorrect, please check it`);
}

async function queryAnswer(call: RestCall, request: Init<QueryRequest>): Promise<RestAnswer> {
  const { fieldsData, outputFields, primaryFieldName } = await call.call('Query', request);
  const { allowsInt64 } = call;
  const counted = fieldsData.find((one) => one.fieldName === primaryFieldName) ?? fieldsData[0];
  const rowCount = counted === undefined ? 0 : scalarCount(counted);
  return { data: outputRows({ rowCount, fields: fieldsData, outputFields, allowsInt64 }), cost: 0 };
}

/** `pk in [1, 2]`. @throws MilvusError PrimaryKeyInvalid */
export function keyFilter(schema: CollectionSchema, given: unknown): string {
  const { name, type } = primaryField(schema);
  const keys = (Array.isArray(given) ? given : [given]).map((key: unknown) => keyText(key, type));
  return `${name} in [${keys.join(',')}]`;
}

function keyText(key: unknown, type: DataType): string {
  if (type !== DataType.Int64) {
    if (typeof key === 'string') return jsonText(key);
    throw restError('PrimaryKeyInvalid', `${jsonText(key)} is no VarChar`);
  }
  const text = typeof key === 'string' ? key : jsonText(key);
  if (/^-?\d{1,19}$/.test(text)) return text;
  throw restError('PrimaryKeyInvalid', `unable to cast ${jsonText(key)} to int64`);
}
