/** Rows of many types on several shards and segments, and what may be asked of them, written down naively. */
import { compareText } from '../../src/query/scalar-order.ts';
import type { CollectionRef } from '../../src/core/references.ts';
import type { Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import { SeededRandom } from '../sim/seeded-random.ts';

export const THINGS: CollectionRef = { databaseName: '', collectionName: 'things' };

const DEFINITION: CollectionDefinition = {
  name: 'things',
  shardCount: 3,
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'vector', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
    { name: 'flag', type: 'Bool' },
    { name: 'tiny', type: 'Int8' },
    { name: 'size', type: 'Int32', nullable: true },
    { name: 'big', type: 'Int64', nullable: true },
    { name: 'ratio', type: 'Float', nullable: true },
    { name: 'price', type: 'Double' },
    { name: 'name', type: 'VarChar', maxLength: 64, nullable: true },
    { name: 'meta', type: 'JSON', nullable: true },
    { name: 'tags', type: 'Array', elementType: 'Int32', maxCapacity: 8 },
  ],
};

export interface Thing extends Row {
  readonly id: bigint;
  readonly vector: readonly [number, number];
  readonly flag: boolean;
  readonly tiny: number;
  readonly size: number | null;
  readonly big: bigint | null;
  readonly ratio: number | null;
  readonly price: number;
  readonly name: string | null;
  readonly meta: Readonly<Record<string, unknown>> | null;
  readonly tags: readonly number[];
  /** A key of the dynamic field, in some rows. */
  readonly extra?: unknown;
}

const NAMES = ['', 'a', 'ab', 'Zoe', 'é', '😀', '\uffff'];
const MIXED = ['text', 'a"b', 7, -2.5, true, false, null, [1, 2], { k: 1 }];

/** Values that sums of them are exact, whatever the order. */
export function thing(id: number, random: SeededRandom): Thing {
  const pick = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;
  const orNull = <T>(value: T): T | null => (random.integer(5) === 0 ? null : value);
  const kind = random.integer(4);
  return {
    id: BigInt(id),
    // Few places, so that scores tie.
    vector: [random.integer(40), random.integer(3)],
    flag: random.integer(2) === 0,
    tiny: random.integer(9) - 4,
    size: orNull(random.integer(7) * 100_000_000),
    big: orNull(pick([-(2n ** 62n), -1n, 0n, 5n, 2n ** 53n + 1n, 2n ** 53n])),
    ratio: orNull(random.integer(64) / 8 - 3),
    price: random.integer(1000) / 4,
    name: orNull(pick(NAMES)),
    meta: orNull(kind === 0 ? {} : { mixed: pick(MIXED), number: random.integer(5) }),
    tags: [random.integer(3)],
    ...(kind < 2 ? { extra: pick([1, 2, 'x', null]) } : {}),
  };
}

/** Creates them in growing and sealed segments, some replaced, some gone. @returns those that are there */
export async function createThings(service: Service, seed: number): Promise<Thing[]> {
  const random = new SeededRandom(seed);
  await service.createCollection('', DEFINITION);
  await service.loadCollection(THINGS);
  const rows = new Map<bigint, Thing>();
  const write = async (ids: readonly number[]): Promise<void> => {
    const written = ids.map((id) => thing(id, random));
    await service.upsert({ ...THINGS, rows: written });
    for (const row of written) rows.set(row.id, row);
  };
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i);
  await write(range(0, 90));
  await service.flush(THINGS);
  await write(range(90, 160));
  await write([3, 14, 15, 92]);
  await service.flush(THINGS);
  await write(range(160, 200));
  await write([5, 100, 161]);
  const gone = [7n, 8n, 95n, 170n];
  await service.delete({ ...THINGS, ids: gone });
  for (const id of gone) rows.delete(id);
  return [...rows.values()].sort((a, b) => Number(a.id - b.id));
}

/** Squared distance, as L2 tells it. */
export function score({ vector }: Thing, [x, y]: readonly [number, number]): number {
  return Math.fround((vector[0] - x) ** 2 + (vector[1] - y) ** 2);
}

/** All of them, the nearest first, equal ones by key. */
export function nearest(rows: readonly Thing[], query: readonly [number, number]): Thing[] {
  return rows.toSorted((a, b) => score(a, query) - score(b, query) || Number(a.id - b.id));
}

export interface NaiveGroup {
  readonly key: string;
  readonly rows: Thing[];
}

/** Groups in the order of their first rows. */
export function grouped(rows: readonly Thing[], valueOf: (row: Thing) => unknown): NaiveGroup[] {
  const groups = new Map<string, Thing[]>();
  for (const row of rows) {
    const key = show(valueOf(row));
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups].map(([key, members]) => ({ key, rows: members }));
}

export function show(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}

/** The order of two values of a field, null apart. */
export function compareAny(left: unknown, right: unknown): number {
  const rank = (value: unknown): number =>
    typeof value === 'string'
      ? 0
      : typeof value === 'boolean'
        ? 3
        : Array.isArray(value)
          ? 2
          : typeof value === 'object'
            ? 4
            : 1;
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (rank(left) === 2 || rank(left) === 4) {
    return compareText(JSON.stringify(left), JSON.stringify(right));
  }
  if (typeof left === 'string') return compareText(left, right as string);
  return (left as number) < (right as number) ? -1 : left === right ? 0 : 1;
}
