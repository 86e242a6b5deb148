/** Collections over the wire, as tests of calls want them. */
import { expect } from 'vitest';
import { byteListOf } from '../../src/wire/byte-lists.ts';
import {
  CollectionSchema,
  type FieldData,
  PlaceholderGroup,
} from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init } from '../../src/wire/message-type.ts';
import type { WireClient } from './wire-client.ts';

export interface WireRow {
  readonly id: number;
  readonly tag: string;
  readonly v: readonly number[];
}

export interface CollectionShape {
  readonly shards?: number;
  readonly namespaces?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly metric?: string;
}

/** `id` Int64 key, `tag` VarChar, `v` two floats: created, indexed by FLAT and loaded. */
export async function createCollection(
  client: WireClient,
  collectionName: string,
  { shards = 1, namespaces = false, properties = {}, metric = 'L2' }: CollectionShape = {},
): Promise<void> {
  const schema = encodeMessage(CollectionSchema, {
    name: collectionName,
    enableNamespace: namespaces,
    fields: [
      { name: 'id', dataType: 5, isPrimaryKey: true },
      { name: 'tag', dataType: 21, typeParams: [{ key: 'max_length', value: '20' }] },
      { name: 'v', dataType: 101, typeParams: [{ key: 'dim', value: '2' }] },
    ],
  });
  const status = await client.call('CreateCollection', {
    collectionName,
    schema,
    shardsNum: shards,
    properties: Object.entries(properties).map(([key, value]) => ({ key, value })),
  });
  expect(status).toMatchObject({ code: 0, reason: '' });
  const extraParams = [
    { key: 'index_type', value: 'FLAT' },
    { key: 'metric_type', value: metric },
  ];
  await client.call('CreateIndex', { collectionName, fieldName: 'v', extraParams });
  await client.call('LoadCollection', { collectionName });
}

export function fieldsOf(rows: readonly WireRow[]): Init<FieldData>[] {
  const data = BigInt64Array.from(rows, ({ id }) => BigInt(id));
  return [
    { type: 5, fieldName: 'id', scalars: { longData: { data } } },
    {
      type: 21,
      fieldName: 'tag',
      scalars: { stringData: { data: byteListOf(rows.map(({ tag }) => tag)) } },
    },
    {
      type: 101,
      fieldName: 'v',
      vectors: { dim: 2n, floatVector: { data: Float32Array.from(rows.flatMap(({ v }) => v)) } },
    },
  ];
}

export async function insertRows(
  client: WireClient,
  collectionName: string,
  rows: readonly WireRow[],
  namespace?: string,
): Promise<bigint> {
  const answer = await client.call('Insert', {
    collectionName,
    fieldsData: fieldsOf(rows),
    numRows: rows.length,
    ...(namespace === undefined ? {} : { namespace }),
  });
  expect(answer.status).toMatchObject({ code: 0, reason: '' });
  return answer.timestamp;
}

export function placeholdersOf(...vectors: readonly (readonly number[])[]): Uint8Array {
  const values = vectors.map((vector) => new Uint8Array(Float32Array.from(vector).buffer));
  return encodeMessage(PlaceholderGroup, { placeholders: [{ tag: '$0', type: 101, values }] });
}

export function pairs(
  values: Readonly<Record<string, string | number>>,
): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}
