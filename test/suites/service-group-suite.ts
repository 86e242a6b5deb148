/** What the Service promises of searches by groups and of hits in the order of their fields. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchRowsRequest } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import {
  compareAny,
  createThings,
  grouped,
  nearest,
  show,
  type Thing,
  THINGS,
} from './ask-model.ts';
import { expectRefusal, inEveryState } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

type Point = [number, number];

/** Ids of the hits of each query. */
async function idsOf(service: Service, request: Partial<SearchRowsRequest>): Promise<bigint[][]> {
  const { results } = await service.search({ ...THINGS, limit: 10, ...request });
  return results.map((hits) => hits.map(({ id }) => id as bigint));
}

const BY: Readonly<Record<string, (row: Thing) => unknown>> = {
  flag: ({ flag }) => flag,
  tiny: ({ tiny }) => tiny,
  size: ({ size }) => size,
  big: ({ big }) => big,
  name: ({ name }) => name,
  id: ({ id }) => id,
  'meta["number"]': ({ meta }) => meta?.['number'] ?? null,
  extra: ({ extra }) => textOrNull(extra),
  'meta["mixed"]': ({ meta }) => textOrNull(meta?.['mixed']),
};

function textOrNull(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const ORDERS: Readonly<Record<string, (row: Thing) => unknown>> = {
  flag: ({ flag }) => flag,
  tiny: ({ tiny }) => tiny,
  size: ({ size }) => size,
  big: ({ big }) => big,
  ratio: ({ ratio }) => ratio,
  price: ({ price }) => price,
  name: ({ name }) => name,
  'meta["mixed"]': ({ meta }) => meta?.['mixed'] ?? null,
  extra: ({ extra }) => extra ?? null,
};

const point: fc.Arbitrary<Point> = fc.tuple(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 2 }),
);

const orderTerm = fc.record({
  field: fc.constantFrom(...Object.keys(ORDERS)),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  nulls: fc.constantFrom(undefined, 'first' as const, 'last' as const),
});

type Term = typeof orderTerm extends fc.Arbitrary<infer T> ? T : never;

function compareTerms(terms: readonly Term[], left: Thing, right: Thing): number {
  for (const { field, order, nulls } of terms) {
    const [a, b] = [ORDERS[field]!(left), ORDERS[field]!(right)];
    if (a === null || b === null) {
      if (a === b) continue;
      const isFirst = nulls === undefined ? order === 'desc' : nulls === 'first';
      return (a === null) === isFirst ? -1 : 1;
    }
    const sign = order === 'desc' ? -1 : 1;
    const compared = compareAny(a, b) * sign;
    if (compared !== 0) return compared;
  }
  return 0;
}

const withoutUndefined = ({ field, order, nulls }: Term) =>
  nulls === undefined ? { field, order } : { field, order, nulls };

export function serviceGroupSuite(open: OpenWorld): void {
  describe('a search by groups', () => {
    it('finds the best groups with their best hits, as a naive model does', async () => {
      const { service } = await open();
      const rows = await createThings(service, 11);
      const requests = fc.record({
        queries: fc.array(point, { minLength: 1, maxLength: 3 }),
        fields: fc.oneof(
          fc.constantFrom(...Object.keys(BY)).map((name) => [name]),
          fc.subarray(['flag', 'tiny', 'size', 'name'], { minLength: 2 }),
        ),
        size: fc.integer({ min: 1, max: 10 }),
        isStrict: fc.boolean(),
        limit: fc.integer({ min: 1, max: 12 }),
        offset: fc.integer({ min: 0, max: 3 }),
        filter: fc.constantFrom('', 'tiny > 0', 'id % 7 == 3'),
        order: fc.array(orderTerm, { maxLength: 2 }),
      });
      await inEveryState(service, THINGS, async () => {
        const property = fc.asyncProperty(requests, async (one) => {
          const { queries, fields, size, isStrict, limit, offset, filter } = one;
          const order = fields.length > 1 ? [] : one.order;
          const kept = rows.filter(({ id, tiny }) =>
            filter === '' ? true : filter === 'tiny > 0' ? tiny > 0 : id % 7n === 3n,
          );
          const expected = queries.map((query) => {
            const groups = grouped(nearest(kept, query), (row) =>
              fields.map((name) => BY[name]!(row)),
            ).slice(0, limit + offset);
            return groups
              .toSorted((a, b) => compareTerms(order, a.rows[0]!, b.rows[0]!))
              .slice(offset)
              .flatMap((group) => group.rows.slice(0, size).map(({ id }) => id));
          });
          const groupBy = { fields, size, isStrict };
          const orderBy = order.map(withoutUndefined);
          const asked = { data: queries, limit, offset, filter, groupBy, orderBy };
          expect(await idsOf(service, asked), show(one)).toEqual(expected);
        });
        await fc.assert(property, { numRuns: 60 });
      });
    });

    it('tells the values of the groups', async () => {
      const { service } = await open();
      const rows = await createThings(service, 12);
      const answer = async (request: Partial<SearchRowsRequest>) =>
        (await service.search({ ...THINGS, data: [[1, 1]], limit: 20, ...request })).results[0]!;
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const hit of await answer({ groupBy: { fields: ['big'], size: 2 } })) {
        expect(hit.group).toEqual([byId.get(hit.id as bigint)!.big]);
        expect(hit.fields).toEqual({});
      }
      const fields = ['flag', 'name'];
      const both = await answer({ groupBy: { fields }, outputFields: ['name'] });
      for (const { id, group, fields: shown } of both) {
        const { flag, name } = byId.get(id as bigint)!;
        expect(group).toEqual([flag, name]);
        expect(shown).toEqual({ name });
      }
      const columns = await service.searchColumns({
        ...THINGS,
        data: [[1, 1]],
        limit: 20,
        groupBy: { fields: ['meta'], jsonPath: 'meta["number"]', jsonType: 'Int64' },
      });
      expect(columns.groups.map(({ field }) => [field.name, field.type])).toEqual([['meta', 5]]);
      expect(columns.counts).toEqual(Uint32Array.of(6));
    });

    it('casts values of JSON, and refuses others where that is strict', async () => {
      const { service } = await open();
      const rows = await createThings(service, 13);
      const groupsOf = async (jsonType: string, strictCast = false): Promise<unknown[]> => {
        const groupBy = { fields: ['meta["mixed"]'], jsonType, strictCast };
        const { results } = await service.search({
          ...THINGS,
          data: [[3, 1]],
          limit: 100,
          groupBy,
        });
        return results[0]!.map(({ group }) => group![0]);
      };
      const valuesOf = (of: (value: unknown) => boolean): unknown[] => [
        ...new Set(rows.map(({ meta }) => meta?.['mixed'] ?? null).map((v) => (of(v) ? v : null))),
      ];
      const sorted = (values: unknown[]): string[] => values.map(String).sort();
      const expected: [string, unknown[]][] = [
        ['Bool', valuesOf((value) => typeof value === 'boolean')],
        ['VarChar', valuesOf((value) => typeof value === 'string')],
        ['Int8', valuesOf((value) => value === 7)],
        ['Int64', valuesOf((value) => value === 7)],
      ];
      for (const [jsonType, values] of expected) {
        expect(sorted(await groupsOf(jsonType)), jsonType).toEqual(sorted(values));
      }
      await expectRefusal(
        groupsOf('VarChar', true),
        65_535,
        'failed to cast json value to VarChar',
      );
    });

    it('is refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 14);
      const asked = async (
        groupBy: SearchRowsRequest['groupBy'],
        more: Partial<SearchRowsRequest> = {},
      ): Promise<unknown> =>
        await service.search({ ...THINGS, data: [[1, 1]], limit: 3, groupBy: groupBy!, ...more });
      const refusals: [SearchRowsRequest['groupBy'], string][] = [
        [{ fields: ['ratio'] }, 'unsupported data type FLOAT for group by operator'],
        [{ fields: ['tags'] }, 'unsupported data type ARRAY for group by operator'],
        [{ fields: ['vector'] }, 'unsupported data type VECTOR_FLOAT for group by operator'],
        [
          { fields: ['flag'], size: 11 },
          'input group size:11 exceeds configured max group size:10',
        ],
        [
          { fields: ['flag'], size: 0 },
          'input group size:0 is negative, failed to do search_groupby',
        ],
        [{ fields: ['flag'], size: -5 }, 'input group size:-5 is negative'],
        [{ fields: ['21'] }, 'cannot parse identifier: 21'],
        [{ fields: ['flag', 'extra'] }, 'json path is not supported for multi-field group_by'],
        [{ fields: ['flag["a"]'] }, 'group_by field \'flag["a"]\' has brackets'],
        [{ fields: ['meta["a"]'], jsonType: 'Double' }, 'unsupported json_type Double'],
        [{ fields: ['meta'], jsonPath: 'extra["a"]' }, 'fieldID not match with field name'],
        [{ fields: [] }, 'number of group_by_fields is invalid'],
      ];
      for (const [groupBy, text] of refusals) await expectRefusal(asked(groupBy), 1100, text);
      const flag = { fields: ['flag'] };
      await expectRefusal(
        asked(flag, { params: { radius: 3 } }),
        1100,
        'Not allowed to do range-search when doing search-group-by',
      );
      await expectRefusal(
        asked(flag, { after: null }),
        1100,
        'Not allowed to do groupBy when doing iteration',
      );
    });
  });

  describe('hits in the order of fields', () => {
    it('are the best ones in that order, as a naive model has them', async () => {
      const { service } = await open();
      const rows = await createThings(service, 15);
      const requests = fc.record({
        queries: fc.array(point, { minLength: 1, maxLength: 3 }),
        limit: fc.integer({ min: 1, max: 60 }),
        offset: fc.integer({ min: 0, max: 9 }),
        order: fc.array(orderTerm, { minLength: 1, maxLength: 3 }),
      });
      await inEveryState(service, THINGS, async () => {
        const property = fc.asyncProperty(requests, async ({ queries, limit, offset, order }) => {
          const expected = queries.map((query) =>
            nearest(rows, query)
              .slice(0, limit + offset)
              .toSorted((a, b) => compareTerms(order, a, b))
              .slice(offset)
              .map(({ id }) => id),
          );
          const orderBy = order.map(withoutUndefined);
          expect(await idsOf(service, { data: queries, limit, offset, orderBy })).toEqual(expected);
        });
        await fc.assert(property, { numRuns: 40 });
      });
    });

    it('are refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 16);
      const refusals: [string, string][] = [
        [
          'vector',
          "order_by field 'vector' has unsortable type FloatVector; supported types: bool",
        ],
        ['meta', 'unsortable type JSON'],
        ['tags', 'unsortable type Array'],
        ['tags["a"]', 'order_by field \'tags["a"]\' has brackets but is not a JSON type'],
        ['', 'empty field name in order_by_fields'],
      ];
      for (const [field, text] of refusals) {
        const request = { ...THINGS, data: [[1, 1]], limit: 3, orderBy: [{ field }] };
        await expectRefusal(service.search(request), 1100, text);
      }
      const orderBy = [{ field: 'flag', order: 'up' as never }];
      await expectRefusal(
        service.search({ ...THINGS, data: [[1, 1]], limit: 3, orderBy }),
        1100,
        "invalid order direction 'up' for field 'flag', expected 'asc' or 'desc'",
      );
      await expectRefusal(
        service.search({
          ...THINGS,
          data: [[1, 1]],
          limit: 3,
          orderBy: [{ field: 'flag' }],
          groupBy: { fields: ['flag', 'tiny'] },
        }),
        1100,
        'order_by_fields is not supported with multi-field group_by_fields',
      );
    });
  });
}
