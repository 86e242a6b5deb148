import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { DEMO_CODE, type DemoReport } from '../../src/cli/demo.ts';
import { questionNamed, readPackages, readQuestions } from '../../src/cli/demo-data.ts';
import { command } from './command.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('mlite demo', () => {
  it('answers the shipped questions exactly, plain and filtered', async () => {
    const { exitCode, output } = await command(['demo', '--json']);
    expect(exitCode).toBe(0);
    const report = JSON.parse(output) as DemoReport;
    expect(report).toMatchObject({ rowCount: 5000, dim: 384, isKept: false, isReused: false });
    const packages = await readPackages();
    const questions = await readQuestions();
    for (const { question, filter, hits } of report.answers) {
      const { embedding } = questionNamed(questions, question);
      const isChessFilter = filter === 'section == "games" and installed_kb < 20000';
      if (filter !== null && !isChessFilter) continue;
      const expected = packages
        .filter(
          (each) => filter === null || (each.section === 'games' && each.installed_kb < 20_000),
        )
        .map((each) => ({ name: each.name, score: cosine(each.embedding, embedding) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, hits.length);
      expect(hits.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
      for (const [rank, hit] of hits.entries()) {
        expect(hit.score).toBeCloseTo(expected[rank]!.score, 4);
      }
    }
    expect(report.answers.map(({ filter }) => filter)).toContain(
      'section == "games" and installed_kb < 20000',
    );
  });

  it('keeps the database with --dir, and asks it again', async () => {
    const path = join(temporaryDirectory(), 'demo.db');
    const first = await command(['demo', '--dir', path]);
    expect(first.output).toContain('play chess against the computer');
    expect(first.output).toContain('5,000 rows in 10 batches');
    expect(first.output).toContain("import { MilvusLite, f } from 'milvus-lite';");
    const second = await command(['demo', '--dir', path]);
    expect(second.exitCode).toBe(0);
    expect(second.output).toContain('5,000 rows of an earlier run');
  });

  it('does not touch a collection that holds something else', async () => {
    const path = join(temporaryDirectory(), 'mine.db');
    const db = await MilvusLite.open(path);
    await db.collection('packages', {
      schema: { id: f.int64({ primary: true }), v: f.floatVector(2) },
    });
    await db.close();
    const { exitCode, errors } = await command(['demo', '--dir', path]);
    expect(exitCode).toBe(1);
    expect(errors).toContain('different parameters');
  });

  it('prints code that does what it says', async () => {
    const lines: string[] = [];
    const program = DEMO_CODE.split('\n').slice(1).join('\n');
    const AsyncFunction = (async () => undefined).constructor as new (
      ...parts: string[]
    ) => (...values: unknown[]) => Promise<void>;
    const run = new AsyncFunction('MilvusLite', 'f', 'rows', 'question', 'console', program);
    const path = join(temporaryDirectory(), 'demo.db');
    const opener = { open: () => MilvusLite.open(path) };
    const { embedding } = questionNamed(await readQuestions(), 'play chess against the computer');
    const output = { log: (...words: unknown[]) => lines.push(words.join(' ')) };
    await run(opener, f, await readPackages(), embedding, output);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^0\.\d{3} \S+$/);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let lengthOfA = 0;
  let lengthOfB = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    lengthOfA += a[i]! ** 2;
    lengthOfB += b[i]! ** 2;
  }
  return product / Math.sqrt(lengthOfA * lengthOfB);
}
