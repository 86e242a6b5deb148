/**
 * A server in a process of its own, many clients against it, and what its memory was meanwhile. Told as JSON:
 * `seed` and `seconds`. Prints what it found as JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CLIENTS, runClients } from './many-clients.ts';

const BIN = path.join(import.meta.dirname, '..', '..', 'src', 'bin.ts');
const SAMPLE_MS = 500;

interface Told {
  readonly seed: number;
  readonly seconds: number;
}

const { seed, seconds } = JSON.parse(process.argv[2] ?? '{}') as Told;
const directory = mkdtempSync(path.join(tmpdir(), 'milvus-lite-clients-'));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measure(): Promise<object> {
  const database = path.join(directory, 'data.db');
  const { server, address } = await startServer(database);
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(rssMB(server)), SAMPLE_MS);
  try {
    const outcome = await runClients(address, { seed, milliseconds: seconds * 1000 });
    clearInterval(sampling);
    const isAlive = server.exitCode === null;
    server.kill('SIGTERM');
    const [exitCode] = (await once(server, 'exit')) as [number | null];
    const bytes = bytesIn(database);
    return { clients: CLIENTS, ...outcome, isAlive, exitCode, ...memoryOf(samples), bytes };
  } finally {
    clearInterval(sampling);
    server.kill('SIGKILL');
  }
}

async function startServer(
  database: string,
): Promise<{ readonly server: ChildProcess; readonly address: string }> {
  const flags = ['--port', '0', '--metrics-port', '0', '--json'];
  const server = spawn(process.execPath, [BIN, 'serve', database, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of server.stdout) {
    text += String(chunk);
    if (!text.endsWith('\n')) continue;
    const { uri } = JSON.parse(text) as { readonly uri: string };
    server.stdout.resume();
    return { server, address: uri.replace('http://', '') };
  }
  throw new Error(`the server ended after ${text}`);
}

function rssMB({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** The most of the second quarter, when all is warm, and the middle of the last. */
function memoryOf(samples: readonly number[]): { warmMB: number; lateMB: number; peakMB: number } {
  const quarter = Math.floor(samples.length / 4);
  const late = samples.slice(-quarter).sort((left, right) => left - right);
  return {
    warmMB: Math.round(Math.max(...samples.slice(quarter, 2 * quarter))),
    lateMB: Math.round(late[late.length >> 1] ?? 0),
    peakMB: Math.round(Math.max(...samples)),
  };
}

function bytesIn(root: string): number {
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
}
