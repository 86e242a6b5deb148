/** The shapes of simulated collections are what they say: rows go to every shard and every partition. */
import { describe, expect, it } from 'vitest';
import { hashText } from '../../src/schema/partition-hash.ts';
import { shardOfKey } from './model.ts';
import { SeededRandom } from './seeded-random.ts';
import { keyed, NARROW_SHAPES, wide } from './shapes.ts';

const ROWS = 24;

describe('shapes', () => {
  it.each([...NARROW_SHAPES, wide])(
    'have keys for each of their shards: $name',
    ({ key, shardCount }) => {
      const shards = new Set(
        Array.from({ length: ROWS }, (_, i) => shardOfKey(key(i), shardCount)),
      );
      expect(shards).toEqual(new Set(Array.from({ length: shardCount }, (_, i) => i)));
    },
  );

  it('have rows for every partition of a partition key', () => {
    const random = new SeededRandom(1);
    const partitionCount = keyed.definition.partitionCount ?? 0;
    for (const make of [keyed.row, keyed.part]) {
      const values = Array.from({ length: ROWS }, () => make(random)['k'] as string);
      const partitions = new Set(values.map((value) => hashText(value) % partitionCount));
      expect(partitions).toEqual(new Set([0, 1, 2]));
    }
  });
});
