/**
 * The official Python client against three servers on this machine, in turns: ours, Python's milvus-lite and
 * Milvus 2.3.5; and against a stub that answers at once what ours said, which is the client's own ceiling. On the
 * same data the official Node client asks too, and a load generator that leaves the work to the server.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CompareSet, setOfFile, syntheticSet } from '../compare/sets.ts';
import { type Command, inDirectory, program, run } from '../processes.ts';
import { type Figure, figure, type Findings, type Target } from '../result.ts';
import { endServer, startServer } from '../servers.ts';
import { median } from '../statistics.ts';
import { writeVectors } from '../vectors.ts';

/** Of the synthetic set; of a file it is one. Each takes minutes, most of them for the peers' indexes. */
const ROUNDS = 2;
const ROWS = 100_000;
const DIM = 128;
const REAL_DIM = 384;

const root = join(import.meta.dirname, '..', '..');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const pythonOf = (environment: string): string =>
  join(cache, 'milvus-lite', environment, 'bin', 'python');
const CLIENT = join(import.meta.dirname, '..', 'peers', 'client.py');

const OTHER_CLIENTS = ['grpc-load.ts', 'node-sdk.ts'];

type Measured = Readonly<Record<Measure, number>> & {
  readonly buildSeconds: number;
  readonly width: number;
  readonly recall: number;
  readonly filteredRecall: number;
};

const MEASURES = {
  insert: ['insert, 1,000 rows a call', 'rows/s'],
  search: ['search, one after the other', 'QPS'],
  search4: ['search, four callers', 'QPS'],
  filtered: ['search, 10 % match a filter', 'QPS'],
  batched: ['search, 1,000 queries a call', 'QPS'],
  get: ['get by id', 'calls/s'],
  delete: ['delete by filter, 1 % of the rows', 'rows/s'],
  load: ['search by hand, one after the other', 'QPS'],
  load16: ['search by hand, 16 under way on 4 connections', 'QPS'],
  sdkSearch: ['search by the Node client', 'QPS'],
  sdkSearch4: ['search by the Node client, four callers', 'QPS'],
  sdkGet: ['get by the Node client', 'calls/s'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;
type Measure = keyof typeof MEASURES;
/** What is held to the bounds of searches. */
const SEARCHES: readonly Measure[] = [
  'search',
  'search4',
  'load',
  'load16',
  'sdkSearch',
  'sdkSearch4',
];
/** Where a search of ours is held back by the client, it may be this much slower than a stub. */
const CEILING = 1.3;

const NAMES = ['ours', 'stub', 'Python milvus-lite 3.2.2', 'Milvus 2.3.5'] as const;
type Name = (typeof NAMES)[number];
type Found = Map<Name, Measured[]>;

interface Told {
  readonly server: 'address' | 'file' | 'milvus';
  readonly directory: string;
  readonly vectors: string;
  readonly queries: string;
  readonly dim: number;
  readonly address?: string;
  readonly isStub?: boolean;
  /** Clients beside the Python one: each takes its settings last. */
  readonly programs: readonly (readonly string[])[];
  readonly width?: number;
}

export async function client(options: {
  readonly vectors?: string;
  /** Fewer, to try it: one round of them. */
  readonly rows?: number;
}): Promise<Findings> {
  if (!existsSync(pythonOf('python-peer')) || !existsSync(pythonOf('milvus-peer'))) {
    throw new Error('the peers are not installed: bench/README.md says how');
  }
  const sets = [syntheticSet(options.rows ?? ROWS, DIM)];
  if (options.vectors !== undefined) sets.push(setOfFile(options.vectors, REAL_DIM));
  const figures: Figure[] = [];
  const targets: Target[] = [];
  for (const set of sets) {
    const found: Found = new Map(NAMES.map((name) => [name, []]));
    const isWhole = set === sets[0] && options.rows === undefined;
    const rounds = isWhole ? ROUNDS : 1;
    for (let round = 0; round < rounds; round++) await measureAll(set, found);
    figures.push(...figuresOf(set, found));
    targets.push(...targetsOf(set, found));
  }
  return {
    parameters: { rounds: ROUNDS, clients: 'pymilvus 3.0.2 and 2.3.7, Node 3.0.6' },
    figures,
    targets,
  };
}

async function measureAll(set: CompareSet, found: Found): Promise<void> {
  await inDirectory(async (directory) => {
    const vectors = join(directory, 'rows.f32');
    const queries = join(directory, 'queries.f32');
    writeVectors(vectors, set.rows);
    writeVectors(queries, set.queries);
    const programs = OTHER_CLIENTS.map((name) => [
      process.execPath,
      join(import.meta.dirname, '..', 'programs', name),
    ]);
    const told = { directory, vectors, queries, dim: set.dim, programs };
    const keep = (name: Name, measured: Measured): unknown => found.get(name)?.push(measured);
    const bin = join(root, 'dist', 'bin.js');
    const serve = [bin, 'serve', join(directory, 'ours.db'), '--port', '0', '--metrics-port', '0'];
    const ours = await startServer(
      [...serve, '--json'],
      (text) => (JSON.parse(text) as Address).uri,
    );
    try {
      const measured = await run<Measured>(python({ ...told, server: 'address', ...ours }));
      keep('ours', measured);
      const target = ours.address.replace('http://', '');
      const stub = program('serve-stub.ts', { target });
      const standIn = await startServer(
        stub.arguments,
        (text) => `http://127.0.0.1:${Number(text)}`,
      );
      try {
        const { width } = measured;
        const asStub = { ...told, ...standIn, width, server: 'address', isStub: true } as const;
        keep('stub', await run<Measured>(python(asStub)));
      } finally {
        await endServer(standIn.process);
      }
    } finally {
      await endServer(ours.process);
    }
    keep('Python milvus-lite 3.2.2', await run<Measured>(python({ ...told, server: 'file' })));
    keep('Milvus 2.3.5', await run<Measured>(inNetworkOfItsOwn({ ...told, server: 'milvus' })));
  });
}

function python(told: Told): Command {
  const { process: _, ...plain } = told as Told & { readonly process?: unknown };
  return { command: pythonOf('python-peer'), arguments: [CLIENT, JSON.stringify(plain)] };
}

/** Milvus of PyPI listens on every interface there is. */
function inNetworkOfItsOwn(told: Told): Command {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const call = [pythonOf('milvus-peer'), CLIENT, JSON.stringify(told)];
  return { command: 'unshare', arguments: [...asRoot, '--net', ...call] };
}

interface Address {
  readonly uri: string;
}

function figuresOf(set: CompareSet, found: Found): Figure[] {
  return [...found].flatMap(([name, all]) =>
    (Object.keys(MEASURES) as Measure[])
      .filter((measure) => all[0]?.[measure] !== undefined)
      .map((measure) => {
        const [what, unit] = MEASURES[measure];
        const [{ width, recall } = { width: 0, recall: 0 }] = all;
        const isAtWidth = SEARCHES.includes(measure) && name !== 'stub';
        const at = isAtWidth ? ` (ef ${width}, recall ${recall})` : '';
        return figure(
          `${set.name}, ${name}: ${what}${at}`,
          unit,
          all.map((one) => one[measure]),
        );
      }),
  );
}

function targetsOf(set: CompareSet, found: Found): Target[] {
  const middle = (name: Name, measure: Measure): number =>
    median((found.get(name) ?? []).map((one) => one[measure]));
  const peers = NAMES.slice(2);
  return (Object.keys(MEASURES) as Measure[]).flatMap((measure) => {
    const ours = middle('ours', measure);
    // What the stub is not asked for has no bound by it.
    const isSearch = SEARCHES.includes(measure);
    const ceiling = isSearch ? middle('stub', measure) : 0;
    return peers.map((peer, i) => {
      const wanted = i === 0 ? 15 : 2;
      const theirs = middle(peer, measure);
      const reachable = ceiling / CEILING / theirs;
      return {
        what: `${set.name}: ${MEASURES[measure][0]} against ${peer}`,
        value: Number((ours / theirs).toFixed(2)),
        bound: isSearch ? Number(Math.min(wanted, reachable).toFixed(2)) : 1,
        rule: 'at least' as const,
        unit: 'times',
      };
    });
  });
}
