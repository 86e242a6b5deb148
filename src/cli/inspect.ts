/** `mlite inspect`: what a database holds, read without changing it. */
import { canMap } from '../base/mapped-memory.ts';
import { isKeptInFile } from '../core/index-states.ts';
import { openDatabase } from '../core/open.ts';
import type { CollectionInfo, SegmentState, ShardState } from '../core/ports.ts';
import type { SnapshotInfo } from '../core/snapshot-ports.ts';
import type { Service } from '../core/service.ts';
import { readLane } from '../meta/lane-record.ts';
import { ManifestPointers } from '../meta/manifest-pointer.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { dataTypeName } from '../schema/data-type.ts';
import { formatPosition } from '../wal/position.ts';
import {
  databaseFiles,
  LANE,
  type LogFileState,
  logFiles,
  openMetaStore,
} from './database-files.ts';
import { formatBytes, formatCount, formatNumber, formatTable } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface SegmentReport {
  readonly id: number;
  readonly partition: string;
  readonly state: 'growing' | 'sealed';
  readonly level: number;
  readonly rowCount: number;
  readonly deletedCount: number;
  readonly byteLength: number;
  readonly bytesPerRow: number;
  readonly indexes: readonly SegmentIndexReport[];
}

/** An index that a segment has, beside its columns. */
export interface SegmentIndexReport {
  readonly name: string;
  readonly builtAs: string;
  readonly byteLength: number;
  readonly bytesPerRow: number;
  /** Where its bytes are while the database is open on this machine. */
  readonly kept: 'file' | 'memory';
}

export interface ShardReport {
  readonly shardId: number;
  readonly manifestVersion: number;
  /** `term/sequence/index` of the last log record that the manifest covers; null without a manifest. */
  readonly checkpoint: string | null;
  readonly segments: readonly SegmentReport[];
}

export interface CollectionReport {
  readonly database: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly isLoaded: boolean;
  readonly snapshots: readonly string[];
  readonly partitions: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly schemaVersion: number;
  readonly fields: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  readonly isDynamic: boolean;
  /** Deleted ones included. */
  readonly rowCount: number;
  readonly deletedCount: number;
  readonly byteLength: number;
  readonly bytesPerRow: number;
  readonly shards: readonly ShardReport[];
}

export interface InspectReport {
  readonly path: string;
  readonly databases: readonly string[];
  readonly collections: readonly CollectionReport[];
  readonly log: {
    readonly files: readonly LogFileState[];
    readonly byteLength: number;
    /** Highest term that opened it. */
    readonly term: number;
    /** Records before are in manifests. */
    readonly begin: string;
    readonly replayedRecords: number;
    readonly endsCleanly: boolean;
    /** Bytes behind the last whole block. */
    readonly cutBytes: number;
  };
}

export async function runInspect(options: {
  readonly terminal: Terminal;
  readonly path: string;
}): Promise<InspectReport> {
  const { terminal, path } = options;
  const { disk } = await databaseFiles(path);
  const meta = await openMetaStore(path);
  try {
    const pointers = await ManifestPointers.load(meta, 0);
    const lane = await readLane(meta, LANE);
    const database = await openDatabase(path, { readOnly: true });
    try {
      const { service, recovery } = database;
      const databases = await service.listDatabases();
      const collections = await collectionReports(
        service,
        databases.map(({ name }) => name),
        pointers,
      );
      const files = await logFiles(disk);
      const report: InspectReport = {
        path,
        databases: databases.map(({ name }) => name),
        collections,
        log: {
          files,
          byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
          term: lane.term,
          begin: formatPosition(lane.truncatedBefore),
          replayedRecords: recovery.replayedRecords,
          endsCleanly: recovery.cleanEnd,
          cutBytes: recovery.cutBytes,
        },
      };
      terminal.json(report);
      printReport(terminal, report);
      return report;
    } finally {
      await database.close();
    }
  } finally {
    await meta[Symbol.asyncDispose]();
  }
}

async function collectionReports(
  service: Service,
  databaseNames: readonly string[],
  pointers: ManifestPointers,
): Promise<CollectionReport[]> {
  const reports: CollectionReport[] = [];
  for (const databaseName of databaseNames) {
    for (const info of await service.listCollections(databaseName)) {
      const ref = { databaseName, collectionName: info.name };
      const states = await service.shardStates(ref);
      const snapshots = await service.snapshots.list(ref);
      reports.push(collectionReport(info, { states, snapshots, pointers }));
    }
  }
  return reports;
}

function collectionReport(
  info: CollectionInfo,
  of: {
    readonly states: readonly ShardState[];
    readonly snapshots: readonly SnapshotInfo[];
    readonly pointers: ManifestPointers;
  },
): CollectionReport {
  const shards = of.states.map((state) => {
    const pointer = of.pointers.current(info.id, state.shardId);
    return {
      shardId: state.shardId,
      manifestVersion: state.manifestVersion,
      checkpoint: pointer === null ? null : formatPosition(pointer.checkpoint),
      segments: state.segments.map((segment) => segmentReport(info, segment)),
    };
  });
  const segments = shards.flatMap((shard) => shard.segments);
  const rowCount = segments.reduce((sum, segment) => sum + segment.rowCount, 0);
  const byteLength = segments.reduce((sum, segment) => sum + segment.byteLength, 0);
  return {
    database: info.databaseName,
    name: info.name,
    aliases: info.aliases,
    isLoaded: info.loaded,
    snapshots: of.snapshots.map(({ name }) => name),
    partitions: info.partitions.map(({ name }) => name),
    properties: info.properties,
    schemaVersion: info.schema.version,
    fields: info.schema.fields
      .filter((field) => !field.isDynamic)
      .map((field) => ({ name: field.name, type: describeField(field) })),
    isDynamic: info.schema.enableDynamicField,
    rowCount,
    deletedCount: segments.reduce((sum, segment) => sum + segment.deletedCount, 0),
    byteLength,
    bytesPerRow: perRow(byteLength, rowCount),
    shards,
  };
}

function segmentReport(info: CollectionInfo, segment: SegmentState): SegmentReport {
  const { id, partitionId, state, level, rowCount, deletedCount, byteLength } = segment;
  const partition = info.partitions.find((one) => one.id === partitionId);
  return {
    id,
    state,
    level,
    rowCount,
    deletedCount,
    byteLength,
    partition: partition?.name ?? String(partitionId),
    bytesPerRow: perRow(byteLength, rowCount),
    indexes: indexReports(info, segment),
  };
}

function indexReports(collection: CollectionInfo, segment: SegmentState): SegmentIndexReport[] {
  return segment.indexes.map(({ indexId, fingerprint, byteLength }) => {
    const index = collection.indexes.find(({ id }) => id === indexId);
    const isInFile = index !== undefined && isKeptInFile(collection, index);
    return {
      name: index?.name ?? String(indexId),
      builtAs: fingerprint,
      byteLength,
      bytesPerRow: perRow(byteLength, segment.rowCount),
      kept: isInFile && canMap(process.execPath) ? 'file' : 'memory',
    };
  });
}

function perRow(byteLength: number, rowCount: number): number {
  return rowCount === 0 ? 0 : Math.round((byteLength / rowCount) * 10) / 10;
}

/** `VarChar(200) nullable`, `FloatVector(384)`, `Array<Int32>(8)`. */
function describeField(field: FieldSchema): string {
  const element = field.elementType === undefined ? '' : `<${dataTypeName(field.elementType)}>`;
  const bound = field.dim ?? field.maxCapacity ?? field.maxLength;
  return [
    `${dataTypeName(field.type)}${element}${bound === undefined ? '' : `(${bound})`}`,
    ...(field.isPrimaryKey ? ['primary key'] : []),
    ...(field.autoId ? ['generated'] : []),
    ...(field.isPartitionKey ? ['partition key'] : []),
    ...(field.isClusteringKey ? ['clustering key'] : []),
    ...(field.nullable ? ['nullable'] : []),
  ].join(' ');
}

function printReport(terminal: Terminal, report: InspectReport): void {
  const { log, collections } = report;
  terminal.line(
    `${terminal.style('bold', report.path)}  databases: ${report.databases.join(', ')}`,
  );
  for (const collection of collections) printCollection(terminal, collection);
  if (collections.length === 0) terminal.line('  no collections');
  terminal.line();
  const state = log.endsCleanly ? 'ends cleanly' : 'was not closed';
  const cut =
    log.cutBytes > 0 ? `, ${formatNumber(log.cutBytes, 'byte')} of an unfinished write` : '';
  terminal.line(
    `${terminal.style('bold', 'log')}  ${formatBytes(log.byteLength)} in ${formatNumber(log.files.length, 'file')}, ` +
      `term ${log.term}, from ${log.begin}, ${formatNumber(log.replayedRecords, 'record')} replayed, ${state}${cut}`,
  );
  const rows = log.files.map((file) => [file.name, formatBytes(file.byteLength)]);
  if (rows.length > 0) printTable(terminal, ['file', 'bytes'], rows);
}

function printCollection(terminal: Terminal, collection: CollectionReport): void {
  const { database, name, rowCount, deletedCount, byteLength } = collection;
  terminal.line();
  const aliases = collection.aliases.length === 0 ? '' : `, also ${collection.aliases.join(', ')}`;
  const dynamic = collection.isDynamic ? ', dynamic fields' : '';
  const loaded = collection.isLoaded ? '' : ', not loaded';
  terminal.line(
    `${terminal.style('bold', terminal.style('cyan', `${database}.${name}`))}${aliases}${loaded}`,
  );
  terminal.line(
    `  ${formatNumber(rowCount, 'row')} (${formatCount(deletedCount)} deleted), ${formatBytes(byteLength)}, ` +
      `${collection.bytesPerRow} bytes a row; schema version ${collection.schemaVersion}${dynamic}`,
  );
  if (collection.snapshots.length > 0) {
    terminal.line(`  snapshots: ${collection.snapshots.join(', ')}`);
  }
  for (const [key, value] of Object.entries(collection.properties)) {
    terminal.line(`  ${key} = ${value}`);
  }
  const fields = collection.fields.map((field) => [field.name, field.type]);
  printTable(terminal, ['field', 'type'], fields);
  for (const shard of collection.shards) {
    const checkpoint =
      shard.checkpoint === null ? 'no checkpoint' : `checkpoint ${shard.checkpoint}`;
    terminal.line(
      `  shard ${shard.shardId}: manifest version ${shard.manifestVersion}, ${checkpoint}`,
    );
    const segments = shard.segments.map((segment) => [
      String(segment.id),
      segment.partition,
      segment.state,
      segment.rowCount,
      segment.deletedCount,
      formatBytes(segment.byteLength),
      String(segment.bytesPerRow),
    ]);
    if (segments.length === 0) continue;
    const header = ['segment', 'partition', 'state', 'rows', 'deleted', 'bytes', 'a row'];
    printTable(terminal, header, segments);
    printIndexes(terminal, shard);
  }
}

function printIndexes(terminal: Terminal, { segments }: ShardReport): void {
  const rows = segments.flatMap(({ id, indexes }) =>
    indexes.map(({ name, builtAs, byteLength, bytesPerRow, kept }) => [
      String(id),
      name,
      builtAs,
      formatBytes(byteLength),
      String(bytesPerRow),
      kept,
    ]),
  );
  if (rows.length === 0) return;
  printTable(terminal, ['segment', 'index', 'built as', 'bytes', 'a row', 'kept in'], rows);
}

function printTable(
  terminal: Terminal,
  header: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | number>>,
): void {
  const [title = '', ...lines] = formatTable(header, rows);
  terminal.line(`    ${terminal.style('dim', title)}`);
  for (const line of lines) terminal.line(`    ${line}`);
}
