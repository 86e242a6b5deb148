import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';
import type { LimitedReport } from './limited-process.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

const WRITER = fileURLToPath(new URL('writing-process.ts', import.meta.url));
const LIMITED = fileURLToPath(new URL('limited-process.ts', import.meta.url));
/** Node runs TypeScript by itself, or has to be told to. */
const STRIP_TYPES = process.features.typescript === 'strip' ? [] : ['--experimental-strip-types'];

interface Acknowledged {
  readonly round: number;
  readonly number: number;
}

/** The last acknowledgement before the process was killed, which happens in the middle of later work. */
async function writeAndKill(file: string, round: number, count: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, [...STRIP_TYPES, WRITER, file, String(round)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    output += chunk;
    if (output.split('\n').length > count) child.kill('SIGKILL');
  });
  await new Promise((resolve) => {
    child.on('close', resolve);
  });
  const line = output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1);
  return { round, number: Number(line?.split(' ')[0]) };
}

/** Everything acknowledged is there, nothing is there in part; at most the transaction under way came too. */
async function check(store: MetaStore, acknowledged: Acknowledged): Promise<void> {
  const { round } = acknowledged;
  const last = Buffer.from((await store.get('/last'))?.value ?? []).toString();
  const [lastRound, lastNumber = 0] = last.split('/').map(Number);
  expect(lastRound).toBe(round);
  expect(lastNumber).toBeGreaterThanOrEqual(acknowledged.number);
  const numbers: number[] = [];
  for (const { key, value } of await store.range(`/round/${round}/`)) {
    const number = Number(key.split('/')[3]);
    expect(Buffer.compare(value, Buffer.alloc(1 + ((number * 97) % 3000), number))).toBe(0);
    numbers.push(number);
  }
  const first = Math.max(0, lastNumber - 19);
  const expected = Array.from({ length: lastNumber - first + 1 }, (_, at) => first + at);
  expect(numbers.sort((a, b) => a - b)).toEqual(expected);
}

it('keeps every acknowledged transaction over ten rounds of SIGKILL', async () => {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'meta.sqlite');
  let lastRevision = 0;
  for (let round = 0; round < 10; round++) {
    const acknowledged = await writeAndKill(file, round, 5 + round * 7);
    await using store = await sqliteMetaStore(file);
    await check(store, acknowledged);
    const revision = (await store.get('/last'))?.revision ?? 0;
    expect(revision).toBeGreaterThan(lastRevision);
    lastRevision = revision;
  }
});

it('loses nothing acknowledged when its write-ahead log is damaged after a kill', async () => {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'meta.sqlite');
  const acknowledged = await writeAndKill(file, 0, 30);
  const main = await readFile(file);
  const wal = await readFile(`${file}-wal`);
  for (let at = 0; at < wal.length; at += 1009) {
    const damaged = Buffer.from(wal);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 16, at);
    await writeFile(file, main);
    await writeFile(`${file}-wal`, damaged);
    await using store = await sqliteMetaStore(file);
    await check(store, acknowledged);
  }
});

it.runIf(process.platform === 'linux')(
  'refuses to write while the file cannot grow, and has everything when it can again',
  async () => {
    await using directory = await temporaryDirectory();
    const file = path.join(directory.path, 'meta.sqlite');
    const output = await run('/bin/sh', [
      '-c',
      // Ignored signals stay ignored over exec: a write beyond the limit then fails like any other.
      `trap '' XFSZ; ulimit -S -f 256; exec "$0" "$@"`,
      process.execPath,
      ...STRIP_TYPES,
      LIMITED,
      file,
    ]);
    const { acknowledged, failures, reread } = JSON.parse(output) as LimitedReport;
    expect(failures).toEqual(['IoFailed', 'IoFailed', 'IoFailed']);
    expect(reread).toBe(acknowledged);
    await using store = await sqliteMetaStore(file);
    expect(await store.range('/k/')).toHaveLength(acknowledged);
    expect(
      await store.transact({ puts: [{ key: '/k/more', value: new Uint8Array(100_000) }] }),
    ).not.toBeNull();
  },
);

async function run(command: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    output += chunk;
  });
  await new Promise((resolve) => {
    child.on('close', resolve);
  });
  return output;
}
