/**
 * A history of writes that needs no journal of its own: operation v of a lane is a function of lane and v,
 * and so is what a collection holds after operations 0..v.
 *
 *   v = 4j      insert batch j: ROWS rows
 *   v = 4j + 1  upsert of the whole batch; partial when j is odd
 *   v = 4j + 2  delete of its first five keys
 *   v = 4j + 3  delete of two more by filter
 */
import type { Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';

export const LANES = 3;
const ROWS = 10;
const DIM = 32;
const LANE_KEYS = 1_000_000;

/** Lanes 0 and 1 write to a collection with one shard, where a batch is atomic; lane 2 to one with two. */
export function collectionOf(lane: number): { databaseName: string; collectionName: string } {
  return { databaseName: '', collectionName: lane < 2 ? 'one' : 'two' };
}

export async function createCollections(service: Service): Promise<void> {
  for (const [name, shardCount] of [
    ['one', 1],
    ['two', 2],
  ] as const) {
    await service.createCollection('', {
      name,
      shardCount,
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'tag', type: 'VarChar', maxLength: 64 },
        { name: 'version', type: 'Int64' },
        { name: 'vector', type: 'FloatVector', dim: DIM, params: { metric_type: 'L2' } },
      ],
    });
    await service.loadCollection({ databaseName: '', collectionName: name });
  }
}

function keyOf(lane: number, batch: number, i: number): number {
  return lane * LANE_KEYS + batch * ROWS + i;
}

function vectorOf(id: number, version: number): Float32Array {
  return Float32Array.from({ length: DIM }, (_, i) => ((id * 31 + version * 7 + i) % 997) / 4);
}

/** The row of a key as operation `version` wrote it. */
function rowOf(id: number, version: number): Row {
  return { id, tag: `${id}:${version}`, version, vector: vectorOf(id, version) };
}

export async function runOperation(service: Service, lane: number, v: number): Promise<void> {
  const ref = collectionOf(lane);
  const batch = Math.floor(v / 4);
  const keys = Array.from({ length: ROWS }, (_, i) => keyOf(lane, batch, i));
  const rows = keys.map((id) => rowOf(id, v));
  switch (v % 4) {
    case 0:
      await service.insert({ ...ref, rows });
      return;
    case 1:
      await service.upsert({ ...ref, rows, partial: batch % 2 === 1 });
      return;
    case 2:
      await service.delete({ ...ref, ids: keys.slice(0, 5).map(BigInt) });
      return;
    default:
      await service.delete({ ...ref, filter: `id >= ${keys[5]!} and id <= ${keys[6]!}` });
  }
}

/** Version by key after operations 0..v of a lane; v = -1 is before the first. */
export function stateAfter(lane: number, v: number): Map<number, number> {
  const state = new Map<number, number>();
  for (let operation = 0; operation <= v; operation++) {
    const batch = Math.floor(operation / 4);
    for (let i = 0; i < ROWS; i++) {
      const id = keyOf(lane, batch, i);
      if (operation % 4 < 2) state.set(id, operation);
      else if (operation % 4 === 2 ? i < 5 : i === 5 || i === 6) state.delete(id);
    }
  }
  return state;
}

/** What a lane's collection holds of it; throws where a row is not what its version wrote. */
export async function readLane(service: Service, lane: number): Promise<Map<number, number>> {
  const filter = `id >= ${lane * LANE_KEYS} and id < ${(lane + 1) * LANE_KEYS}`;
  const { rows } = await service.query({ ...collectionOf(lane), filter, outputFields: ['*'] });
  const state = new Map<number, number>();
  for (const row of rows) {
    const id = Number(row['id']);
    const version = Number(row['version']);
    const expected = rowOf(id, version);
    const vector = row['vector'] as Float32Array;
    const isSame =
      row['tag'] === expected['tag'] &&
      vector.every((value, i) => value === (expected['vector'] as Float32Array)[i]);
    if (!isSame || state.has(id))
      throw new Error(`row ${id} is not as version ${version} wrote it`);
    state.set(id, version);
  }
  return state;
}
