/**
 * Searches by the vectors of rows that are there, named by their keys. The filter is the search's alone: a row
 * finds itself unless it is left out.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { NQ_MAX } from '../base/limits.ts';
import { isValid, vectorStride } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField, vectorFields } from '../schema/fields.ts';
import { keysOf, type PrimaryKey } from '../schema/primary-key.ts';
import { decodeColumn } from '../schema/value-decoders.ts';
import type { SearchAnswer } from '../search/plan.ts';
import { queryColumns } from './frontend-reads.ts';
import type { CollectionInfo } from './ports.ts';
import { readShapeOf } from './read-shape.ts';
import type { ReadContext } from './read-scope.ts';
import type { SearchRowsRequest } from './requests.ts';

/** What is searched for instead of the keys. */
export interface VectorsOfIds {
  /** One vector at least, also where no row has one. */
  readonly data: readonly unknown[];
  /** By key: the number of its vector in `data`; null: it has none. */
  readonly places: readonly (number | null)[];
}

/** @throws MilvusError ParameterInvalid */
export async function vectorsOfIds(
  request: SearchRowsRequest & { readonly ids: readonly PrimaryKey[] },
  context: ReadContext,
): Promise<VectorsOfIds> {
  const { collection, deps, call } = context;
  const { ids, data, fieldName } = request;
  if (data !== undefined) throw invalidParameter('Either ids or data must be provided, not both');
  checkIds(ids, collection);
  checkField(collection, fieldName);
  const { field } = readShapeOf(collection).searched(fieldName);
  if (field.structName !== undefined) {
    throw invalidParameter('search by ids is not supported for vectors inside struct arrays');
  }
  const { offset: _, limit: __, groupBy: ___, orderBy: ____, filter: _____, ...rest } = request;
  const { batch } = await queryColumns({ ...rest, outputFields: [field.name] }, deps, call);
  const keys = keysOf(
    must(batch.columns.get(primaryField(collection.schema).id), 'rows have keys'),
  );
  const rowOf = new Map(keys.map((key, row) => [key, row]));
  const rows = ids.map((id) => rowOf.get(typeof id === 'number' ? BigInt(id) : id));
  const missing = ids.filter((_id, i) => rows[i] === undefined);
  if (missing.length > 0) throw missingIds(missing);
  return placed(must(batch.columns.get(field.id), 'vectors were asked for'), rows);
}

function placed(column: Column, rows: readonly (number | undefined)[]): VectorsOfIds {
  const vectors = decodeColumn(column, 'UTC');
  const data: unknown[] = [];
  const places = rows.map((row = 0) => {
    if (!isValid(column.validity, row)) return null;
    data.push(vectors[row]);
    return data.length - 1;
  });
  if (data.length === 0 && column.kind === 'vector') {
    // Its hits are nobody's; it is there so that all else of the request is looked at.
    const zeros = new Float32Array(vectorStride(column.type, column.dim));
    data.push(column.type === DataType.BinaryVector ? new Uint8Array(zeros.length) : zeros);
  }
  return { data, places };
}

/** Hits by key, of an answer of vectors. */
export function hitsOfIds(answer: SearchAnswer, { places }: VectorsOfIds): SearchAnswer {
  if (places.every((place) => place === null)) {
    const counts = new Uint32Array(places.length);
    return { ...answer, counts, rows: new Uint32Array(0), scores: new Float32Array(0) };
  }
  const counts = places.map((place) => (place === null ? 0 : (answer.counts[place] ?? 0)));
  return { ...answer, counts: Uint32Array.from(counts) };
}

function checkIds(ids: readonly PrimaryKey[], { schema }: CollectionInfo): void {
  if (ids.length === 0) throw invalidParameter('Either ids or data must be provided');
  if (ids.length > NQ_MAX) {
    const range = `should be in range [1, ${NQ_MAX}], but got ${ids.length}`;
    throw invalidParameter(
      `nq [${ids.length}] is invalid, nq (number of search vector per search request) ${range}`,
    );
  }
  const isText = primaryField(schema).type === DataType.VarChar;
  if (ids.some((id) => (typeof id === 'string') !== isText)) {
    const type = isText ? 'varchar' : 'int64';
    throw invalidParameter(`primary key is ${type}, but IDs type mismatch`);
  }
  if (new Set(ids.map(String)).size !== ids.length) {
    throw invalidParameter('duplicate IDs found in search request');
  }
}

function checkField({ schema }: CollectionInfo, fieldName: string | undefined): void {
  if (fieldName !== undefined && fieldName !== '') return;
  if (vectorFields(schema).length < 2) return;
  throw invalidParameter(
    'multiple vector fields exist, please specify anns_field in search_params',
    { expected: 'valid anns_field in search_params', actual: 'missing' },
  );
}

/** Keys that an error names. */
const SHOWN_IDS = 100;

function missingIds(missing: readonly PrimaryKey[]): Error {
  const more = missing.length > SHOWN_IDS ? ' ...' : '';
  const shown = `[${missing.slice(0, SHOWN_IDS).join(' ')}${more}]`;
  return invalidParameter(
    `some of the provided primary key IDs do not exist: missing IDs = ${shown}`,
  );
}
