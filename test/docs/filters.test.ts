/** Every example of docs/filters.md, on the rows of that page. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { f, MilvusLite } from '../../src/index.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'filters.md'), 'utf8');
const [, PROGRAM = ''] = /```ts\n([\s\S]*?)```/.exec(PAGE) ?? [];
const [, ROWS = '[]'] = /```json\n([\s\S]*?)```/.exec(PAGE) ?? [];

interface Example {
  readonly filter: string;
  /** What stands in the second column. */
  readonly outcome: string;
}

/** The rows of tables whose second column has this title. */
function examples(title: string): Example[] {
  const tables = PAGE.split('\n\n').filter((part) => part.startsWith(`| filter | ${title} |`));
  return tables.flatMap((table) =>
    table
      .split('\n')
      .slice(2)
      .filter((line) => line.startsWith('|'))
      .map((line) => {
        // A bar within a cell has a backslash before it.
        const [, filter = '', outcome = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
        return { filter: filter.slice(1, -1).replaceAll('\\|', '|'), outcome };
      }),
  );
}

type Things = Awaited<ReturnType<MilvusLite['collection']>>;

/** Runs the program at the top of the page. */
async function collectionOfPage(db: MilvusLite): Promise<Things> {
  const directory = mkdtempSync(join(tmpdir(), 'mlite-page-'));
  const file = join(directory, 'things.mjs');
  writeFileSync(file, `export async function create(db, f) {\n${PROGRAM}return things;\n}\n`);
  const page = (await import(pathToFileURL(file).href)) as {
    readonly create: (db: MilvusLite, builders: typeof f) => Promise<Things>;
  };
  rmSync(directory, { recursive: true });
  return await page.create(db, f);
}

const FOUND = examples('ids');
const REFUSED = examples('the message has');

describe('docs/filters.md', () => {
  let db: MilvusLite;
  let ask: (filter: string) => Promise<string>;

  beforeAll(async () => {
    db = await MilvusLite.open(':memory:');
    const things = await collectionOfPage(db);
    await things.insert(JSON.parse(ROWS) as never);
    ask = async (filter) => {
      const rows = await things.query({ filter, outputFields: ['id'] });
      return rows.map(({ id }) => String(id)).join(', ');
    };
    return async () => await db.close();
  });

  it('has examples', () => {
    expect(FOUND.length).toBeGreaterThan(60);
    expect(REFUSED.length).toBeGreaterThan(8);
  });

  it.each(FOUND)('$filter', async ({ filter, outcome }) => {
    expect(await ask(filter)).toBe(outcome);
  });

  it.each(REFUSED)('$filter is refused', async ({ filter, outcome }) => {
    await expect(ask(filter)).rejects.toThrow(outcome.slice(1, -1));
  });
});
