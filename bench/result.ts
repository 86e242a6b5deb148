/**
 * What a trial found, and the file it is kept in: bench/results/<date>-<commit>-<name>.json, which is
 * written once and never changed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { median, quantile } from './statistics.ts';

/** Several runs of one thing. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly median: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  /** Largest memory of the processes that ran it, in MB; absent where it was not looked at. */
  readonly rssMB?: number;
}

/** A bound that a median has to keep. */
export interface Target {
  readonly what: string;
  readonly value: number;
  readonly bound: number;
  readonly rule: 'at most' | 'at least';
  readonly unit: string;
}

/** What a trial hands over. */
export interface Findings {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
  readonly targets: readonly Target[];
}

export interface Result extends Findings {
  readonly name: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Average load over 1 minute before and after: above what the trial needs, others were at work. */
  readonly load: { readonly before: number; readonly after: number };
}

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, 'results');

export function figure(
  what: string,
  unit: string,
  values: readonly number[],
  rssMB?: number,
): Figure {
  return {
    what,
    unit,
    median: rounded(median(values)),
    // Of a speed the slow end is the small one.
    p99: rounded(quantile(values, unit.endsWith('/s') ? 0.01 : 0.99)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    runs: values.length,
    ...(rssMB === undefined ? {} : { rssMB: Math.round(rssMB) }),
  };
}

export function holds({ value, bound, rule }: Target): boolean {
  return rule === 'at most' ? value <= bound : value >= bound;
}

/** Four digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function resultOf(name: string, findings: Findings, loadBefore: number): Result {
  return {
    name,
    date: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    versions: versions(),
    load: { before: rounded(loadBefore), after: rounded(loadNow()) },
    ...findings,
  };
}

/** @returns the name of the file */
export function keepResult(result: Result): string {
  mkdirSync(folder, { recursive: true });
  const stem = `${result.date.slice(0, 10)}-${result.commit}-${result.name}`;
  let name = `${stem}.json`;
  for (let again = 2; existsSync(join(folder, name)); again++) name = `${stem}-${again}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(result, null, 2)}\n`, { flag: 'wx' });
  return name;
}

/** The newest result of each trial: of one that is run on several sets, of each of them. */
export function newestResults(): readonly Result[] {
  const newest = new Map<string, Result>();
  for (const file of readdirSync(folder)) {
    const result = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Result;
    // Other programs keep their results here too; those of trials have figures.
    if (!Array.isArray(result.figures)) continue;
    const { set = '', families = '' } = result.parameters;
    const kind = `${result.name} ${set} ${families}`;
    const known = newest.get(kind);
    if (known === undefined || known.date < result.date) newest.set(kind, result);
  }
  return [...newest.values()];
}

export function loadNow(): number {
  return os.loadavg()[0] ?? 0;
}

function machine(): Result['machine'] {
  const [processor] = os.cpus();
  const priority = os.getPriority();
  return {
    processor: processor?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGB: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    // Below 0: the trial went before what others ran.
    ...(priority === 0 ? {} : { priority }),
  };
}

function versions(): Result['versions'] {
  const found: Record<string, string> = { node: process.versions.node };
  for (const name of ['better-sqlite3', 'apache-arrow', 'piscina']) {
    found[name] = versionIn(join(root, 'node_modules', name, 'package.json'));
  }
  found['milvus-lite'] = versionIn(join(root, 'package.json'));
  return found;
}

function versionIn(path: string): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Short hash; with a plus when the sources are not those of the commit. */
export function commit(): string {
  const git = (...command: string[]): string =>
    execFileSync('git', command, { cwd: root, encoding: 'utf8' }).trim();
  const hash = git('rev-parse', '--short=7', 'HEAD');
  return git('status', '--porcelain', '--', 'src') === '' ? hash : `${hash}+`;
}
