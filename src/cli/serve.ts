/**
 * `mlite serve`: Milvus's protocol over a database of this machine, until it is told to stop; then calls
 * under way get their answers, rows become durable in segments, and the directory is let go.
 */
import { readFile, readlink, readdir } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import { MilvusError } from '../base/errors.ts';
import { type Database, openDatabase } from '../core/open.ts';
import { type LogEvent, LogLevel } from '../server/log-level.ts';
import { factsOf } from '../server/this-machine.ts';
import { type RunningServer, startServer } from '../server/server.ts';
import type { Configuration } from './configuration.ts';
import { CommandFailure, EXIT_CODES } from './failure.ts';
import type { Terminal } from './terminal.ts';

export interface ServeOptions {
  readonly terminal: Terminal;
  /** Ends the server. */
  readonly signal: AbortSignal;
  readonly path: string;
  readonly configuration: Configuration;
}

export async function runServe(options: ServeOptions): Promise<void> {
  const { terminal, configuration } = options;
  const { host } = configuration;
  for (const warning of configuration.warnings) terminal.error(`warning: ${warning}`);
  const log = new LogLevel(configuration.logLevel, (event) => terminal.error(logLine(event)));
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  const database = await openDatabase(options.path, { logger: log.logger });
  try {
    const server = await start(database, { ...options, log, stop: () => stopped.abort() });
    try {
      announce(terminal, { directory: database.path, host, server });
      await untilAborted(signal);
      terminal.line('stopping');
    } finally {
      await server.close();
    }
  } finally {
    await database.close();
  }
}

/** One JSON document a line, for whoever collects logs. */
function logLine({ level, event, fields }: LogEvent): string {
  const time = new Date(systemClock.nowMs()).toISOString();
  return JSON.stringify({ level, time, msg: event, ...fields }, (_key, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  );
}

interface StartOptions extends ServeOptions {
  readonly log: LogLevel;
  readonly stop: () => void;
}

async function start(database: Database, options: StartOptions): Promise<RunningServer> {
  const { host, port, metricsPort, http, effective } = options.configuration;
  const facts = {
    ...(await factsOf(database.path, `${host}:${port}`)),
    configuration: effective,
  };
  try {
    return await startServer({
      service: database.service,
      facts,
      clock: systemClock,
      host,
      port,
      healthPort: metricsPort,
      http,
      garbage: database.garbage,
      log: options.log,
      stop: options.stop,
    });
  } catch (failure) {
    if (!(failure instanceof MilvusError) || failure.reason !== 'ServiceUnavailable') throw failure;
    const taken = Number(failure.fields['port']);
    const holder = await holderOf(taken);
    const who = holder === null ? 'another process' : `process ${holder.pid} (${holder.command})`;
    const flag = taken === port ? '--port' : '--metrics-port';
    throw new CommandFailure(
      EXIT_CODES.failure,
      `port ${taken} is taken by ${who}`,
      `stop it, or choose another port: mlite serve ${options.path} ${flag} ${taken + 1}`,
    );
  }
}

function announce(
  terminal: Terminal,
  {
    directory,
    host,
    server,
  }: { readonly directory: string; readonly host: string; readonly server: RunningServer },
): void {
  const uri = `http://${host}:${server.port}`;
  terminal.json({ path: directory, uri, port: server.port, healthPort: server.healthPort });
  terminal.line(`${terminal.style('bold', directory)} is served at ${terminal.style('cyan', uri)}`);
  terminal.line();
  terminal.line(`  Python   client = MilvusClient(uri="${uri}")`);
  terminal.line(
    `  Node.js  const client = new MilvusClient({ address: '${host}:${server.port}' })`,
  );
  terminal.line(`  HTTP     curl -X POST ${uri}/v2/vectordb/collections/list -d '{}'`);
  if (server.healthPort !== null) {
    terminal.line(`  health   curl http://${host}:${server.healthPort}/healthz`);
  }
  terminal.line();
  terminal.line('Ctrl-C stops it.');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on a port, where the system tells (Linux, processes of the same user). */
async function holderOf(port: number): Promise<Holder | null> {
  try {
    const inode = await listeningSocket(port);
    if (inode === null) return null;
    for (const pid of await readdir('/proc')) {
      if (/^\d+$/.test(pid) && (await hasSocket(pid, inode))) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
        return { pid: Number(pid), command: line.replaceAll('\0', ' ').trim() };
      }
    }
    return null;
  } catch (failure) {
    if (!(failure instanceof Error && 'code' in failure)) throw failure;
    return null;
  }
}

const LISTENING = '0A';

async function listeningSocket(port: number): Promise<string | null> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8')).split('\n').slice(1);
    for (const line of lines) {
      const parts = line.trim().split(/\s+/);
      if (parts[1]?.endsWith(suffix) === true && parts[3] === LISTENING) return parts[9] ?? null;
    }
  }
  return null;
}

async function hasSocket(pid: string, inode: string): Promise<boolean> {
  try {
    for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (target === `socket:[${inode}]`) return true;
    }
    return false;
  } catch (failure) {
    // Processes of others are not ours to look into, and some end meanwhile.
    if (failure instanceof Error && 'code' in failure) return false;
    throw failure;
  }
}
