import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { parseJsonObject } from '../../src/rest/json-parse.ts';

const parse = (text: string) => parseJsonObject(Buffer.from(text), systemClock);

const plain = (text: string): unknown => JSON.parse(text);

/** An object of so many members. */
function keyed(count: number, name: string): string {
  return `{${Array.from({ length: count }, (_, i) => `"${name}${i}":1`).join(',')}}`;
}

describe('JSON of requests', () => {
  it('keeps int64 that a number does not hold', async () => {
    expect(await parse('{"a":9007199254740993,"b":[-9223372036854775808],"c":0.5}')).toEqual({
      a: 9_007_199_254_740_993n,
      b: [-9_223_372_036_854_775_808n],
      c: 0.5,
    });
  });

  it('parses long lists piece by piece to what JSON.parse makes of them', async () => {
    const rows = Array.from({ length: 6000 }, (_, id) => ({
      id,
      vector: [id, 0.5, -1e-7],
      text: `q"uo\\te, [${id}] {x} \u{1f600}`.repeat(3),
    }));
    const value = { name: 'a,b', data: rows, ids: rows.map(({ id }) => id), 'k"ey': [[], {}] };
    expect(await parse(JSON.stringify(value))).toEqual(value);
    expect(await parse(JSON.stringify({ 'da"ta\n': rows }, null, 2))).toEqual({ 'da"ta\n': rows });
  });

  it('gives way as often for long lists in an object at the top as for those beside it', async () => {
    const ids = Array.from({ length: 300_000 }, (_, id) => id);
    const turnsOf = async (value: object): Promise<number> => {
      let turns = 0;
      const clock = {
        ...systemClock,
        yieldTurn: () => {
          turns += 1;
          return Promise.resolve();
        },
      };
      expect(await parseJsonObject(Buffer.from(JSON.stringify(value)), clock)).toEqual(value);
      return turns;
    };
    const turns = await turnsOf({ ids, filter: 'x' });
    expect(turns).toBeGreaterThan(10);
    const nested = { first: [ids.slice(0, 9)], 'i"ds': ids, last: { ids: [1] } };
    expect(await turnsOf({ exprParams: nested, filter: 'x' })).toBe(turns);
    const both = await turnsOf({ a: { ids, words: ['a'] }, b: [[ids]], c: { ids } });
    expect(both).toBeGreaterThan(2 * turns);
  });

  it('sets nothing but own members, and keeps the last of a key that comes twice', async () => {
    const long = JSON.stringify(Array.from({ length: 100_000 }, (_, id) => id));
    expect(await parse(`{"a":{"b":${long}},"a":5}`)).toEqual({ a: 5 });
    const object = await parse(`{"__proto__":{"b":${long}},"a":1}`);
    expect(Object.keys(object)).toEqual(['__proto__', 'a']);
    expect(({} as { b?: unknown }).b).toBeUndefined();
  });

  it('takes as many keys and values at once as a row may have, and any number in turns', async () => {
    const row = keyed(20_000, 'key');
    const rows = `[${Array.from({ length: 5 }, () => row).join(',')}]`;
    expect(await parse(`{"data":${rows}}`)).toEqual({ data: plain(rows) });
    const most = keyed(32_768, 'k');
    expect(await parse(most)).toEqual(plain(most));
    const list = `[${'[1],'.repeat(600_000)}[1]]`;
    expect(await parse(`{"data":${list}}`)).toEqual({ data: plain(list) });
  });

  it('takes null for nothing', async () => {
    expect(await parse('null')).toEqual({});
  });

  it.each([
    ['', 'the request body should be nil'],
    ['[]', 'no JSON object'],
    ['7', 'no JSON object'],
    [`[{"a":[${'1,'.repeat(400_000)}1]}]`, 'no JSON object'],
    [`{"a":{"b":[${'1,'.repeat(400_000)}1]}}}`, 'JSON'],
    [`{"a":{"b":[${'1,'.repeat(400_000)}1}}`, 'JSON'],
    ['{"a":', 'JSON'],
    ['{"a":[1,2,}', 'JSON'],
    ['{"a":"\\', 'JSON'],
    [`{"a":${'['.repeat(200_000)}`, 'nests deeper'],
    [`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'nests deeper'],
    [`{"data":[${'1,'.repeat(400_000)}]}`, 'JSON'],
    [keyed(32_769, 'k'), 'more than 32768 keys'],
    [`{"data":[${keyed(32_769, 'k')}]}`, 'more than 32768 keys'],
    [`{"data":{"a":${keyed(32_768, 'k')}}}`, 'more than 32768 keys'],
    [`{"a":[${'{"k":1},'.repeat(9_000)}1]${',"b":[{"k":1}]'.repeat(32_768)}}`, '32768 keys'],
    [`{"a":{"b":{"c":[${'1,'.repeat(1_048_577)}1]}}}`, 'more than 1048576 values'],
    [`{"data":[${'[1],'.repeat(300_000)}[1]}`, 'JSON'],
  ])('refuses %.20j', async (text, words) => {
    const refusal = parse(text);
    await expect(refusal).rejects.toMatchObject({ reason: 'JsonFormatRequired', code: 1801 });
    await expect(refusal).rejects.toThrow(words);
  });

  it('refuses bytes that are no UTF-8', async () => {
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    await expect(parseJsonObject(bytes, systemClock)).rejects.toMatchObject({ code: 1801 });
  });
});
