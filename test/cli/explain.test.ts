import { describe, expect, it } from 'vitest';
import type { ExplainReport } from '../../src/cli/explain.ts';
import { command } from './command.ts';
import { GROWING_ROWS, SEALED_ROWS, smallDatabase } from './demo-database.ts';

describe('mlite explain', () => {
  it('says what a filter does', async () => {
    const path = await smallDatabase();
    const { exitCode, output } = await command(['explain', path, 'books', 'id >= 300', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output) as ExplainReport).toMatchObject({
      database: 'default',
      collection: 'books',
      filter: 'id >= 300',
      segments: 2,
      prunedSegments: 1,
      rows: GROWING_ROWS,
      matched: GROWING_ROWS,
      steps: [{ condition: 'id >= 300', depth: 0, prunedSegments: 1, rowsTrue: GROWING_ROWS }],
    });
  });

  it('prints the same for people', async () => {
    const path = await smallDatabase();
    const filter = 'title like "book 1%" and id < 100';
    const { output } = await command(['explain', path, 'default.books', filter]);
    expect(output).toContain(`default.books: 10 rows of ${SEALED_ROWS - 3 + GROWING_ROWS} match`);
    expect(output).toContain('excluded by zones');
    expect(output).toMatch(/condition +segments excluded +rows asked +true +unknown +took/);
    expect(output).toMatch(/^ {2}id < 100 /m);
    const sampled = await command(['explain', path, 'books', 'random_sample(0.5)']);
    expect(sampled.output).toContain('of the rows that match 50 % are taken');
  });

  it('names what is not there', async () => {
    const path = await smallDatabase();
    const unknown = await command(['explain', path, 'boks', 'id > 1']);
    expect([unknown.exitCode, unknown.errors]).toEqual([
      3,
      expect.stringContaining('collection not found'),
    ]);
    const wrong = await command(['explain', path, 'books', 'di > 1']);
    expect([wrong.exitCode, wrong.errors]).toEqual([
      1,
      expect.stringContaining('did you mean id?'),
    ]);
  });
});
