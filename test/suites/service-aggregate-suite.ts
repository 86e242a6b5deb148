/** What the Service promises of rows in the order of their fields, and of what rows add up to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueryRowsRequest } from '../../src/core/requests.ts';
import { compareAny, createThings, grouped, show, type Thing, THINGS } from './ask-model.ts';
import { expectRefusal, inEveryState } from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

type Value = bigint | number | string | boolean | null;

const FIELDS: Readonly<Record<string, (row: Thing) => Value>> = {
  tiny: ({ tiny }) => tiny,
  size: ({ size }) => size,
  big: ({ big }) => big,
  ratio: ({ ratio }) => ratio,
  price: ({ price }) => price,
  name: ({ name }) => name,
};

const GROUPS = ['tiny', 'size', 'big', 'name'];
const OPERATORS = ['count', 'sum', 'avg', 'min', 'max'];

const aggregateText = fc
  .tuple(fc.constantFrom(...OPERATORS), fc.constantFrom(...Object.keys(FIELDS)))
  .filter(([operator, field]) => field !== 'name' || !['sum', 'avg'].includes(operator))
  // Sums of these are beyond int64, which is refused.
  .filter(([operator, field]) => field !== 'big' || operator !== 'sum')
  .map(([operator, field]) => `${operator}(${field})`);

function naiveAggregate(text: string, rows: readonly Thing[]): Value {
  if (text === 'count(*)') return BigInt(rows.length);
  const [, operator = '', field = ''] = /^(\w+)\((\w+)\)$/.exec(text) ?? [];
  const values = rows.map((row) => FIELDS[field]!(row)).filter((value) => value !== null);
  if (operator === 'count') return BigInt(values.length);
  if (values.length === 0) return null;
  const isWhole = !['ratio', 'price'].includes(field);
  const exact = (): bigint => values.reduce((sum: bigint, value) => sum + BigInt(value), 0n);
  const sum = isWhole && operator !== 'min' && operator !== 'max' ? exact() : null;
  const plain = (): number => values.reduce((total: number, value) => total + Number(value), 0);
  if (operator === 'sum') return sum ?? plain();
  if (operator === 'avg') return Number(sum ?? plain()) / values.length;
  const sorted = values.toSorted(compareAny);
  return (operator === 'min' ? sorted[0] : sorted.at(-1)) ?? null;
}

function compareNullsLast(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return compareAny(left, right);
}

/** Rows of an answer as one text; counts and sums of whole numbers are bigints. */
function texts(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => show(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

export function serviceAggregateSuite(open: OpenWorld): void {
  describe('a query in the order of fields', () => {
    it('has the first rows, as a naive model does', async () => {
      const { service } = await open();
      const rows = await createThings(service, 21);
      const term = fc.record({
        field: fc.constantFrom(...Object.keys(FIELDS), 'flag', 'meta["mixed"]', 'extra'),
        order: fc.constantFrom('asc' as const, 'desc' as const),
        nulls: fc.constantFrom('first' as const, 'last' as const),
      });
      const valueOf = (row: Thing, field: string): unknown => {
        if (field === 'meta["mixed"]') return row.meta?.['mixed'] ?? null;
        if (field === 'flag') return row.flag;
        return field === 'extra' ? (row.extra ?? null) : FIELDS[field]!(row);
      };
      const requests = fc.record({
        orderBy: fc.array(term, { minLength: 1, maxLength: 3 }),
        limit: fc.integer({ min: 1, max: 250 }),
        offset: fc.integer({ min: 0, max: 20 }),
        isFiltered: fc.boolean(),
      });
      await inEveryState(service, THINGS, async () => {
        const property = fc.asyncProperty(requests, async (one) => {
          const { orderBy, limit, offset, isFiltered } = one;
          const kept = isFiltered ? rows.filter(({ tiny }) => tiny >= 0) : rows;
          const expected = kept
            .toSorted((a, b) => {
              for (const { field, order, nulls } of orderBy) {
                const [x, y] = [valueOf(a, field), valueOf(b, field)];
                if (x === null && y === null) continue;
                if (x === null || y === null) return (x === null) === (nulls === 'first') ? -1 : 1;
                const compared = compareAny(x, y);
                if (compared !== 0) return order === 'asc' ? compared : -compared;
              }
              return Number(a.id - b.id);
            })
            .slice(offset, offset + limit)
            .map(({ id }) => ({ id }));
          const filter = isFiltered ? 'tiny >= 0' : '';
          const answer = await service.query({ ...THINGS, filter, orderBy, limit, offset });
          expect(answer.rows, show(one)).toEqual(expected);
        });
        await fc.assert(property, { numRuns: 40 });
      });
    });

    it('is refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 22);
      const refusals: [Partial<QueryRowsRequest>, string][] = [
        [{ limit: undefined as never }, 'ORDER BY requires explicit limit'],
        [{ afterKey: null }, 'ORDER BY with iterator is not supported'],
        [
          { orderBy: [{ field: 'vector' }] },
          "order_by field 'vector' has type FloatVector which is not sortable",
        ],
        [{ orderBy: [{ field: 'meta' }] }, "'meta' has type JSON which is not sortable"],
        [{ orderBy: [{ field: 'tags' }] }, "'tags' has type Array which is not sortable"],
        [{ orderBy: [{ field: '' }] }, "order_by field '' does not exist in collection schema"],
        [{ orderBy: [{ field: 'size', nulls: 'no' as never }] }, "invalid null ordering 'no'"],
        [{ orderBy: 'size' as never }, 'orderBy must be a list of objects'],
      ];
      for (const [part, text] of refusals) {
        const request = { ...THINGS, orderBy: [{ field: 'size' }], limit: 3, ...part };
        await expectRefusal(service.query(request), 1100, text);
      }
    });
  });

  describe('a query with aggregates', () => {
    it('adds rows up by their groups, as a naive model does', async () => {
      const { service } = await open();
      const rows = await createThings(service, 23);
      const requests = fc.record({
        groupBy: fc.subarray(GROUPS),
        aggregates: fc.uniqueArray(fc.oneof(aggregateText, fc.constant('count(*)')), {
          minLength: 1,
          maxLength: 5,
        }),
        limit: fc.constantFrom(undefined, 1, 5, 100),
        offset: fc.integer({ min: 0, max: 4 }),
        order: fc.constantFrom('asc' as const, 'desc' as const),
        filter: fc.constantFrom('', 'tiny > 0', 'id < 0'),
      });
      await inEveryState(service, THINGS, async () => {
        const property = fc.asyncProperty(requests, async (one) => {
          const { groupBy, aggregates, filter, order } = one;
          const limit = groupBy.length === 0 ? undefined : one.limit;
          const offset = limit === undefined ? 0 : one.offset;
          const kept = rows.filter(
            ({ tiny }) => filter === '' || (filter === 'tiny > 0' && tiny > 0),
          );
          const groups = grouped(kept, (row) => groupBy.map((name) => FIELDS[name]!(row)));
          if (groupBy.length === 0 && kept.length === 0) groups.push({ key: '', rows: [] });
          const sign = order === 'asc' ? 1 : -1;
          groups.sort((a, b) => {
            for (const [i, name] of groupBy.entries()) {
              const [x, y] = [FIELDS[name]!(a.rows[0]!), FIELDS[name]!(b.rows[0]!)];
              const isOrdered = i === 0 && limit !== undefined;
              const compared = isOrdered ? compareNullsLast(x, y) * sign : compareNullsLast(x, y);
              if (compared !== 0) return compared;
            }
            return 0;
          });
          const expected = groups
            .slice(offset, limit === undefined ? undefined : offset + limit)
            .map((group) => ({
              ...Object.fromEntries(groupBy.map((name) => [name, FIELDS[name]!(group.rows[0]!)])),
              ...Object.fromEntries(
                aggregates.map((text) => [text, naiveAggregate(text, group.rows)]),
              ),
            }));
          const { rows: actual } = await service.query({
            ...THINGS,
            filter,
            groupBy,
            outputFields: [...groupBy, ...aggregates],
            ...(limit === undefined ? {} : { limit, offset, orderBy: orderOf(groupBy, order) }),
          });
          expect(texts(actual), show(one)).toEqual(texts(expected));
        });
        await fc.assert(property, { numRuns: 60 });
      });
    });

    it('names columns as they were written, and has a type for each', async () => {
      const { service } = await open();
      await createThings(service, 24);
      const columns = async (request: Partial<QueryRowsRequest>): Promise<unknown> =>
        (await service.queryColumns({ ...THINGS, ...request })).aggregates?.map(
          ({ field: { name, type } }) => [name, type],
        );
      const outputFields = ['SUM(size)', 'sum( price )', 'Avg(tiny)', 'min(ratio)', 'MAX(name)'];
      expect(
        await columns({ outputFields: [...outputFields, 'COUNT(*)', 'count(vector)'] }),
      ).toEqual([
        ...[
          ['SUM(size)', 5],
          ['sum( price )', 11],
          ['Avg(tiny)', 11],
          ['min(ratio)', 10],
        ],
        ...[
          ['MAX(name)', 21],
          ['COUNT(*)', 5],
          ['count(vector)', 5],
        ],
      ]);
      expect(await columns({ groupBy: ['tiny'], limit: 3 })).toEqual([['tiny', 2]]);
    });

    it('counts by keys too', async () => {
      const { service } = await open();
      await createThings(service, 25);
      const outputFields = ['count(*)', 'min(id)'];
      const { rows } = await service.query({ ...THINGS, ids: [1n, 2n, 7n, 1000n], outputFields });
      expect(rows).toEqual([{ 'count(*)': 2n, 'min(id)': 1n }]);
      expect(await service.count({ ...THINGS, ids: [1n, 2n, 7n, 1000n] })).toBe(2);
    });

    it('refuses sums beyond 64 bits', async () => {
      const { service } = await open();
      const ids = Array.from({ length: 3 }, (_, i) => i);
      await service.createCollection('', {
        name: 'large',
        fields: [
          { name: 'id', type: 'Int64', isPrimaryKey: true },
          { name: 'n', type: 'Int64' },
          { name: 'vector', type: 'FloatVector', dim: 2 },
        ],
      });
      const large = { databaseName: '', collectionName: 'large' };
      await service.loadCollection(large);
      const rows = ids.map((id) => ({ id, n: 2n ** 62n, vector: [0, 0] }));
      await service.insert({ ...large, rows });
      const sum = (filter: string): Promise<unknown> =>
        service.query({ ...large, filter, outputFields: ['sum(n)'] });
      expect(await sum('id < 1')).toMatchObject({ rows: [{ 'sum(n)': 2n ** 62n }] });
      await expectRefusal(sum(''), 1100, 'sum(n) is out of the range of Int64');
    });

    it('is refused in Milvus’s words', async () => {
      const { service } = await open();
      await createThings(service, 26);
      const sum = { outputFields: ['sum(size)'] };
      const refusals: [Partial<QueryRowsRequest>, string][] = [
        [{ ...sum, groupBy: ['ratio'] }, 'group by field ratio has unsupported data type Float'],
        [{ ...sum, groupBy: ['price'] }, 'group by field price has unsupported data type Double'],
        [{ ...sum, groupBy: ['flag'] }, 'group by field flag has unsupported data type Bool'],
        [{ ...sum, groupBy: ['meta'] }, 'group by field meta has unsupported data type JSON'],
        [{ ...sum, groupBy: ['tags'] }, 'group by field tags has unsupported data type Array'],
        [
          { ...sum, groupBy: ['vector'] },
          'group by field vector has unsupported data type FloatVector',
        ],
        [{ ...sum, groupBy: ['none'] }, 'field none not exist'],
        [
          { groupBy: ['tiny'], outputFields: ['size', 'count(*)'] },
          "output field 'size' is not allowed: when using GROUP BY, output_fields can only contain group_by fields ([tiny])",
        ],
        [
          { outputFields: ['count(*)', 'size'] },
          "output field 'size' is not allowed: when using aggregation",
        ],
        [
          { outputFields: ['sum(name)'] },
          'aggregation operator sum does not support data type VarChar',
        ],
        [
          { outputFields: ['avg(flag)'] },
          'aggregation operator avg does not support data type Bool',
        ],
        [
          { outputFields: ['max(vector)'] },
          'aggregation operator max does not support data type FloatVector',
        ],
        [{ outputFields: ['sum(*)'] }, 'sum(*) is not supported, only count(*) is allowed'],
        [{ outputFields: ['count()'] }, 'target field  for aggregation:count does not exist'],
        [{ outputFields: ['sum(extra)'] }, 'target field extra for aggregation:sum does not exist'],
        [{ outputFields: ['count(*)'], limit: 5 }, 'count entities with pagination is not allowed'],
        [{ groupBy: ['tiny'] }, 'empty expression should be used with limit'],
        [
          { ...sum, groupBy: ['tiny'], limit: 3, orderBy: [{ field: 'size' }] },
          "ORDER BY field 'size' is not valid: when using GROUP BY or aggregates, ORDER BY can only reference GROUP BY columns. Valid targets are: [tiny]",
        ],
        [
          { ...sum, groupBy: ['tiny'], limit: 3, orderBy: [{ field: 'sum(size)' }] },
          "ORDER BY on aggregate expression 'sum(size)' is not yet supported",
        ],
        [{ ...sum, limit: 20_000 }, 'invalid max query result window'],
        [{ groupBy: 3 as never }, 'groupBy must be a list of strings or an object'],
      ];
      for (const [part, text] of refusals) {
        await expectRefusal(service.query({ ...THINGS, ...part }), 1100, text);
      }
    });
  });
}

function orderOf(groupBy: readonly string[], order: 'asc' | 'desc') {
  const [field] = groupBy;
  if (field === undefined) return [];
  return [{ field, order, nulls: order === 'asc' ? ('last' as const) : ('first' as const) }];
}
