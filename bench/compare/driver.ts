/**
 * What a driver of the comparison speaks, on standard input and output, a JSON object a line:
 *
 *   told (argument)                            vectors, queries: files of float32, row-major; row = id
 *   { do: 'build' }                            { buildSeconds, rssMB }
 *   { do: 'search', width, share, batch, queries }
 *                                              { seconds, rows }: one list of ids a query, each query once
 *
 * Wanted are the TOP_K rows of largest inner product. `width` is the engine's own knob for recall (`ef`).
 * `share` is the portion of rows that may be in an answer, see task.ts.
 * `queries` of them are asked, from the first on; `batch` go in one call, where the engine takes several.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Told {
  readonly vectors: string;
  readonly queries: string;
  readonly dim: number;
  /** For files of the engine. */
  readonly directory: string;
  /** Of the build; searches have one. */
  readonly threads: number;
  readonly kind: 'graph' | 'flat';
}

export interface BuildCommand {
  readonly do: 'build';
}

export interface SearchCommand {
  readonly do: 'search';
  readonly width: number;
  /** Null: all rows. */
  readonly share: number | null;
  readonly batch: number;
  readonly queries: number;
}

export interface Built {
  readonly buildSeconds: number;
  readonly rssMB: number;
}

export interface Searched {
  readonly seconds: number;
  readonly rows: ReadonlyArray<readonly number[]>;
}

export const told = JSON.parse(process.argv[2] ?? '{}') as Told;

export function readRows(path: string): Float32Array[] {
  const bytes = readFileSync(path);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const { dim } = told;
  return Array.from({ length: values.length / dim }, (_, i) =>
    values.subarray(i * dim, (i + 1) * dim),
  );
}

type Answers = number[][];
/** Ids for queries [first, end). */
type Answer = (first: number, end: number) => Answers | Promise<Answers>;

export async function drive(
  build: () => unknown,
  search: (command: SearchCommand, queries: readonly Float32Array[]) => Answer,
): Promise<void> {
  const queries = readRows(told.queries);
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as BuildCommand | SearchCommand;
    const found = command.do === 'build' ? await timeBuild(build) : await ask(command);
    process.stdout.write(`${JSON.stringify(found)}\n`);
  }

  async function ask(command: SearchCommand): Promise<Searched> {
    const answer = search(command, queries);
    const { batch, queries: count } = command;
    const rows: Answers = [];
    const started = performance.now();
    for (let first = 0; first < count; first += batch) {
      const found = answer(first, Math.min(first + batch, count));
      // An engine that answers at once does not pay for a turn of the loop.
      rows.push(...(found instanceof Promise ? await found : found));
    }
    return { seconds: (performance.now() - started) / 1000, rows };
  }
}

async function timeBuild(build: () => unknown): Promise<Built> {
  const started = performance.now();
  await build();
  const buildSeconds = (performance.now() - started) / 1000;
  const status = readFileSync('/proc/self/status', 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return { buildSeconds, rssMB: Math.round((kilobytes * 1024) / 1e6) };
}
