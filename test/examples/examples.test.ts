/** Every example runs from the built package, the way a reader would run it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startMilvus } from '../../src/testing.ts';

const root = join(import.meta.dirname, '..', '..');
const FLAGS = ['--disable-warning=ExperimentalWarning'];

async function runNode(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, ...args], {
    cwd: root,
  });
  return stdout;
}

function databasePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlite-example-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'example.db');
}

describe('examples', () => {
  beforeAll(async () => {
    await runNode('tools/build.ts', '--if-stale');
  }, 120_000);

  it('are all run here', () => {
    const folders = readdirSync(join(root, 'examples'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.sort()).toEqual([
      'express-service',
      'official-client',
      'quick-start',
      'support-tickets',
      'thousand-books',
    ]);
  });

  it('the README begins with a program that runs', async () => {
    const [, program = ''] =
      /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const path = databasePath();
    const file = `${path}.ts`;
    const built = pathToFileURL(join(root, 'dist', 'index.js')).href;
    const source = program
      .replace("'milvus-lite'", `'${built}'`)
      .replace("'./books.db'", JSON.stringify(path));
    writeFileSync(file, source);
    expect(await runNode(file)).toMatch(/^\d\.\d{3} \S.* \d{4}\n/);
  });

  it('quick-start finds the pets', async () => {
    const path = databasePath();
    const output = await runNode('examples/quick-start/quick-start.ts', path);
    expect(output).toBe('0.990 a cat on the sofa\n0.980 a dog in the garden\n');
    expect(readdirSync(path)).toContain('meta.sqlite');
  });

  it('thousand-books recommends, rates and clears the shelf, again and again', async () => {
    const path = databasePath();
    const first = await runNode('examples/thousand-books/thousand-books.ts', path);
    expect(first).toMatch(/^1000 books in 5 genres\n/);
    expect(first).toContain('is now rated 5\n');
    const recommended = /You may also like:\n((?: {2}.*\n){4})/.exec(first)?.[1] ?? '';
    expect(recommended.match(/\(fantasy, /g)).toHaveLength(4);
    const crime = /well rated:\n((?: {2}.*\n){3})/.exec(first)?.[1] ?? '';
    expect(crime.match(/\((?:19[89]\d|20\d\d), [12]?\d?\d pages, rated [345]\.\d\)/g)).toHaveLength(
      3,
    );
    expect(await runNode('examples/thousand-books/thousand-books.ts', path)).toBe(first);
  });

  it('support-tickets finds duplicates, relatives and people to ask', async () => {
    const path = databasePath();
    const output = await runNode('examples/support-tickets/support-tickets.ts', path);
    expect(output).toMatch(/^5000 tickets are indexed by HNSW\n/);
    const [, count, found = ''] =
      /\n(\d+) open tickets say nearly the same, such as\n((?: {2}.*\n){3})/.exec(output) ?? [];
    expect(Number(count)).toBeGreaterThan(3);
    expect(Number(count)).toBeLessThan(5000 / 40);
    // Tickets of topic 7, the best first.
    const lines = [...found.matchAll(/^ {2}(\d+) \((\d\.\d+)\)$/gm)];
    expect(lines.map(([, id]) => Number(id) % 40)).toEqual([7, 7, 7]);
    const scores = lines.map(([, , score]) => Number(score));
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(output).toMatch(/\nRelated:\n(?: {2}\d+ \(0\.9[0-3]\d\)\n){3}/);
    expect(output).toMatch(/\nAsk (?:user \d+(?:, )?){5}: found in \d+0 tickets\n/);
  });

  it('official-client does the same over a file and over a server', async () => {
    const expected = "0.990 1 a cat on the sofa [ 'pets', 'seen' ]\n";
    const program = 'examples/official-client/official-client.ts';
    expect(await runNode(program, databasePath())).toBe(expected);
    await using server = await startMilvus();
    expect(await runNode(program, server.address)).toBe(expected);
  });

  it('express-service stores, finds, serves and deletes notes', async () => {
    await using service = await startService(databasePath());
    const { request } = service;
    const cat = await request('POST', '/notes', { text: 'a cat', vector: [1, 0, 0, 0] });
    expect(cat.status).toBe(201);
    await request('POST', '/notes', { text: 'a 100% dog', vector: [0.9, 0.1, 0, 0] });
    const { id } = cat.body as { id: string };
    expect((await request('GET', `/notes/${id}`)).body).toEqual({ id, text: 'a cat' });

    const search = { vector: [1, 0, 0, 0], limit: 2 };
    const found = await request('POST', '/notes/search', search);
    expect((found.body as Array<{ text: string }>).map(({ text }) => text)).toEqual([
      'a cat',
      'a 100% dog',
    ]);
    const dogs = await request('POST', '/notes/search', { ...search, contains: 'dog' });
    expect((dogs.body as Array<{ text: string }>).map(({ text }) => text)).toEqual(['a 100% dog']);
    const injected = await request('POST', '/notes/search', {
      ...search,
      contains: '" or true or text like "',
    });
    expect(injected.body).toEqual([]);

    const wrong = await request('POST', '/notes/search', { vector: [1, 2] });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ code: 1100 });
    expect((await request('GET', '/notes/nonsense')).status).toBe(400);

    expect((await request('DELETE', `/notes/${id}`)).status).toBe(204);
    expect((await request('GET', `/notes/${id}`)).status).toBe(404);
  });
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface RunningService extends AsyncDisposable {
  readonly request: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** The service on a port of its own; it is asked to stop at the end, and must do so cleanly. */
async function startService(path: string): Promise<RunningService> {
  const child = spawn(process.execPath, [...FLAGS, 'examples/express-service/server.ts', path], {
    cwd: root,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [address] = (await once(lines, 'line')) as [string];
  return {
    request: async (method, route, body) => {
      const response = await fetch(`${address}${route}`, {
        method,
        headers: { 'content-type': 'application/json', connection: 'close' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      const [exitCode] = (await once(child, 'exit')) as [number | null];
      expect(exitCode).toBe(0);
    },
  };
}
