/** Runs a driver in a process of its own; what it found is the last line it prints, as JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export interface Command {
  readonly command: string;
  readonly arguments: readonly string[];
}

/** A program of bench/programs, by its file name, with what it is told. */
export function program(name: string, told: object, nodeOptions: string[] = []): Command {
  const path = join(import.meta.dirname, 'programs', name);
  return { command: process.execPath, arguments: [...nodeOptions, path, JSON.stringify(told)] };
}

/** What a program was told. */
export function settings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}

/** The most memory this process ever had. Not `maxRSS` where it can be helped: that begins with the parent's. */
export function peakRssMB(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS;
  return (Number(kilobytes) * 1024) / 1e6;
}

/** The last line of a program. */
export function report(found: object): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

/**
 * Waits for a moment in which the machine does nothing else, as long as there is hope for one, and runs it.
 * @throws Error with what it printed when it fails
 */
export async function run<Found>(command: Command): Promise<Found> {
  await quietMoment();
  const { child, output } = start(command);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const { out, errors } = output();
  const line = out.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0) throw new Error(`${command.arguments[0]} ended with ${code}: ${errors}${out}`);
  return JSON.parse(line) as Found;
}

const QUIET_PORTION = 0.9;
const QUIET_LOOK_MS = 150;
const QUIET_LOOKS_MAX = 40;

async function quietMoment(): Promise<void> {
  for (let look = 0; look < QUIET_LOOKS_MAX; look++) {
    const before = processorTimes();
    await setTimeout(QUIET_LOOK_MS);
    const after = processorTimes();
    const portion = (after.idle - before.idle) / Math.max(1, after.all - before.all);
    if (portion >= QUIET_PORTION) return;
  }
}

function processorTimes(): { idle: number; all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, all };
}

/** Runs it until it prints `line`, then kills it without warning. */
export async function killAt(command: Command, line: string): Promise<void> {
  const { child, output } = start(command);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (output().out.includes(`${line}\n`)) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`ended with ${code} before "${line}": ${output().errors}`));
    });
  });
}

function start(command: Command): {
  child: ChildProcess;
  output: () => { out: string; errors: string };
} {
  const child = spawn(command.command, command.arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return { child, output: () => ({ out, errors }) };
}

/** A directory that is gone afterwards; on the file system of `MLITE_BENCH_DIRECTORY` when that is set. */
export async function inDirectory<T>(task: (directory: string) => Promise<T>): Promise<T> {
  const parent = process.env.MLITE_BENCH_DIRECTORY ?? os.tmpdir();
  const directory = mkdtempSync(join(parent, 'mlite-bench-'));
  try {
    return await task(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
