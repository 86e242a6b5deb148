/** Bugs of the kind that lose data, each as one change to one source file. */

export interface PlantedBug {
  readonly name: string;
  /** Below src. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
}

const SYNC = 'await Promise.all([this.#file.sync(), this.#checkNotEnded()]);';

const log: readonly PlantedBug[] = [
  {
    name: 'the log is not synced',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await this.#checkNotEnded();',
  },
  {
    name: 'writes are acknowledged before the sync is done',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'this.#file.sync().catch(() => undefined); await this.#checkNotEnded();',
  },
  {
    name: 'a failed sync of the log is ignored',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await Promise.all([this.#file.sync().catch(() => undefined), this.#checkNotEnded()]);',
  },
  {
    name: 'a failed sync of the log is tried again',
    file: 'wal/log-writer.ts',
    from: SYNC,
    to: 'await Promise.all([this.#file.sync().catch(() => this.#file.sync()), this.#checkNotEnded()]);',
  },
  {
    name: 'the name of a new log file is not synced',
    file: 'wal/log-writer.ts',
    from: '    await disk.syncDirectory(directory);\n',
    to: '',
  },
  {
    name: 'the end of the log is taken as durable after a failed sync',
    file: 'wal/file-log.ts',
    from: '      await file.write([tail.bytes], tail.offset);\n',
    to: '',
  },
  {
    name: 'the file of the last durable block is removed',
    file: 'wal/file-log.ts',
    from: 'return isBegun ? last : (files.at(-2) ?? last);',
    to: 'return isBegun ? last : last;',
  },
  {
    name: 'a new term begins one block too early',
    file: 'wal/file-log.ts',
    from: 'return { term, sequence, firstSequence: end.file.firstSequence, byteLength };',
    to: 'return { term, sequence: Math.max(1, sequence - 1), firstSequence: end.file.firstSequence, byteLength };',
  },
  {
    name: 'the checksum of a block is not looked at',
    file: 'wal/block.ts',
    from: "return crc32(body) === header.bodyChecksum ? null : 'bad body checksum';",
    to: "return crc32(body) >= 0 ? null : 'bad body checksum';",
  },
  {
    name: 'log files are removed before it is recorded where the log begins',
    file: 'core/lane.ts',
    from: '    await this.#deps.advanceStart(before);\n',
    to: '    await this.#deps.log.truncate(before);\n    await this.#deps.advanceStart(before);\n',
  },
  {
    name: 'the log forgets what is not flushed',
    file: 'core/streaming-node.ts',
    from: 'if (firstUnflushed === null) continue;',
    to: 'if (firstUnflushed !== undefined) continue;',
  },
];

const segments: readonly PlantedBug[] = [
  {
    name: 'objects are not synced',
    file: 'storage/disk-store.ts',
    from: '    await file.sync();\n    await file.close();\n    await publish();',
    to: '    await file.close();\n    await publish();',
  },
  {
    name: 'names of objects are not synced',
    file: 'storage/disk-store.ts',
    from: '      await this.#disk.rename(temporary, path);\n      await this.#disk.syncDirectory(directoryOf(path));',
    to: '      await this.#disk.rename(temporary, path);',
  },
  {
    name: 'the log is cut before the manifest is the truth',
    file: 'core/shard-flush.ts',
    from: '      await manifest.commit(edit,',
    to: '      leader.markFlushed(cut.position);\n      await deps.lane.truncate(cut.position);\n      await manifest.commit(edit,',
  },
  {
    name: 'a flush loses deletes of sealed rows',
    file: 'core/shard-flush.ts',
    from: '        deletes,\n',
    to: '        deletes: new Map(),\n',
  },
  {
    name: 'a compaction forgets deletes of its inputs',
    file: 'core/shard-compaction.ts',
    from: '        deletes: deletes.get(info.id) ?? info.deletes,\n      }));\n      return { infos, timestamp };',
    to: '        deletes: null,\n      }));\n      return { infos, timestamp };',
  },
  {
    name: 'a flush moves the checkpoint past writes that came meanwhile',
    file: 'core/shard-flush.ts',
    from: 'leader.markFlushed(cut.position);',
    to: 'leader.markFlushed({ ...cut.position, sequence: cut.position.sequence + 1 });',
  },
];

const recovery: readonly PlantedBug[] = [
  {
    name: 'replay begins a block too late',
    file: 'core/shard-leader.ts',
    from: 'comparePositions(entry.position, checkpoint) <= 0) return;',
    to: 'entry.position.sequence <= checkpoint.sequence + 1) return;',
  },
  {
    name: 'replay applies again what the manifest covers',
    file: 'core/shard-leader.ts',
    from: 'comparePositions(entry.position, checkpoint) <= 0) return;',
    to: 'comparePositions(entry.position, checkpoint) < -1) return;',
  },
  {
    name: 'half a batch is replayed',
    file: 'core/shard-leader.ts',
    from: 'return rows.filter(({ partitionId }) => living.has(partitionId));',
    to: 'return rows.filter(({ partitionId }) => living.has(partitionId)).slice(0, 1);',
  },
  {
    name: 'timestamps go back when the database opens again',
    file: 'meta/hybrid-clock.ts',
    from: 'return new HybridClock(options, bound);',
    to: 'return new HybridClock(options, bound - bound);',
  },
  {
    name: 'ids are given again',
    file: 'meta/ids.ts',
    from: "start = current?.big('next') ?? this.#first;",
    to: 'start = current === null ? this.#first : this.#first;',
  },
  {
    name: 'a dropped partition comes back',
    file: 'core/shard-manifest.ts',
    from: 'this.#livingPartitions?.has(info.partitionId) === false',
    to: 'this.#livingPartitions?.has(info.partitionId) === undefined',
  },
  {
    name: 'rows of a dropped partition superseded nothing',
    file: 'core/shard-leader.ts',
    from: 'const keys = this.#keysOfRows(message.rows);',
    to: 'const keys = this.#keysOfRows(rows);',
  },
  {
    name: 'a truncation is forgotten when the database opens again',
    file: 'core/shard-leader.ts',
    from: 'if (entry.timestamp <= this.#collection.truncatedTimestamp) return;',
    to: '',
  },
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...log, ...segments, ...recovery];
