/** The compiled package, as a program that installed it would load it. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

/** Where it lies; `MLITE_BENCH_ENTRY` names another build. */
export function entryUrl(): string {
  const given = process.env.MLITE_BENCH_ENTRY;
  const path = given ?? join(import.meta.dirname, '..', 'dist', 'index.js');
  return pathToFileURL(path).href;
}

export async function loadPackage(): Promise<typeof import('../src/index.ts')> {
  return (await import(entryUrl())) as typeof import('../src/index.ts');
}
