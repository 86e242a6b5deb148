import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/imports/given-rows.ts';
import type { ImportFile } from '../../src/imports/import-source.ts';
import { parquetRows } from '../../src/imports/parquet-rows.ts';
import { type ParquetGroup, parquetFile } from './parquet-file.ts';

const UTF8 = 0;
const JSON_TEXT = 19;

interface CountedFile extends ImportFile {
  readonly counts: { readBytes: number };
}

function fileOf(bytes: Buffer): CountedFile {
  const counts = { readBytes: 0 };
  return {
    name: 'a.parquet',
    byteLength: bytes.length,
    counts,
    read: async (start, end) => {
      counts.readBytes += end - start;
      return bytes.subarray(start, end);
    },
    close: async () => undefined,
  };
}

async function rowsOf(file: ImportFile): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  for await (const some of parquetRows(file)) rows.push(...some);
  return rows;
}

/** Rows with the ids [first, end), and a text each. */
function groupOf(first: number, end: number): ParquetGroup {
  const ids = Array.from({ length: end - first }, (_, i) => BigInt(first + i));
  return {
    columns: [
      { name: 'id', values: ids },
      { name: 'word', converted: UTF8, values: ids.map((id) => `w${id}`) },
    ],
  };
}

describe('rows of Parquet', () => {
  it('of several row groups come in order, and each group is read once', async () => {
    const bytes = parquetFile([
      groupOf(0, 50_000),
      groupOf(50_000, 90_500),
      groupOf(90_500, 90_501),
    ]);
    const file = fileOf(bytes);
    const rows = await rowsOf(file);
    expect(rows).toHaveLength(90_501);
    expect(rows.findIndex(({ id, word }, i) => id !== BigInt(i) || word !== `w${i}`)).toBe(-1);
    // The end is looked for in a piece of its own.
    expect(file.counts.readBytes).toBeLessThan(2 * bytes.length);
  });

  it.each([
    ['text', UTF8],
    ['JSON', JSON_TEXT],
  ])('have exact integers in a dynamic field that is %s', async (_name, converted) => {
    const meta = ['{"big":9007199254740993,"deep":[-9223372036854775808]}', '{}'];
    const columns = [
      { name: 'id', values: [1n, 2n] },
      { name: '$meta', converted, values: meta },
    ];
    expect(await rowsOf(fileOf(parquetFile([{ columns }])))).toEqual([
      { id: 1n, big: 9007199254740993n, deep: [-9223372036854775808n] },
      { id: 2n },
    ]);
  });

  it('have exact integers in fields of JSON', async () => {
    const columns = [{ name: 'json', converted: JSON_TEXT, values: ['{"n":9007199254740993}'] }];
    expect(await rowsOf(fileOf(parquetFile([{ columns }])))).toEqual([
      { json: { n: 9007199254740993n } },
    ]);
  });

  it('are refused in row groups that are too large, and with columns that are too short', async () => {
    const group = groupOf(0, 2);
    const read = async (change: Partial<ParquetGroup>): Promise<unknown> =>
      await rowsOf(fileOf(parquetFile([{ ...group, ...change }]))).catch(String);
    expect(await read({ byteLength: 128 * 1024 * 1024 })).toHaveLength(2);
    expect(await read({ byteLength: 128 * 1024 * 1024 + 1 })).toContain('write smaller row groups');
    expect(await read({ rowCount: 1024 * 1024 + 1 })).toContain('write smaller row groups');
    expect(await read({ rowCount: 3 })).toContain('column id ends too early');
  });
});
