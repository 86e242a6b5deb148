/** Who is compared, as data. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, program } from '../processes.ts';
import type { Told } from './driver.ts';

export interface Engine {
  readonly name: string;
  readonly kind: Told['kind'];
  readonly isOurs: boolean;
  /** The bare index, with no database around it. */
  readonly isBare: boolean;
  readonly takesFilters: boolean;
  /** Several queries a call. */
  readonly takesBatches: boolean;
  readonly command: (told: Told) => Command;
}

const peers = join(import.meta.dirname, '..', 'peers');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const pythonOf = (environment: string): string =>
  join(cache, 'milvus-lite', environment, 'bin', 'python');
const python = pythonOf('python-peer');
const pythonOfMilvus = pythonOf('milvus-peer');

const ours = { isOurs: true, takesFilters: true, takesBatches: true };
const theirs = { ...ours, isOurs: false };

const inNode =
  (file: string) =>
  (told: Told): Command => ({
    command: process.execPath,
    arguments: [join(peers, file), JSON.stringify(told)],
  });
const inPython =
  (file: string) =>
  (told: Told): Command =>
    pythonPeer(file, told);
/** In a network of its own, as its driver wants it; who is not root is so in a world of its own. */
const asServer =
  (file: string) =>
  (told: Told): Command => ({
    command: 'unshare',
    arguments: [
      ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
      '--net',
      pythonOfMilvus,
      join(peers, file),
      JSON.stringify(told),
    ],
  });
const ofThisPackage =
  (file: string) =>
  (told: Told): Command =>
    program(file, told);

/** A program of bench/peers, by its file name, with what it is told. */
export function pythonPeer(file: string, told: object): Command {
  return { command: python, arguments: [join(peers, file), JSON.stringify(told)] };
}

export const ENGINES: readonly Engine[] = [
  {
    name: 'milvus-lite, bare HNSW',
    kind: 'graph',
    isBare: true,
    command: ofThisPackage('compare-index.ts'),
    ...ours,
  },
  {
    name: 'milvus-lite HNSW',
    kind: 'graph',
    isBare: false,
    command: ofThisPackage('compare-database.ts'),
    ...ours,
  },
  {
    name: 'faiss-cpu 1.15 HNSW',
    kind: 'graph',
    isBare: true,
    command: inPython('faiss_index.py'),
    ...theirs,
  },
  {
    name: 'hnswlib-node 3.0',
    kind: 'graph',
    isBare: true,
    command: inNode('hnswlib.mjs'),
    ...theirs,
    takesBatches: false,
  },
  {
    name: 'usearch 2.25 bf16',
    kind: 'graph',
    isBare: true,
    command: inNode('usearch.mjs'),
    ...theirs,
    takesFilters: false,
    takesBatches: false,
  },
  {
    name: '@zvec/zvec 0.7 HNSW',
    kind: 'graph',
    isBare: false,
    command: inNode('zvec.mjs'),
    ...theirs,
    takesBatches: false,
  },
  {
    name: 'LanceDB 0.37 IVF_HNSW_SQ',
    kind: 'graph',
    isBare: false,
    command: inNode('lancedb.mjs'),
    ...theirs,
    takesBatches: false,
  },
  {
    name: 'Python milvus-lite 3.2.2 HNSW',
    kind: 'graph',
    isBare: false,
    command: inPython('milvus_lite_index.py'),
    ...theirs,
  },
  {
    name: 'Milvus 2.3.5 server, HNSW',
    kind: 'graph',
    isBare: false,
    command: asServer('milvus_index.py'),
    ...theirs,
  },
  {
    name: 'milvus-lite, bare scan',
    kind: 'flat',
    isBare: true,
    command: ofThisPackage('compare-index.ts'),
    ...ours,
  },
  {
    name: 'milvus-lite FLAT',
    kind: 'flat',
    isBare: false,
    command: ofThisPackage('compare-database.ts'),
    ...ours,
  },
  {
    name: 'faiss-cpu 1.15 flat',
    kind: 'flat',
    isBare: true,
    command: inPython('faiss_index.py'),
    ...theirs,
  },
  {
    name: 'sqlite-vec 0.1 scan',
    kind: 'flat',
    isBare: false,
    command: inNode('sqlite-vec.mjs'),
    ...theirs,
    takesBatches: false,
  },
];

/** @throws Error that says what to install */
export function requirePeers(): void {
  const needed = [python, pythonOfMilvus, join(peers, 'node_modules', 'hnswlib-node')];
  if (needed.every((path) => existsSync(path))) return;
  throw new Error('the peers are not installed: bench/README.md says how');
}
