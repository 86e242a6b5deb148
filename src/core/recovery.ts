/**
 * Opening a database after whatever happened before, from top to bottom.
 *
 * Nothing is deleted here. What is found damaged is refused with its place; the only thing ever cut is
 * the unfinished end of a log that was not closed, which holds no acknowledged write. After a clean end
 * nothing is written either: everything that is read is durable by then, and the lock of the directory
 * keeps others away, so that a term of one's own is taken with the first append.
 */
import { randomName } from '../base/random.ts';
import { assert } from '../base/assert.ts';
import { milvusError, toMilvusError } from '../base/errors.ts';
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
import { DeferredWriter } from '../wal/deferred-writer.ts';
import type { Log, LogTail, LogWriter } from '../wal/log.ts';
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
import { SnapshotObjects } from './snapshot-objects.ts';
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
  if (readOnly) await world.pinManifests(metadata.pointers.all.map(({ manifest }) => manifest.key));

  // 3. The roles, wired to each other over the log, of which nothing was read yet.
  const { log, writer, lane } = openLog(world, options, metadata);
  const { node, shards, mixCoordinator } = wireRoles(world, options, { ...metadata, lane });
  for (const collection of mixCoordinator.collections()) {
    for (const shardId of collection.shardIds) node.open(collection, shardId);
  }

  // 4. Every record that no manifest covers is applied again, in the order of the log, up to its end.
  const replayedFrom = lane.start;
  const { tail, replayedRecords } = await replay(log, { ...metadata, from: replayedFrom, node });
  await checkEndReached(log, tail, metadata);
  lane.measured(tail.heldBytes);

  // 5. After an unclean end: a new term fences whoever wrote before, and makes what was read durable.
  const cleanEnd = tail.sealed || isEmpty(tail);
  writer?.foundEnd(tail.end);
  try {
    if (!cleanEnd) await writer?.begin();
    node.recovered(metadata.hybridClock.last);
    if (!readOnly) await mixCoordinator.finishDrops();
  } catch (failure) {
    // Flushes are under way perhaps, and the directory is another's from here on.
    await node.maintenance.stop();
    await log[Symbol.asyncDispose]();
    throw failure;
  }

  // 6. Serve.
  const coordinator = options.transport.coordinator(mixCoordinator);
  const lifecycle = new Lifecycle({ readOnly });
  const service = new Frontend({ coordinator, shards, clock, random, lifecycle });
  const shutDown = async (): Promise<void> => {
    try {
      if (writer !== null) await endCleanly({ world, node, lane, writer, ...metadata });
    } finally {
      await log[Symbol.asyncDispose]();
    }
  };
  const tookMs = clock.monotonicMs() - startedMs;
  const recovery = { cleanEnd, replayedRecords, replayedFrom, cutBytes: tail.cutBytes, tookMs };
  return { service, recovery, close: () => lifecycle.close(shutDown) };
}

interface Metadata {
  readonly hybridClock: HybridClock;
  readonly catalog: Catalog;
  readonly laneRecord: LaneRecord;
  /** That this process appends in; taken with the first append. */
  readonly term: number;
  readonly pointers: ManifestPointers;
  readonly autoIds: IdAllocator;
  readonly segmentIds: SegmentIds;
}

async function openMetadata({ meta, clock }: World, readOnly: boolean): Promise<Metadata> {
  const key = clockKey(LANE);
  const hybridClock = await HybridClock.load({ clock, store: meta, key, readOnly });
  const ids = new IdAllocator(meta, CATALOG_ID_KEY, { first: FIRST_CATALOG_ID });
  const catalog = await Catalog.load({ store: meta, ids, clock: hybridClock }, { readOnly });
  const laneRecord = await readLane(meta, LANE);
  const term = laneRecord.term + 1;
  return {
    hybridClock,
    catalog,
    laneRecord,
    term,
    pointers: await ManifestPointers.load(meta, term),
    autoIds: new IdAllocator(meta, AUTO_ID_KEY, { first: FIRST_AUTO_ID }),
    segmentIds: new SegmentIds(readOnly ? null : ids),
  };
}

function openLog(
  world: World,
  options: EngineOptions,
  { laneRecord, term }: Metadata,
): { log: Log; writer: DeferredWriter | null; lane: Lane } {
  const { disk, clock, random, meta, logger } = world;
  const { durability, readOnly } = options;
  const fileBytesMax = (options.tuning ?? PRODUCTION_TUNING).logFileBytesMax;
  const log = fileLog({ disk, clock, random, durability, directory: LOG_DIRECTORY, fileBytesMax });
  const start = laneRecord.truncatedBefore;
  const open = async (end: Position): Promise<LogWriter> => {
    const taken = await bumpTerm(meta, LANE);
    if (taken.term !== term) throw openedByAnother(taken.term, term);
    return await log.open(term, end);
  };
  const writer = readOnly ? null : new DeferredWriter({ term, end: start, open });
  const advanceStart = async (before: Position): Promise<void> => {
    // A seal that was read need not be durable: the new term makes it so before anything is removed.
    await writer?.begin();
    await advanceTruncation(meta, LANE, { term, before });
  };
  return { log, writer, lane: new Lane({ log, writer, start, advanceStart, logger }) };
}

/**
 * What was once known to be in the log must not be behind its end, nor the log ahead of its record.
 * @throws MilvusError DataIntegrity, ChannelMisrouted
 */
async function checkEndReached(log: Log, tail: LogTail, found: Metadata): Promise<void> {
  const { pointers, laneRecord } = found;
  const known = pointers.all.reduce(
    (end, one) => maxPosition(end, one.checkpoint),
    laneRecord.durableEnd,
  );
  // The log knows what may be missing there.
  if (comparePositions(tail.end, known) < 0) await log.tail(known);
  if (tail.end.term > laneRecord.term) throw openedByAnother(tail.end.term, laneRecord.term);
}

function openedByAnother(term: number, own: number): Error {
  return milvusError('ChannelMisrouted', {
    message: 'the log was opened by another',
    fields: { lane: LANE, term, own },
  });
}

interface Roles {
  readonly node: StreamingNode;
  readonly shards: Shards;
  readonly mixCoordinator: MixCoordinator;
}

function wireRoles(
  world: World,
  options: EngineOptions,
  parts: Metadata & { readonly lane: Lane },
): Roles {
  const { transport, readOnly, tuning = PRODUCTION_TUNING } = options;
  const { segmentIds } = parts;
  const store = diskStore(world.disk, '', world.random);
  const snapshotObjects = new SnapshotObjects(parts.catalog, world.clock, store);
  const pinnedManifests = async (): Promise<readonly string[] | null> => {
    const ofReaders = await world.pinnedManifests();
    if (ofReaders === null) return null;
    // A snapshot may have been restored and dropped since the leaders were looked at.
    const ofShards = parts.pointers.all.map(({ manifest }) => manifest.key);
    return [...ofReaders, ...snapshotObjects.manifestKeys(), ...ofShards];
  };
  const garbage = new GarbageCollector({ ...world, store, segmentIds, pinnedManifests });
  const node = new StreamingNode({
    ...world,
    ...parts,
    host: transport.segmentHost(new QueryHost({ store, ...world, ...tuning })),
    tasks: transport.taskRunner(new LocalTaskRunner({ store, ...world })),
    store,
    snapshotObjects,
    readOnly,
    tuning,
    collectGarbage: () => garbage.collect(node),
  });
  const shards = transport.shards(node);
  const { clock } = world;
  const ofCoordinator = { ...parts, shards, readOnly, clock, snapshotObjects };
  return { node, shards, mixCoordinator: new MixCoordinator(ofCoordinator) };
}

async function checkReadable(world: World): Promise<void> {
  const record = await readClusterRecord(world.meta);
  if (record === null) {
    throw milvusError('IoKeyNotFound', { message: 'there is no database to read' });
  }
  assertFormatSupported(record, 'read');
}

/** Once through the log: @returns what was found at its end */
async function replay(
  log: Log,
  to: { from: Position; node: StreamingNode; hybridClock: HybridClock; segmentIds: SegmentIds },
): Promise<{ tail: LogTail; replayedRecords: number }> {
  const entries = log.read(to.from);
  let replayedRecords = 0;
  for (let next = await entries.next(); ; next = await entries.next()) {
    if (next.done === true) return { tail: next.value, replayedRecords };
    await to.segmentIds.ensure();
    await to.node.replay(next.value);
    assert(next.value.timestamp <= to.hybridClock.last, 'no timestamp is given above its bound');
    replayedRecords++;
  }
}

async function endCleanly(of: {
  world: World;
  node: StreamingNode;
  lane: Lane;
  writer: DeferredWriter;
  hybridClock: HybridClock;
}): Promise<void> {
  await of.node.close();
  const { end } = of.lane;
  await of.lane.seal();
  await recordDurableEnd(of.world.meta, LANE, end);
  await of.hybridClock.release();
  if (!of.writer.hasBegun) return;
  try {
    await of.lane.forget();
  } catch (thrown) {
    // It is removed with the next truncation.
    const { code, message } = toMilvusError(thrown);
    of.world.logger.warn({ code, message }, 'closed with more log than is needed');
  }
}

/** A log without a record ends as cleanly as a sealed one. */
function isEmpty(tail: LogTail): boolean {
  return tail.end.term === 0 && tail.cutBytes === 0;
}
