import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { answerByIndexes, fieldIdsLeft } from '../../src/search/filter-answers.ts';
import type { QueryPlan } from '../../src/search/plan.ts';
import { Turn } from '../../src/search/read-context.ts';
import type { Chunk, IndexImage } from '../../src/segments/segment.ts';
import { DYNAMIC_SCHEMA, FIELDS } from '../query/columns.ts';
import { imageOf } from '../scalar/world.ts';
import { SimClock } from '../sim/sim-clock.ts';

const ROWS = 200;
const VALUES = { i: Array.from({ length: ROWS }, (_, i) => BigInt(i)) };
const image = (): IndexImage => ({
  bytes: imageOf({ field: 'i', params: { index_type: 'STL_SORT' } }, VALUES),
});

function planOf(filter: string): QueryPlan {
  return {
    kind: 'query',
    schema: DYNAMIC_SCHEMA,
    partitionIds: null,
    filter: compileFilter(filter, DYNAMIC_SCHEMA),
    scalarIndexes: [{ indexId: 1, fingerprint: 'STL_SORT', fieldId: FIELDS.i.id, json: null }],
    outputFieldIds: [],
    timestamp: 0n,
    expiredBefore: 0n,
    ignoreGrowing: false,
    countOnly: true,
    keys: null,
    rowLimit: null,
    page: null,
  };
}

function chunkOf(found: IndexImage | null, damaged: unknown[] = []): Chunk {
  return {
    rowStart: 0,
    rowCount: ROWS,
    load: () => expect.unreachable('no column is read'),
    scalarIndex: () => ({
      open: async () => found,
      reportDamage: (failure) => damaged.push(failure),
    }),
  };
}

const turn = (): Turn => new Turn({ clock: new SimClock() });

describe('conditions of a filter', () => {
  it('are answered by the index of their field, and need its column no more', async () => {
    const plan = planOf('i < 5 and s == "a" and not (i == 3)');
    const answers = await answerByIndexes(plan, chunkOf(image()), turn());
    expect(answers.size).toBe(2);
    expect(fieldIdsLeft(plan.filter!, answers)).toEqual([FIELDS.s.id]);
    expect(new Set(fieldIdsLeft(plan.filter!, new Map()))).toEqual(
      new Set([FIELDS.i.id, FIELDS.s.id]),
    );
  });

  it('are left to the column once the answers take so many bytes', async () => {
    const plan = planOf('i < 5 or not (i == 30)');
    const all = await answerByIndexes(plan, chunkOf(image()), turn());
    expect(all.size).toBe(2);
    const some = await answerByIndexes(plan, chunkOf(image()), turn(), 1);
    expect(some.size).toBe(1);
    expect(fieldIdsLeft(plan.filter!, some)).toEqual([FIELDS.i.id]);
  });

  it('that are left open need it still', async () => {
    const plan = planOf('i < 5');
    const answers = await answerByIndexes(plan, chunkOf(image()), turn());
    const [[condition, answer]] = [...answers] as [
      [never, typeof answers extends ReadonlyMap<unknown, infer A> ? A : never],
    ];
    const open = new Map([[condition, { ...answer, open: Uint32Array.of(1) }]]);
    expect(fieldIdsLeft(plan.filter!, open)).toEqual([FIELDS.i.id]);
  });

  it('are left to the scan where the chunk has no index, or the filter names no field of one', async () => {
    const { scalarIndex: _, ...bare } = chunkOf(null);
    expect(await answerByIndexes(planOf('i < 5'), bare, turn())).toHaveProperty('size', 0);
    expect(await answerByIndexes(planOf('i < 5'), chunkOf(null), turn())).toHaveProperty('size', 0);
    const other = { ...chunkOf(null), scalarIndex: () => expect.unreachable('nobody asks') };
    expect(await answerByIndexes(planOf('s == "a"'), other, turn())).toHaveProperty('size', 0);
  });

  it('are left to the scan where the index is damaged, which is said', async () => {
    const broken = image();
    broken.bytes[12] = 0;
    const damaged: unknown[] = [];
    const answers = await answerByIndexes(planOf('i < 5'), chunkOf(broken, damaged), turn());
    expect(answers.size).toBe(0);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]).toBeInstanceOf(MilvusError);
  });
});
