import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as milvusLite from '../src/index.ts';

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Every module that importing the package loads at once, and what they import that is not ours. */
function loadedByImport(
  file: string,
  seen = new Set<string>(),
  foreign = new Set<string>(),
): Set<string> {
  if (seen.has(file)) return foreign;
  seen.add(file);
  const source = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  for (const [statement, specifier = ''] of source.matchAll(
    /^(?:import|export)\b[^;]*?from '([^']+)';/gm,
  )) {
    if (/^(?:import|export) type\b/.test(statement)) continue;
    if (specifier.startsWith('.')) loadedByImport(join(dirname(file), specifier), seen, foreign);
    else foreign.add(specifier);
  }
  return foreign;
}

describe('the package', () => {
  it('exports what programs need', () => {
    expect(Object.keys(milvusLite).sort()).toEqual([
      'Aggregates',
      'Collection',
      'DataType',
      'DatabaseView',
      'Expression',
      'Field',
      'Indexes',
      'MetricType',
      'MilvusError',
      'MilvusLite',
      'Partitions',
      'Schema',
      'Snapshots',
      'defineSchema',
      'expr',
      'f',
    ]);
  });

  it('loads no other package when it is imported but sqlite, whose binary waits for a database', () => {
    const foreign = [...loadedByImport(entry)].filter(
      (specifier) => !specifier.startsWith('node:'),
    );
    expect(foreign).toEqual(['better-sqlite3']);
  });

  it('prints nothing and keeps no process alive', () => {
    const script = `await import(${JSON.stringify(new URL(`file://${entry}`).href)});`;
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
