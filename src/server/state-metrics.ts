/**
 * What the server tells of its state when it is asked, by Milvus's names. Source: Milvus
 * `pkg/metrics/rootcoord_metrics.go`, `datacoord_metrics.go`, `querynode_metrics.go`.
 */
import type { Clock } from '../base/clock.ts';
import { MilvusError } from '../base/errors.ts';
import type { CollectionInfo, SegmentState } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { NODE_ID } from './call-metrics.ts';
import type { MetricName, MetricRegistry, Reading } from './metric-registry.ts';
import type { ServerFacts } from './server-facts.ts';

/** More are counted, but not looked into. */
const COLLECTIONS_MAX = 1000;
/** One look serves all gauges of one request. */
const FRESH_MS = 1000;

interface Place {
  readonly db_name: string;
  readonly collection_name: string;
  readonly collection_id: string;
}

interface Look {
  readonly databaseCount: number;
  readonly collections: readonly CollectionInfo[];
  /** Of those that were looked into. */
  readonly segments: readonly (readonly [CollectionInfo, readonly SegmentState[]])[];
}

export interface StateDeps {
  readonly service: Service;
  readonly facts: ServerFacts;
  readonly clock: Clock;
}

export function addStateMetrics(
  registry: MetricRegistry,
  { service, facts, clock }: StateDeps,
): void {
  const look = recent(async () => await lookAround(service), clock);
  for (const { read, ...metric } of [...CATALOG_GAUGES, ...SEGMENT_GAUGES]) {
    registry.gauge(metric, async () => read(await look()));
  }
  const { version } = facts;
  registry.gauge(
    { name: 'build_info', help: 'Build information of milvus', labels: ['version', 'built'] },
    () => Promise.resolve([{ labels: { version, built: '' }, value: 1 }]),
  );
  registry.gauge(
    { name: 'num_node', help: 'number of nodes and coordinates', labels: ['node_id', 'role_name'] },
    () => Promise.resolve([{ labels: { ...NODE, role_name: 'standalone' }, value: 1 }]),
  );
}

interface Gauge extends MetricName {
  readonly read: (state: Look) => readonly Reading[];
}

const NODE = { node_id: NODE_ID };
const PLACE = ['db_name', 'collection_id', 'collection_name'];

const CATALOG_GAUGES: readonly Gauge[] = [
  {
    name: 'rootcoord_database_num',
    help: 'number of database',
    labels: [],
    read: ({ databaseCount }) => [{ labels: {}, value: databaseCount }],
  },
  {
    name: 'rootcoord_collection_num',
    help: 'number of collections',
    labels: ['db_name'],
    read: ({ collections }) =>
      sums(
        collections,
        ({ databaseName }) => ({ db_name: databaseName }),
        () => 1,
      ),
  },
  {
    name: 'rootcoord_partition_num',
    help: 'number of partitions',
    labels: [],
    read: ({ collections }) =>
      sums(
        collections,
        () => ({}),
        ({ partitions }) => partitions.length,
      ),
  },
  {
    name: 'querynode_collection_num',
    help: 'number of collections loaded',
    labels: ['node_id'],
    read: ({ collections }) =>
      sums(
        collections,
        () => NODE,
        ({ loaded }) => (loaded ? 1 : 0),
      ),
  },
];

/** By collection and state of the segment. */
function segmentGauge(
  [name, help]: readonly [string, string],
  valueOf: (segment: SegmentState) => number,
): Gauge {
  const isNodes = name.startsWith('querynode');
  return {
    name,
    help,
    labels: [...PLACE, ...(isNodes ? ['node_id'] : []), 'segment_state'],
    read: ({ segments }) =>
      ofSegments(
        segments,
        (segment) => ({ ...(isNodes ? NODE : {}), segment_state: stateWord(segment) }),
        valueOf,
      ),
  };
}

const SEGMENT_GAUGES: readonly Gauge[] = [
  segmentGauge(['querynode_entity_num', 'number of entities which can be searched'], liveRows),
  segmentGauge(['querynode_segment_num', 'number of segments'], () => 1),
  segmentGauge(['datacoord_stored_rows_num', 'number of stored rows'], ({ rowCount }) => rowCount),
  segmentGauge(['datacoord_stored_binlog_size', 'bytes stored'], ({ byteLength }) => byteLength),
  segmentGauge(['datacoord_stored_index_files_size', 'bytes of index files'], ({ indexes }) =>
    indexes.reduce((sum, { byteLength }) => sum + byteLength, 0),
  ),
];

function stateWord({ state }: SegmentState): string {
  return state === 'sealed' ? 'Flushed' : 'Growing';
}

function liveRows({ rowCount, deletedCount }: SegmentState): number {
  return rowCount - deletedCount;
}

/** What was seen a moment ago, else a new look; several askers share one. */
function recent<T>(look: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: { readonly atMs: number; readonly seen: Promise<T> } | null = null;
  return async () => {
    const nowMs = clock.monotonicMs();
    if (last === null || nowMs - last.atMs > FRESH_MS) last = { atMs: nowMs, seen: look() };
    return await last.seen;
  };
}

async function lookAround(service: Service): Promise<Look> {
  const databases = await service.listDatabases();
  const collections: CollectionInfo[] = [];
  for (const { name } of databases) collections.push(...(await service.listCollections(name)));
  const segments: (readonly [CollectionInfo, readonly SegmentState[]])[] = [];
  for (const collection of collections.slice(0, COLLECTIONS_MAX)) {
    segments.push([collection, await segmentsOf(service, collection)]);
  }
  return { databaseCount: databases.length, collections, segments };
}

/** None of a collection that is dropped meanwhile. */
async function segmentsOf(
  service: Service,
  { databaseName, name }: CollectionInfo,
): Promise<readonly SegmentState[]> {
  try {
    const shards = await service.shardStates({ databaseName, collectionName: name });
    return shards.flatMap(({ segments }) => segments);
  } catch (failure) {
    if (failure instanceof MilvusError && failure.kind === 'NotFound') return [];
    throw failure;
  }
}

type Labels = Reading['labels'];

/** The sum of those with the same labels. */
function sums<T>(
  all: readonly T[],
  labelsOf: (one: T) => Labels,
  valueOf: (one: T) => number,
): readonly Reading[] {
  const readings = new Map<string, { labels: Labels; value: number }>();
  for (const one of all) {
    const labels = labelsOf(one);
    const key = JSON.stringify(labels);
    const reading = readings.get(key) ?? { labels, value: 0 };
    reading.value += valueOf(one);
    readings.set(key, reading);
  }
  return [...readings.values()];
}

function ofSegments(
  segments: Look['segments'],
  labelsOf: (one: SegmentState) => Labels,
  valueOf: (one: SegmentState) => number,
): readonly Reading[] {
  return segments.flatMap(([collection, own]) => {
    const place: Place = {
      db_name: collection.databaseName,
      collection_name: collection.name,
      collection_id: String(collection.id),
    };
    return sums(own, (one) => ({ ...place, ...labelsOf(one) }), valueOf);
  });
}
