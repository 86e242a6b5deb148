/** From the start of `mlite serve` on a million rows to the first answer that a client gets, and its memory. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { SERVICE_NAME } from '../../src/wire/generated/milvus.ts';
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { median } from '../statistics.ts';
import { syntheticVectors, writeVectors } from '../vectors.ts';

const ROWS = 1_000_000;
const DIM = 128;
const RUNS = 7;
/** The server is asked for a port of its own before it is there, so it is told one. */
const PORT = 29_530;
const BIN = join(import.meta.dirname, '..', '..', 'dist', 'bin.js');

export async function serverStart(): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const path = join(directory, 'million.db');
    const vectorPath = join(directory, 'million.f32');
    writeVectors(vectorPath, syntheticVectors(ROWS, DIM));
    await run(program('fill.ts', { path, vectorPath, dim: DIM, logBytes: 0 }));
    // What was just written is not to be written out beside the starts.
    spawnSync('sync');
    const full: Start[] = [];
    const empty: Start[] = [];
    for (let i = 0; i < RUNS; i++) {
      full.push(await startOn(path));
      empty.push(await startOn(join(directory, `empty-${i}.db`)));
    }
    const connectMs = full.map((one) => one.connectMs);
    const emptyMB = empty.map((one) => one.rssMB);
    return {
      parameters: { rows: ROWS, dimension: DIM },
      figures: [
        figure('spawn to the first Connect, a million rows', 'ms', connectMs),
        figure(
          'spawn to the first Connect, empty',
          'ms',
          empty.map((one) => one.connectMs),
        ),
        figure('memory of an empty server', 'MB', emptyMB),
        figure(
          'memory of a server on a million rows that nobody read',
          'MB',
          full.map((one) => one.rssMB),
        ),
      ],
      targets: [
        atMost('spawn to the first Connect, a million rows', median(connectMs), 400, 'ms'),
        atMost('memory before data', median(emptyMB), 120, 'MB'),
      ],
    };
  });
}

function atMost(
  what: string,
  value: number,
  bound: number,
  unit: string,
): Findings['targets'][number] {
  return { what, value: rounded(value), bound, rule: 'at most', unit };
}

interface Start {
  readonly connectMs: number;
  readonly rssMB: number;
}

async function startOn(path: string): Promise<Start> {
  const startedMs = performance.now();
  const flags = ['--port', String(PORT), '--metrics-port', '0'];
  const child = spawn(process.execPath, [BIN, 'serve', path, ...flags], { stdio: 'ignore' });
  try {
    await connected();
    return { connectMs: performance.now() - startedMs, rssMB: rssMB(child) };
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}

/** Waits for the server as a client does, and calls it. */
async function connected(): Promise<void> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const credentials = grpc.credentials.createInsecure();
  const backoff = { 'grpc.initial_reconnect_backoff_ms': 5, 'grpc.max_reconnect_backoff_ms': 5 };
  const client = new grpc.Client(`127.0.0.1:${PORT}`, credentials, backoff);
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + 30_000, (failure) =>
        failure instanceof Error ? reject(failure) : resolve(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      const path = `/${SERVICE_NAME}/Connect`;
      client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (failure) => {
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  } finally {
    client.close();
  }
}

function rssMB({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
}
