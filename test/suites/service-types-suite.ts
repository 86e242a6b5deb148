/** Every data type goes in and comes out the same, growing, sealed, compacted and reopened. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/core/requests.ts';
import type { CollectionDefinition, FieldDefinition } from '../../src/schema/definition.ts';
import { createDocs, DOCS, expectRefusal, inEveryState } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

/** Values of a field type: as they are written, and as they come back where that differs. */
interface TypeCase {
  readonly field: Omit<FieldDefinition, 'name'>;
  readonly values: readonly unknown[];
  readonly expected?: readonly unknown[];
}

const SCALARS: Readonly<Record<string, TypeCase>> = {
  bool: { field: { type: 'Bool' }, values: [true, false] },
  int8: { field: { type: 'Int8' }, values: [-128, 127] },
  int16: { field: { type: 'Int16' }, values: [-32_768, 32_767] },
  int32: { field: { type: 'Int32' }, values: [-2_147_483_648, 2_147_483_647] },
  int64: { field: { type: 'Int64' }, values: [-(2n ** 63n), 2n ** 63n - 1n] },
  float: { field: { type: 'Float' }, values: [0.1, -1.5], expected: [Math.fround(0.1), -1.5] },
  double: { field: { type: 'Double' }, values: [0.1, -1.797e308] },
  varchar: { field: { type: 'VarChar', maxLength: 12 }, values: ['', 'žluťoučký'.slice(0, 8)] },
  text: { field: { type: 'Text' }, values: ['', 'a\u0000b\n'.repeat(30_000)] },
  json: {
    field: { type: 'JSON' },
    values: [{ a: [1, null, 'x', { b: 2n ** 60n }] }, 'bare text'],
  },
  time: {
    field: { type: 'Timestamptz' },
    values: ['2024-02-29T12:00:00.123456+02:00', '1969-12-31 23:59:59'],
    expected: ['2024-02-29T10:00:00.123456Z', '1969-12-31T23:59:59Z'],
  },
  shape: {
    field: { type: 'Geometry' },
    values: ['POINT (1 2)', 'POLYGON ((0 0, 4 0, 4 4, 0 0))'],
  },
  bools: {
    field: { type: 'Array', elementType: 'Bool', maxCapacity: 4 },
    values: [[], [true, false]],
  },
  longs: {
    field: { type: 'Array', elementType: 'Int64', maxCapacity: 4 },
    values: [[1, -(2n ** 63n)], [7n]],
    expected: [[1n, -(2n ** 63n)], [7n]],
  },
  doubles: { field: { type: 'Array', elementType: 'Double', maxCapacity: 4 }, values: [[1.5], []] },
  words: {
    field: { type: 'Array', elementType: 'VarChar', maxCapacity: 4, maxLength: 8 },
    values: [['', 'a', 'čaj'], ['z']],
  },
};

const VECTORS: Readonly<Record<string, TypeCase>> = {
  float_vector: {
    field: { type: 'FloatVector', dim: 3 },
    values: [[0.1, -2, 3e38], new Float32Array([0, 1, 2])],
    expected: [new Float32Array([0.1, -2, 3e38]), new Float32Array([0, 1, 2])],
  },
  half_vector: {
    field: { type: 'Float16Vector', dim: 2 },
    values: [
      [0.5, 65_504],
      [-1, 0.25],
    ],
    expected: [new Float32Array([0.5, 65_504]), new Float32Array([-1, 0.25])],
  },
  brain_vector: {
    field: { type: 'BFloat16Vector', dim: 2 },
    values: [
      [0.5, 1.5],
      [-1, 256],
    ],
    expected: [new Float32Array([0.5, 1.5]), new Float32Array([-1, 256])],
  },
  byte_vector: {
    field: { type: 'Int8Vector', dim: 3 },
    values: [
      [-128, 0, 127],
      [1, 2, 3],
    ],
    expected: [new Int8Array([-128, 0, 127]), new Int8Array([1, 2, 3])],
  },
  bit_vector: {
    field: { type: 'BinaryVector', dim: 16 },
    values: [new Uint8Array([255, 1]), [0, 128]],
    expected: [new Uint8Array([255, 1]), new Uint8Array([0, 128])],
  },
  sparse_vector: {
    field: { type: 'SparseFloatVector' },
    values: [{ 7: 0.5, 4_294_967_294: 2 }, {}],
  },
};

const TYPES = { ...SCALARS, ...VECTORS };
const NAMES = Object.keys(TYPES);

function typesDefinition(nullable: boolean): CollectionDefinition {
  return {
    name: 'docs',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      ...Object.entries(TYPES).map(([name, { field }]) => ({ name, nullable, ...field })),
    ],
    shardCount: 2,
  };
}

function typesRow(id: number, from: 'values' | 'expected'): Row {
  const valueOf = (one: TypeCase): unknown => (one[from] ?? one.values)[id % 2];
  return Object.fromEntries(NAMES.map((name) => [name, valueOf(TYPES[name]!)]));
}

export function serviceTypesSuite(open: OpenWorld): void {
  describe('data types', () => {
    it('come back as they were written', async () => {
      const world = await open();
      await createDocs(world.service, typesDefinition(false));
      const ids = Array.from({ length: 20 }, (_, i) => i);
      await world.service.insert({
        ...DOCS,
        rows: ids.map((id) => ({ id, ...typesRow(id, 'values') })),
      });
      const check = async (): Promise<void> => {
        const { rows } = await world.service.query({
          ...DOCS,
          filter: 'id >= 0',
          outputFields: ['*'],
        });
        expect(rows).toEqual(ids.map((id) => ({ id: BigInt(id), ...typesRow(id, 'expected') })));
      };
      await inEveryState(world.service, DOCS, check);
      await world.reopen();
      await check();
    });

    it('may all be null where the field says so', async () => {
      const world = await open();
      await createDocs(world.service, typesDefinition(true));
      const rows: Row[] = [
        { id: 0 },
        { id: 1, ...typesRow(1, 'values') },
        { id: 2, ...Object.fromEntries(NAMES.map((name) => [name, null])) },
      ];
      await world.service.insert({ ...DOCS, rows });
      const nulls = Object.fromEntries(NAMES.map((name) => [name, null]));
      const check = async (): Promise<void> => {
        const found = await world.service.query({
          ...DOCS,
          filter: 'id >= 0',
          outputFields: ['*'],
        });
        expect(found.rows).toEqual([
          { id: 0n, ...nulls },
          { id: 1n, ...typesRow(1, 'expected') },
          { id: 2n, ...nulls },
        ]);
        for (const name of Object.keys(SCALARS)) {
          const count = await world.service.count({ ...DOCS, filter: `${name} is null` });
          expect(count, name).toBe(2);
        }
      };
      await inEveryState(world.service, DOCS, check);
      await world.reopen();
      await check();
      const { results } = await world.service.search({
        ...DOCS,
        fieldName: 'float_vector',
        data: [0, 0, 0],
        limit: 10,
      });
      expect(
        results[0]?.map(({ id }) => id),
        'rows without a vector are never hit',
      ).toEqual([1n]);
    });

    it('take their defaults', async () => {
      const { service } = await open();
      const defaults = {
        bool: true,
        int8: 3,
        int64: 2n ** 62n,
        double: 0.25,
        varchar: 'none',
        time: '2020-01-01T00:00:00Z',
        shape: 'POINT (0 0)',
      };
      await createDocs(service, {
        fields: [
          { name: 'id', type: 'Int64', isPrimaryKey: true },
          ...Object.entries(defaults).map(([name, defaultValue]) => ({
            name,
            ...SCALARS[name]!.field,
            defaultValue,
          })),
          { name: 'vector', type: 'FloatVector', dim: 2 },
        ],
      });
      const vector = new Float32Array([1, 2]);
      await service.insert({
        ...DOCS,
        rows: [
          { id: 0, vector },
          { id: 1, vector, varchar: null, int8: 9 },
        ],
      });
      await inEveryState(service, DOCS, async () => {
        const { rows } = await service.query({
          ...DOCS,
          filter: 'bool == true',
          outputFields: ['*'],
        });
        expect(rows).toEqual([
          { id: 0n, vector, ...defaults },
          { id: 1n, vector, ...defaults, int8: 9 },
        ]);
      });
    });

    it('hold struct arrays, element by element', async () => {
      const world = await open();
      await createDocs(world.service, {
        structs: [
          {
            name: 'chunks',
            maxCapacity: 3,
            nullable: true,
            fields: [
              { name: 'text', type: 'VarChar', maxLength: 20 },
              { name: 'page', type: 'Int32' },
              { name: 'embedding', type: 'FloatVector', dim: 2 },
            ],
          },
        ],
      });
      const chunk = (page: number): Row => ({
        text: `p${page}`,
        page,
        embedding: new Float32Array([page, 1]),
      });
      const chunks = [[chunk(1), chunk(2)], [], null];
      const rows = chunks.map((value, id) => ({ id, tag: 't', vector: [id, 0], chunks: value }));
      await world.service.insert({ ...DOCS, rows });
      const check = async (): Promise<void> => {
        const found = await world.service.query({
          ...DOCS,
          filter: 'id >= 0',
          outputFields: ['chunks'],
        });
        expect(found.rows).toEqual(chunks.map((value, id) => ({ id: BigInt(id), chunks: value })));
      };
      await inEveryState(world.service, DOCS, check);
      await world.reopen();
      await check();
      const one = await world.service.query({ ...DOCS, ids: [0n], outputFields: ['chunks[page]'] });
      expect(one.rows).toEqual([{ id: 0n, chunks: [{ page: 1 }, { page: 2 }] }]);
    });

    it('keep dynamic fields and give back those that are asked for', async () => {
      const world = await open();
      await createDocs(world.service, { enableDynamicField: true });
      const extra = {
        a: 1,
        'odd key': [true],
        nested: { deep: 'x' },
        constructor: 'no',
        __big: 2n ** 60n,
      };
      const row = { id: 1, tag: 't', vector: [1, 2] };
      await world.service.insert({ ...DOCS, rows: [{ ...row, ...extra }] });
      const ask = async (...outputFields: string[]): Promise<unknown> =>
        (await world.service.query({ ...DOCS, ids: [1n], outputFields })).rows[0];
      const check = async (): Promise<void> => {
        expect(await ask('*')).toEqual({
          id: 1n,
          tag: 't',
          size: null,
          vector: new Float32Array([1, 2]),
          ...extra,
        });
        expect(await ask('a', '$meta["odd key"]')).toEqual({ id: 1n, a: 1, 'odd key': [true] });
        expect(await ask('$meta["nested"]')).toEqual({ id: 1n, nested: { deep: 'x' } });
        expect(await ask('$meta')).toEqual({ id: 1n, $meta: extra });
        expect(await world.service.count({ ...DOCS, filter: 'nested["deep"] == "x"' })).toBe(1);
        expect(await world.service.count({ ...DOCS, filter: 'a > 1' })).toBe(0);
      };
      await inEveryState(world.service, DOCS, check);
      await world.reopen();
      await check();
    });

    it('write times in the zone of the request, else of the collection', async () => {
      const { service } = await open();
      await createDocs(service, {
        fields: [
          { name: 'id', type: 'Int64', isPrimaryKey: true },
          { name: 'at', type: 'Timestamptz' },
          { name: 'vector', type: 'FloatVector', dim: 2 },
        ],
        properties: { timezone: 'Asia/Tokyo' },
      });
      await service.insert({
        ...DOCS,
        rows: [{ id: 1, at: '2024-01-01T09:00:00', vector: [1, 2] }],
      });
      const at = async (timezone?: string): Promise<unknown> => {
        const request = { ...DOCS, ids: [1n], outputFields: ['at'] };
        const { rows } = await service.query(
          timezone === undefined ? request : { ...request, timezone },
        );
        return rows[0]?.['at'];
      };
      expect(await at()).toBe('2024-01-01T09:00:00+09:00');
      expect(await at('UTC')).toBe('2024-01-01T00:00:00Z');
      const filter = 'at == ISO "2024-01-01T09:00:00"';
      expect(await service.count({ ...DOCS, filter })).toBe(1);
      expect(await service.count({ ...DOCS, filter, timezone: 'UTC' })).toBe(0);
      await expectRefusal(at('Mars/Base'), 1100, 'unknown or invalid IANA Time Zone ID: Mars/Base');
    });
  });
}
