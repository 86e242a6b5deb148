import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/imports/given-rows.ts';
import { withHalfVectors } from '../../src/imports/half-vectors.ts';
import { buildSchema } from '../../src/schema/definition.ts';

it('lists of two bytes a dimension are half-precision vectors, other lists stay', async () => {
  const schema = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'f', type: 'Float16Vector', dim: 2 },
      { name: 'b', type: 'BFloat16Vector', dim: 2, nullable: true },
    ],
  });
  async function* batches(): AsyncGenerator<JsonObject[], undefined> {
    await Promise.resolve();
    yield [
      { id: 1, f: [0, 60, 0, 64], b: Uint8Array.of(1, 2, 3, 4) },
      { id: 2, f: [0.5, 1], b: null },
      { id: 3, f: [256, 0, 0, 0], b: [1.5, 0, 0, 0] },
    ];
  }
  const rows: JsonObject[] = [];
  for await (const batch of withHalfVectors(batches(), schema)) rows.push(...batch);
  expect(rows).toEqual([
    { id: 1, f: Uint8Array.of(0, 60, 0, 64), b: Uint8Array.of(1, 2, 3, 4) },
    { id: 2, f: [0.5, 1], b: null },
    { id: 3, f: [256, 0, 0, 0], b: [1.5, 0, 0, 0] },
  ]);
});
