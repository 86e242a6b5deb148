/** The grounds on which the suite of the Service runs, all with a clock that the test moves. */
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { directCalls, type Engine, type Transport, type World } from '../../src/core/engine.ts';
import { openEngine } from '../../src/core/recovery.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING, type Tuning } from '../../src/core/tuning.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { nodeDisk } from '../../src/storage/node-disk.ts';
import type { Durability } from '../../src/wal/log.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

export interface ServiceWorld {
  readonly clock: SimClock;
  /** Of the opening that is current. */
  readonly service: Service;
  readonly engine: Engine;
  close(): Promise<void>;
  /** Closes what is open and opens it again. */
  reopen(options?: { readonly readOnly?: boolean }): Promise<Service>;
}

export type OpenWorld = () => Promise<ServiceWorld>;

interface Ground {
  readonly disk: Disk;
  readonly durability: Durability;
  readonly tuning: Tuning;
  readonly pinnedManifests: () => Promise<readonly string[] | null>;
  readonly openMeta: (readOnly: boolean) => Promise<MetaStore>;
  readonly closeMeta: (meta: MetaStore) => Promise<void>;
}

const CACHE_BYTES = 64 * 1024 * 1024;

/** What a test puts between the engine and its ground. */
export interface Between {
  readonly wrapDisk?: (disk: Disk) => Disk;
  readonly tuning?: Tuning;
  readonly durability?: Durability;
  /** What readers in other processes say. */
  readonly pinnedManifests?: () => Promise<readonly string[] | null>;
}

/** Memory; everything is lost with the test. */
export function memoryWorld(transport: Transport = directCalls, between: Between = {}): OpenWorld {
  const { wrapDisk = (disk) => disk, tuning = PRODUCTION_TUNING, durability = 'memory' } = between;
  const { pinnedManifests = async () => [] } = between;
  return async () => {
    const clock = new SimClock();
    const meta = memoryMetaStore();
    return await openWorld(clock, transport, {
      disk: wrapDisk(memoryDisk(clock)),
      durability,
      tuning,
      pinnedManifests,
      openMeta: async () => meta,
      closeMeta: async () => undefined,
    });
  };
}

/** A directory with sqlite, as a user's. */
export function directoryWorld(transport: Transport = directCalls): OpenWorld {
  return async () => {
    const directory = await temporaryDirectory();
    onTestFinished(() => directory[Symbol.asyncDispose]());
    const file = path.join(directory.path, 'meta.db');
    return await openWorld(new SimClock(), transport, {
      disk: nodeDisk(directory.path),
      durability: 'os',
      tuning: PRODUCTION_TUNING,
      pinnedManifests: async () => [],
      openMeta: async (readOnly) => await sqliteMetaStore(file, { readOnly }),
      closeMeta: async (meta) => await meta[Symbol.asyncDispose](),
    });
  };
}

async function openWorld(
  clock: SimClock,
  transport: Transport,
  ground: Ground,
): Promise<ServiceWorld> {
  const start = async (readOnly: boolean): Promise<{ engine: Engine; meta: MetaStore }> => {
    const meta = await ground.openMeta(readOnly);
    const world: World = {
      clock,
      random: systemRandom,
      disk: ground.disk,
      meta,
      workers: inlineWorkers(clock),
      cache: new ColumnCache(CACHE_BYTES),
      logger: silentLogger,
      pinnedManifests: ground.pinnedManifests,
      pinManifests: async () => undefined,
    };
    const { durability, tuning } = ground;
    return { engine: await openEngine(world, { readOnly, durability, transport, tuning }), meta };
  };
  let current = await start(false);
  let isOpen = true;
  const close = async (): Promise<void> => {
    isOpen = false;
    try {
      await current.engine.close();
    } finally {
      await ground.closeMeta(current.meta);
    }
  };
  onTestFinished(async () => {
    if (isOpen) await close();
  });
  return {
    clock,
    get service() {
      return current.engine.service;
    },
    get engine() {
      return current.engine;
    },
    close,
    reopen: async (options = {}) => {
      await close();
      current = await start(options.readOnly === true);
      isOpen = true;
      return current.engine.service;
    },
  };
}
