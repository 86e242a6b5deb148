/** What a server tells of the machine and the process that it runs in. */
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { MEMORY_PATH } from '../core/open.ts';
import type { Hardware, ServerFacts } from './server-facts.ts';

/** The line of Milvus whose calls are answered; tools look at it before they use newer ones. */
const MILVUS_VERSION = 'v2.6.0';

/** @param address `host:port` that clients use */
export async function factsOf(databasePath: string, address: string): Promise<ServerFacts> {
  return {
    version: MILVUS_VERSION,
    nodeVersion: process.versions.node,
    startedAt: new Date(systemClock.nowMs()).toISOString(),
    address,
    hardware: await hardwareOf(databasePath),
  };
}

async function hardwareOf(databasePath: string): Promise<() => Hardware> {
  const disk = await statfs(databasePath === MEMORY_PATH ? '.' : path.resolve(databasePath));
  const diskBytes = disk.blocks * disk.bsize;
  const diskUsedBytes = diskBytes - disk.bavail * disk.bsize;
  const cpuCount = availableParallelism();
  const memoryBytes = totalmem();
  return () => ({
    cpuCount,
    cpuPercent: Math.min(100, ((loadavg()[0] ?? 0) / cpuCount) * 100),
    memoryBytes,
    memoryUsedBytes: memoryBytes - freemem(),
    diskBytes,
    diskUsedBytes,
  });
}
