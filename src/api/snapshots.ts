/** The snapshots of one collection, by name. */
import type { RestoreJob } from '../core/frontend-snapshots.ts';
import type { CollectionRef } from '../core/references.ts';
import type { SnapshotInfo } from '../core/snapshot-ports.ts';
import type { CallOptions } from '../core/requests.ts';
import { CALL_MEMBERS, callOf, checkedCall } from './arguments.ts';
import { type Members, requireMembers, requireText } from './checks.ts';
import type { Session } from './session.ts';

export interface SnapshotOptions extends CallOptions {
  /** At most 1,024 bytes. */
  readonly description?: string;
  /** False: only rows that are in segments already, as the server does it. Default: true. */
  readonly flush?: boolean;
  /** Seconds, up to a week, for which the segments are not compacted, so that no room is taken twice. Default: 0. */
  readonly protectSeconds?: number;
}

export interface RestoreOptions extends CallOptions {
  /** Of the new collection. Default: that of the old one. */
  readonly database?: string;
}

export interface PinOptions extends CallOptions {
  /** Seconds after which the pin is gone, up to thirty days. Default: 0, it stays until `unpin`. */
  readonly ttlSeconds?: number;
}

const SNAPSHOT_MEMBERS: Members<SnapshotOptions> = {
  ...CALL_MEMBERS,
  description: true,
  flush: true,
  protectSeconds: true,
};
const RESTORE_MEMBERS: Members<RestoreOptions> = { ...CALL_MEMBERS, database: true };
const PIN_MEMBERS: Members<PinOptions> = { ...CALL_MEMBERS, ttlSeconds: true };

/**
 * A snapshot is what a collection was at one moment, on every shard: durable, and made without copying anything.
 * The files of rows that are deleted or compacted since stay as long as it is there.
 * @example
 *   await books.snapshots.create('before');
 *   await books.delete({ filter: 'year < 1950' });
 *   await books.snapshots.restore('before', 'books_as_they_were');
 */
export class Snapshots {
  readonly #session: Session;
  readonly #collection: () => CollectionRef;

  /** Made by {@link Collection}. */
  constructor(session: Session, collection: () => CollectionRef) {
    this.#session = session;
    this.#collection = collection;
  }

  /** @throws MilvusError ParameterInvalid for a name that is taken or cannot be one */
  async create(name: string, options: SnapshotOptions = {}): Promise<SnapshotInfo> {
    requireMembers('options', options, SNAPSHOT_MEMBERS);
    const { description = '', flush = true, protectSeconds: protectionSeconds = 0 } = options;
    const request = { ...this.#named(name), description, flush, protectionSeconds };
    return await this.#session.service.snapshots.create(request, callOf(options));
  }

  /** In the order in which they were made. */
  async list(options: CallOptions = {}): Promise<readonly SnapshotInfo[]> {
    return await this.#session.service.snapshots.list(this.#collection(), checkedCall(options));
  }

  /** @throws MilvusError SnapshotNotFound */
  async describe(name: string, options: CallOptions = {}): Promise<SnapshotInfo> {
    return await this.#session.service.snapshots.describe(this.#named(name), checkedCall(options));
  }

  /**
   * Makes a collection of what the snapshot holds: rows, schema, partitions, indexes and properties. Files are
   * shared, not copied. Open it by `db.collection(target)`.
   * @throws MilvusError SnapshotNotFound; ParameterInvalid when there is a collection of that name
   */
  async restore(name: string, target: string, options: RestoreOptions = {}): Promise<RestoreJob> {
    requireMembers('options', options, RESTORE_MEMBERS);
    requireText('target', target);
    const ref = this.#named(name);
    const { database: targetDatabaseName = ref.databaseName } = options;
    const request = { ...ref, targetDatabaseName, targetName: target };
    return await this.#session.service.snapshots.restore(request, callOf(options));
  }

  /** One that is not there is no error. @throws MilvusError SnapshotPinned */
  async drop(name: string, options: CallOptions = {}): Promise<void> {
    await this.#session.service.snapshots.drop(this.#named(name), checkedCall(options));
  }

  /** Keeps a snapshot from being dropped. @returns the id of the pin, for `unpin` */
  async pin(name: string, options: PinOptions = {}): Promise<number> {
    requireMembers('options', options, PIN_MEMBERS);
    const request = { ...this.#named(name), ttlSeconds: options.ttlSeconds ?? 0 };
    return await this.#session.service.snapshots.pin(request, callOf(options));
  }

  /** A pin that is not there is no error. */
  async unpin(pinId: number, options: CallOptions = {}): Promise<void> {
    await this.#session.service.snapshots.unpin({ pinId }, checkedCall(options));
  }

  #named(name: string): CollectionRef & { readonly snapshotName: string } {
    requireText('name', name);
    return { ...this.#collection(), snapshotName: name };
  }
}
