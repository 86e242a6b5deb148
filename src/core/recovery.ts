/**
 * Opening a database after whatever happened before, from top to bottom.
 *
 * Nothing is deleted here. What is found damaged is refused with its place; the only thing ever cut is
 * the unfinished end of a log that was not closed, which holds no acknowledged write.
 */
import { randomName } from '../base/random.ts';
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { Catalog } from '../meta/catalog.ts';
import { FIRST_CATALOG_ID } from '../meta/catalog-records.ts';
import {
  assertFormatSupported,
  ensureClusterRecord,
  readClusterRecord,
} from '../meta/cluster-record.ts';
import { HybridClock } from '../meta/hybrid-clock.ts';
import { IdAllocator } from '../meta/ids.ts';
import { AUTO_ID_KEY, CATALOG_ID_KEY, clockKey } from '../meta/keys.ts';
import {
  advanceTruncation,
  bumpTerm,
  type LaneRecord,
  readLane,
  recordDurableEnd,
} from '../meta/lane-record.ts';
import { ManifestPointers } from '../meta/manifest-pointer.ts';
import { diskStore } from '../storage/disk-store.ts';
import { LOG_DIRECTORY } from '../storage/paths.ts';
import { fileLog } from '../wal/file-log.ts';
import type { Log, LogTail } from '../wal/log.ts';
import { comparePositions, maxPosition, type Position } from '../wal/position.ts';
import { MixCoordinator } from './coordinator.ts';
import type { Engine, EngineOptions, World } from './engine.ts';
import { Frontend } from './frontend.ts';
import { GarbageCollector } from './garbage.ts';
import { Lane } from './lane.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Shards } from './ports.ts';
import { QueryHost } from './query-host.ts';
import { SegmentIds } from './segment-ids.ts';
import { StreamingNode } from './streaming-node.ts';
import { LocalTaskRunner } from './task-runner.ts';
import { PRODUCTION_TUNING } from './tuning.ts';

/** The one log of a process's shards. */
const LANE = '0';
/** Auto ids start here: large, like Milvus's, so that nobody takes them for row numbers. */
const FIRST_AUTO_ID = 1n << 52n;

export async function openEngine(world: World, options: EngineOptions): Promise<Engine> {
  const startedMs = world.clock.monotonicMs();
  const { meta, clock, random } = world;
  const { readOnly } = options;

  // 1. Is it ours to read, and to write?
  if (readOnly) await checkReadable(world);
  else await ensureClusterRecord(meta, { id: randomName(random), createdMs: clock.nowMs() });

  // 2. What there is: names, schemas, and which manifest is the truth of each shard.
  const metadata = await openMetadata(world, readOnly);

  // 3. The log: its end is found, a new term fences whoever wrote it before.
  const { log, tail, lane } = await openLog(world, options, metadata);

  // 4. The roles, wired to each other.
  const { node, shards, mixCoordinator } = wireRoles(world, options, { ...metadata, lane });

  // 5. Every record that no manifest covers is applied again, in the order of the log.
  for (const collection of mixCoordinator.collections()) {
    for (const shardId of collection.shardIds) node.open(collection, shardId);
  }
  const replayedFrom = lane.start;
  const { hybridClock, segmentIds } = metadata;
  const replayedRecords = await replay(log, { from: replayedFrom, node, hybridClock, segmentIds });
  await lane.measure();
  node.recovered(hybridClock.last);
  if (!readOnly) await mixCoordinator.finishDrops();

  // 6. Serve.
  const coordinator = options.transport.coordinator(mixCoordinator);
  const lifecycle = new Lifecycle({ readOnly });
  const service = new Frontend({ coordinator, shards, clock, lifecycle });
  const shutDown = async (): Promise<void> => {
    try {
      if (!readOnly) await endCleanly({ world, node, lane, hybridClock });
    } finally {
      await log[Symbol.asyncDispose]();
    }
  };
  const cleanEnd = tail.sealed || isEmpty(tail);
  const tookMs = clock.monotonicMs() - startedMs;
  const recovery = { cleanEnd, replayedRecords, replayedFrom, cutBytes: tail.cutBytes, tookMs };
  return { service, recovery, close: () => lifecycle.close(shutDown) };
}

interface Metadata {
  readonly hybridClock: HybridClock;
  readonly catalog: Catalog;
  readonly lane: LaneRecord;
  readonly pointers: ManifestPointers;
  readonly autoIds: IdAllocator;
  readonly segmentIds: SegmentIds;
}

async function openMetadata({ meta, clock }: World, readOnly: boolean): Promise<Metadata> {
  const key = clockKey(LANE);
  const hybridClock = await HybridClock.load({ clock, store: meta, key, readOnly });
  const ids = new IdAllocator(meta, CATALOG_ID_KEY, { first: FIRST_CATALOG_ID });
  const catalog = await Catalog.load({ store: meta, ids, clock: hybridClock }, { readOnly });
  const lane = readOnly ? await readLane(meta, LANE) : await bumpTerm(meta, LANE);
  return {
    hybridClock,
    catalog,
    lane,
    pointers: await ManifestPointers.load(meta, lane.term),
    autoIds: new IdAllocator(meta, AUTO_ID_KEY, { first: FIRST_AUTO_ID }),
    segmentIds: new SegmentIds(readOnly ? null : ids),
  };
}

async function openLog(
  world: World,
  options: EngineOptions,
  { lane: record, pointers }: Metadata,
): Promise<{ log: Log; tail: LogTail; lane: Lane }> {
  const { disk, clock, random, meta, logger } = world;
  const { durability, readOnly } = options;
  const fileBytesMax = (options.tuning ?? PRODUCTION_TUNING).logFileBytesMax;
  const log = fileLog({ disk, clock, random, durability, directory: LOG_DIRECTORY, fileBytesMax });
  const start = record.truncatedBefore;
  const tail = await log.tail(start);
  // What was once known to be in the log must not be behind its end; the log knows what may be missing there.
  const known = pointers.all.reduce(
    (end, one) => maxPosition(end, one.checkpoint),
    record.durableEnd,
  );
  if (comparePositions(tail.end, known) < 0) await log.tail(known);
  const writer = readOnly ? null : await log.open(record.term);
  const advanceStart = async (before: Position): Promise<void> => {
    await advanceTruncation(meta, LANE, { term: record.term, before });
  };
  return { log, tail, lane: new Lane({ log, writer, start, advanceStart, logger }) };
}

interface Roles {
  readonly node: StreamingNode;
  readonly shards: Shards;
  readonly mixCoordinator: MixCoordinator;
}

function wireRoles(
  world: World,
  options: EngineOptions,
  parts: Omit<Metadata, 'lane'> & { readonly lane: Lane },
): Roles {
  const { transport, readOnly, tuning = PRODUCTION_TUNING } = options;
  const { segmentIds } = parts;
  const store = diskStore(world.disk, '', world.random);
  const garbage = new GarbageCollector({ ...world, store, segmentIds });
  const node = new StreamingNode({
    ...world,
    ...parts,
    host: transport.segmentHost(new QueryHost({ store, ...world })),
    tasks: transport.taskRunner(new LocalTaskRunner({ store, ...world })),
    store,
    readOnly,
    tuning,
    collectGarbage: () => garbage.collect(node.leaders, node.orphanedSinceMs),
  });
  const shards = transport.shards(node);
  return { node, shards, mixCoordinator: new MixCoordinator({ ...parts, shards, readOnly }) };
}

async function checkReadable(world: World): Promise<void> {
  const record = await readClusterRecord(world.meta);
  if (record === null) {
    throw milvusError('IoKeyNotFound', { message: 'there is no database to read' });
  }
  assertFormatSupported(record, 'read');
}

async function replay(
  log: Log,
  to: { from: Position; node: StreamingNode; hybridClock: HybridClock; segmentIds: SegmentIds },
): Promise<number> {
  let records = 0;
  for await (const entry of log.read(to.from)) {
    await to.segmentIds.ensure();
    await to.node.replay(entry);
    assert(entry.timestamp <= to.hybridClock.last, 'no timestamp is given above its bound');
    records++;
  }
  return records;
}

async function endCleanly(of: {
  world: World;
  node: StreamingNode;
  lane: Lane;
  hybridClock: HybridClock;
}): Promise<void> {
  await of.node.close();
  const { end } = of.lane;
  await of.lane.seal();
  await recordDurableEnd(of.world.meta, LANE, end);
  await of.hybridClock.release();
}

/** A log without a record ends as cleanly as a sealed one. */
function isEmpty(tail: LogTail): boolean {
  return tail.end.term === 0 && tail.cutBytes === 0;
}
