/**
 * hnswlib, whose graphs are what ours are compared with: the package hnswlib-node, installed and compiled outside
 * the project, once. Its own way to compile wants headers of Node from the network; those of this project do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

const VERSION = '3.0.0';
const UNREACHABLE = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH/;

export interface HnswlibGraph {
  initIndex(options: { maxElements: number; m: number; efConstruction: number }): void;
  addPoint(point: number[], label: number): void;
  markDelete(label: number): void;
  setEf(ef: number): void;
  searchKnn(
    query: number[],
    count: number,
    filter?: (label: number) => boolean,
  ): { readonly distances: number[]; readonly neighbors: number[] };
}

export interface Hnswlib {
  readonly HierarchicalNSW: new (space: 'l2' | 'ip' | 'cosine', dim: number) => HnswlibGraph;
}

/** @returns null where the registry cannot be reached. @throws Error when it cannot be installed or compiled */
export function loadHnswlib(): Hnswlib | null {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folder = path.join(cache, 'milvus-lite', `hnswlib-node-${VERSION}`);
  const modules = path.join(folder, 'node_modules');
  const addon = path.join(modules, 'hnswlib-node', 'build', 'Release', 'addon.node');
  if (!existsSync(addon)) {
    mkdirSync(folder, { recursive: true });
    const problem = run('npm', [
      ...['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--silent'],
      ...['--ignore-scripts', `hnswlib-node@${VERSION}`],
    ]);
    if (problem !== null && UNREACHABLE.test(problem)) return null;
    if (problem !== null) throw new Error(problem);
    compile(modules, addon);
  }
  return createRequire(path.join(modules, 'any.js'))('hnswlib-node') as Hnswlib;
}

function compile(modules: string, addon: string): void {
  const require = createRequire(import.meta.url);
  const headers = path.dirname(require.resolve('node-api-headers/package.json'));
  mkdirSync(path.dirname(addon), { recursive: true });
  const problem = run(process.env['CXX'] ?? 'c++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_DISABLE_CPP_EXCEPTIONS'],
    ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
    `-I${path.join(headers, 'include')}`,
    `-I${path.join(modules, 'node-addon-api')}`,
    path.join(modules, 'hnswlib-node', 'src', 'addon.cc'),
    ...['-o', addon],
  ]);
  if (problem !== null) throw new Error(problem);
}

/** What a command said when it failed. */
function run(command: string, words: readonly string[]): string | null {
  const isWindows = process.platform === 'win32';
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    encoding: 'utf8',
    shell: isWindows,
  });
  return status === 0 ? null : `${command} failed: ${error?.message ?? ''}${stdout}${stderr}`;
}
