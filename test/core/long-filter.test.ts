import { describe, expect, it } from 'vitest';
import { filterInTurns } from '../../src/core/long-filter.ts';
import type { LongFilter } from '../../src/core/long-filter.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { Turn } from '../../src/search/read-context.ts';
import { SimClock } from '../sim/sim-clock.ts';

const schema = buildSchema({
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'd', type: 'Double' },
    { name: 'tag', type: 'VarChar', maxLength: 20 },
    { name: 'j', type: 'JSON' },
    { name: 'list', type: 'Array', elementType: 'Int64', maxCapacity: 9 },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});
const turn = (): Turn => new Turn({ clock: new SimClock() });
const long = (text: string, parameters?: LongFilter['parameters']): LongFilter => ({
  ...{ text, parameters, schema },
  ...{ timeZone: 'UTC', context: 'failed to create query plan' },
});
const COUNT = 40_000;
const many = (item: (i: number) => unknown): string =>
  Array.from({ length: COUNT }, (_, i) => item(i)).join(',');

describe('filterInTurns', () => {
  it('binds what compileFilter binds', async () => {
    const integers = Array.from({ length: COUNT }, (_, i) => (i * 7919) % COUNT);
    for (const [text, parameters] of [
      ['id in {x}', { x: integers }],
      ['d in {x}', { x: integers }],
      ['d in {x}', { x: Float64Array.from(integers, (each) => each / 3) }],
      ['j in {x} or d == 3', { x: integers.map((each) => (each % 2 === 0 ? each : `t${each}`)) }],
      ['tag not in {x}', { x: integers.map(String) }],
      ['array_contains_any(list, {x})', { x: integers }],
      [`id in [${many((i) => -i)}] and tag == "a"`, undefined],
      [`tag in [${many((i) => `"t${i}"`)}]`, undefined],
      [`json_contains_all(j["a"], [${many((i) => (i % 2 === 0 ? i : `"t${i}"`))}])`, undefined],
      ['id > 1', undefined],
    ] as const) {
      const filter = await filterInTurns(long(text, parameters), turn());
      expect(filter).toEqual(compileFilter(text, schema, parameters as never));
    }
  });

  it('joins no set that is to be made yet with others of its column', async () => {
    const text = `id in [${many((i) => i * 2)}] or id == 3 or id in [5]`;
    const { predicate } = await filterInTurns(long(text), turn());
    const sizes = (predicate as unknown as { operands: { values: { integers: BigInt64Array } }[] })
      .operands;
    expect(sizes.map(({ values }) => values.integers.length).sort((a, b) => a - b)).toEqual([
      2,
      COUNT,
    ]);
  });

  it('says what is wrong in the same words', async () => {
    for (const text of [
      `id in [${many(String)}, 1.5]`,
      `id in [${many(String)}`,
      'id in {x}',
      'nosuch > 1',
    ]) {
      const parameters = { x: Array.from({ length: COUNT }, () => 'a') };
      let expected = '';
      try {
        compileFilter(text, schema, parameters);
      } catch (error) {
        expected = `failed to create query plan: ${(error as Error).message}`;
      }
      const failure = await filterInTurns(long(text, parameters), turn()).catch(
        (error: unknown) => (error as Error).message,
      );
      expect(failure).toBe(expected);
    }
  });

  it('tells a caller who gives up so, in the middle of a list', async () => {
    const controller = new AbortController();
    const clock = new SimClock();
    const given = new Turn({ clock, signal: controller.signal });
    // Time runs with every look at the clock, so that each piece ends a turn.
    let now = 0;
    Object.defineProperty(clock, 'monotonicMs', { value: () => (now += 20) });
    controller.abort();
    await expect(filterInTurns(long(`id in [${many(String)}]`), given)).rejects.toMatchObject({
      reason: 'Cancelled',
    });
  });
});
