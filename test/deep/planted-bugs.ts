/**
 * Bugs of the kind that lose data, bring it back, or show half of it: each is one change to one source file, and
 * says what the simulations have to say of it.
 */

export interface PlantedBug {
  readonly name: string;
  /** Below src. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
  readonly says: RegExp;
  /** The scenario that is made for it, where random lives seldom come across it. */
  readonly near?: string;
}

/** Rows are not those that were acknowledged, or a search does not find them. */
const WRONG_ROWS =
  /(row|scores) .* (is missing|should not be|should be)|answered twice|count\(\*\) is/;
/** A file, or bytes of it, that something refers to are gone. */
const GONE = /object is missing|key not found|shorter than it was written/;
const DAMAGED_LOG = /log: .*data integrity check failed/;

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'));
}

const SYNC = 'await Promise.all([this.#file.sync(), this.#checkNotEnded()]);';

const log: readonly PlantedBug[] = [
  {
    name: 'the log is not synced',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await this.#checkNotEnded();',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
    near: 'inserts',
  },
  {
    name: 'writes are acknowledged before the sync is done',
    file: 'wal/log-writer.ts',
    from: SYNC,
    // A failure of it is told to nobody: by then the write is answered.
    to: 'this.#file.sync().catch(() => undefined); await this.#checkNotEnded();',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
  {
    name: 'a failed sync of the log is ignored',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await Promise.all([this.#file.sync().catch(() => undefined), this.#checkNotEnded()]);',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
  {
    name: 'a failed sync of the log is tried again',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await Promise.all([this.#file.sync().catch(() => this.#file.sync()), this.#checkNotEnded()]);',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
  {
    name: 'the name of a new log file is not synced',
    file: 'wal/log-writer.ts',
    from: '    await disk.syncDirectory(directory);\n',
    to: '',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
  {
    name: 'the end of the log is taken as durable after a failed sync',
    file: 'wal/file-log.ts',
    from: '      await file.write([tail.bytes], tail.offset);\n',
    to: '',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
  {
    name: 'the file of the last durable block is removed',
    file: 'wal/file-log.ts',
    from: 'return isBegun ? last : (files.at(-2) ?? last);',
    to: 'return isBegun ? last : last;',
    says: DAMAGED_LOG,
  },
  {
    name: 'removals of log files become durable in any order',
    file: 'wal/file-log.ts',
    from: 'throw error;\n    }\n    await this.#disk.syncDirectory(this.#directory);\n',
    to: 'throw error;\n    }\n',
    says: DAMAGED_LOG,
    near: 'several log files go at once',
  },
  {
    name: 'a new term begins one block too early',
    file: 'wal/file-log.ts',
    from: 'return { term, sequence, firstSequence: end.file.firstSequence, byteLength };',
    to: 'return { term, sequence: Math.max(1, sequence - 1), firstSequence: end.file.firstSequence, byteLength };',
    says: DAMAGED_LOG,
  },
  {
    name: 'the checksum of a block is not looked at',
    file: 'wal/block.ts',
    from: "return crc32(body) === header.bodyChecksum ? null : 'bad body checksum';",
    to: "return crc32(body) >= 0 ? null : 'bad body checksum';",
    says: anyOf(WRONG_ROWS, /log record: .*data integrity check failed/),
    near: 'inserts',
  },
  {
    name: 'log files are removed before it is recorded where the log begins',
    file: 'core/lane.ts',
    from: '    await this.#deps.advanceStart(before);\n',
    to: '    await this.#deps.log.truncate(before);\n    await this.#deps.advanceStart(before);\n',
    says: DAMAGED_LOG,
  },
  {
    name: 'the log forgets what is not flushed',
    file: 'core/streaming-node.ts',
    from: 'if (firstUnflushed === null) continue;',
    to: 'if (firstUnflushed !== undefined) continue;',
    says: anyOf(WRONG_ROWS, DAMAGED_LOG),
  },
];

const segments: readonly PlantedBug[] = [
  {
    name: 'objects are not synced',
    file: 'storage/disk-store.ts',
    from: '    await file.sync();\n    await file.close();\n    await publish();',
    to: '    await file.close();\n    await publish();',
    says: anyOf(GONE, /checksum|data integrity check failed/),
    near: 'flush',
  },
  {
    name: 'names of objects are not synced',
    file: 'storage/disk-store.ts',
    from: '      await this.#disk.rename(temporary, path);\n      await this.#disk.syncDirectory(directoryOf(path));',
    to: '      await this.#disk.rename(temporary, path);',
    says: GONE,
    near: 'flush',
  },
  {
    name: 'a manifest becomes the truth before it is durable',
    file: 'segments/manifest.ts',
    from: '    await writer.commit();\n',
    to: '    void writer.commit().catch(() => undefined);\n',
    says: GONE,
  },
  {
    name: 'the log is cut before the manifest is the truth',
    file: 'core/shard-flush.ts',
    from: '      await manifest.commit(edit,',
    to: '      leader.markFlushed(cut.position);\n      await deps.lane.truncate(cut.position);\n      await manifest.commit(edit,',
    says: WRONG_ROWS,
  },
  {
    name: 'a flush loses deletes of sealed rows',
    file: 'core/shard-flush.ts',
    from: '        deletes,\n',
    to: '        deletes: new Map(),\n',
    says: WRONG_ROWS,
    near: 'flush with deletes of both kinds',
  },
  {
    name: 'a flush moves the checkpoint past writes that came meanwhile',
    file: 'core/shard-flush.ts',
    from: 'leader.markFlushed(cut.position);',
    to: 'leader.markFlushed({ ...cut.position, sequence: cut.position.sequence + 1 });',
    says: WRONG_ROWS,
  },
  {
    name: 'a flush forgets deletes that a compaction still needs',
    file: 'core/shard-flush.ts',
    from: 'leader.forgetUntil(cut.timestamp)',
    to: 'cut.timestamp',
    says: WRONG_ROWS,
    near: 'flushes while a compaction runs',
  },
  {
    name: 'rows leave memory before a manifest has them',
    file: 'core/shard-flush.ts',
    from: 'await manifest.commit(edit, () => growing.drop(cut.frozen));',
    to: 'growing.drop(cut.frozen);\n      await manifest.commit(edit, () => undefined);',
    says: WRONG_ROWS,
  },
  {
    name: 'a sealed segment misses what came while it was written',
    file: 'core/shard-flush.ts',
    from: 'appliedTimestamp: cut.timestamp }',
    to: 'appliedTimestamp: leader.appliedTimestamp }',
    says: WRONG_ROWS,
  },
  {
    name: 'a compaction forgets deletes of its inputs',
    file: 'core/shard-compaction.ts',
    from: '        deletes: deletes.get(info.id) ?? info.deletes,\n      }));\n      return { infos, timestamp };',
    to: '        deletes: null,\n      }));\n      return { infos, timestamp };',
    says: WRONG_ROWS,
  },
];

const recovery: readonly PlantedBug[] = [
  {
    name: 'replay begins a block too late',
    file: 'core/shard-leader.ts',
    from: 'comparePositions(entry.position, checkpoint) <= 0) return;',
    to: 'entry.position.sequence <= checkpoint.sequence + 1) return;',
    says: WRONG_ROWS,
  },
  {
    name: 'replay applies again what the manifest covers',
    file: 'core/shard-leader.ts',
    from: 'comparePositions(entry.position, checkpoint) <= 0) return;',
    to: 'comparePositions(entry.position, checkpoint) < -1) return;',
    says: WRONG_ROWS,
  },
  {
    name: 'half a batch is replayed',
    file: 'core/shard-leader.ts',
    from: 'await this.#apply(message, entry.timestamp, entry.position);',
    to: "await this.#apply('rows' in message ? { ...message, rows: message.rows.slice(0, 1) } : message, entry.timestamp, entry.position);",
    says: WRONG_ROWS,
    near: 'partition key',
  },
  {
    name: 'timestamps go back when the database opens again',
    file: 'meta/hybrid-clock.ts',
    from: 'return new HybridClock(options, bound);',
    to: 'return new HybridClock(options, bound - bound);',
    says: anyOf(/no timestamp is given above its bound/, WRONG_ROWS),
  },
  {
    name: 'ids are given again',
    file: 'meta/ids.ts',
    from: "start = current?.big('next') ?? this.#first;",
    to: 'start = current === null ? this.#first : this.#first;',
    says: WRONG_ROWS,
    near: 'auto ids',
  },
  {
    name: 'a dropped partition comes back',
    file: 'core/shard-manifest.ts',
    from: 'this.#livingPartitions?.has(info.partitionId) === false',
    to: 'this.#livingPartitions?.has(info.partitionId) === undefined',
    says: /row .* should not be/,
    near: 'drop a partition with sealed rows',
  },
  {
    name: 'rows of a dropped partition superseded nothing',
    file: 'core/shard-leader.ts',
    from: 'const keys = keysOfRows(message.rows, this.primaryField);',
    to: 'const keys = keysOfRows(rows, this.primaryField);',
    says: WRONG_ROWS,
    near: 'a dropped partition had taken rows over',
  },
  {
    name: 'a truncation that began counts on some shards only',
    file: 'core/coordinator.ts',
    from: 'truncatedTimestamp: record.truncatedTimestamp,',
    to: 'truncatedTimestamp: 0n,',
    says: WRONG_ROWS,
    near: 'truncate growing and sealed rows',
  },
  {
    name: 'a partial upsert does not wait for the writes before it',
    file: 'core/shard-leader.ts',
    from: 'Promise<readonly PartitionRows[]> {\n    await this.#appliedTail;\n',
    to: 'Promise<readonly PartitionRows[]> {\n',
    says: WRONG_ROWS,
  },
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...log, ...segments, ...recovery];
