import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { templateValues } from '../../src/rest/template-input.ts';
import { byteListOf } from '../../src/wire/byte-lists.ts';

const LONG = 100_000;

/** The message of a list, and how often making it gave way. */
async function messageOf(list: readonly unknown[]): Promise<{ message: unknown; turns: number }> {
  let turns = 0;
  const yieldTurn = (): Promise<void> => {
    turns += 1;
    return Promise.resolve();
  };
  const values = await templateValues({ list }, { ...systemClock, yieldTurn });
  return { message: values.get('list')?.arrayVal, turns };
}

function repeated(...values: readonly unknown[]): unknown[] {
  return Array.from({ length: LONG }, (_, i) => values[i % values.length]);
}

describe('values for a filter', () => {
  it('become the messages of their type, long lists in turns', async () => {
    const lists: [unknown[], object][] = [
      [repeated(true, false), { boolData: { data: Uint8Array.from(repeated(1, 0) as number[]) } }],
      [
        repeated(1, 2n ** 60n),
        { longData: { data: BigInt64Array.from(repeated(1n, 2n ** 60n) as bigint[]) } },
      ],
      [repeated(1, 0.5), { doubleData: { data: Float64Array.from(repeated(1, 0.5) as number[]) } }],
      [
        repeated('a', '中', ''),
        { stringData: { data: byteListOf(repeated('a', '中', '') as string[]) } },
      ],
      [
        repeated('a', 1, true, [2n]),
        { jsonData: { data: byteListOf(repeated('"a"', '1', 'true', '[2]') as string[]) } },
      ],
    ];
    for (const [list, wanted] of lists) {
      const { message, turns } = await messageOf(list);
      expect(message).toEqual(wanted);
      expect(turns).toBeGreaterThan(5);
    }
  });

  it('are integers where they are integral, however they were written', async () => {
    const params = { x: 2, y: 0.5, z: 1e18, u: 2 ** 63, v: -0 };
    expect(Object.fromEntries(await templateValues(params, systemClock))).toEqual({
      x: { int64Val: 2n },
      y: { floatVal: 0.5 },
      z: { int64Val: 10n ** 18n },
      u: { floatVal: 2 ** 63 },
      v: { int64Val: 0n },
    });
  });

  it('may be lists of lists, and may be empty', async () => {
    const inner = repeated({ longData: { data: BigInt64Array.of(1n) } });
    const { message, turns } = await messageOf(repeated([1]));
    expect(message).toEqual({ arrayData: { data: inner } });
    expect(turns).toBeGreaterThan(5);
    expect((await messageOf([])).message).toEqual({ boolData: { data: new Uint8Array(0) } });
  });
});
