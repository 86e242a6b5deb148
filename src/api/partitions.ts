/** The partitions of one collection, by name. */
import type { CallOptions, CollectionStatistics } from '../core/requests.ts';
import type { PartitionInfo } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import { DEFAULT_PARTITION_NAME } from '../schema/collection-schema.ts';
import { checkedCall } from './arguments.ts';
import { requireText, requireTexts } from './checks.ts';
import type { Session } from './session.ts';

/**
 * Named parts of a collection; `_default` is always there. A collection with a partition key spreads its
 * rows over partitions by itself and does not let you name them in reads and writes.
 */
export class Partitions {
  readonly #session: Session;
  readonly #collection: () => CollectionRef;

  /** Made by {@link Collection}. */
  constructor(session: Session, collection: () => CollectionRef) {
    this.#session = session;
    this.#collection = collection;
  }

  /** @throws MilvusError ParameterInvalid for a bad name */
  async create(name: string, options: CallOptions = {}): Promise<void> {
    await this.#session.service.createPartition(this.#partition(name), checkedCall(options));
  }

  /** Drops a partition and its rows; frees it first if it is loaded. */
  async drop(name: string, options: CallOptions = {}): Promise<void> {
    const { service } = this.#session;
    requireText('name', name);
    const { partitions, schema } = await service.describeCollection(
      this.#collection(),
      checkedCall(options),
    );
    const isKeyed = schema.fields.some(({ isPartitionKey }) => isPartitionKey);
    const isThere = partitions.some((partition) => partition.name === name);
    // What cannot be dropped anyway must not be released for it.
    if (isThere && !isKeyed && name !== DEFAULT_PARTITION_NAME) await this.release([name], options);
    await service.dropPartition(this.#partition(name), options);
  }

  async has(name: string, options: CallOptions = {}): Promise<boolean> {
    return await this.#session.service.hasPartition(this.#partition(name), checkedCall(options));
  }

  async list(options: CallOptions = {}): Promise<readonly PartitionInfo[]> {
    const info = await this.#session.service.describeCollection(
      this.#collection(),
      checkedCall(options),
    );
    return info.partitions;
  }

  /** Makes partitions readable again after `release`; reads do it by themselves. */
  async load(names: readonly string[], options: CallOptions = {}): Promise<void> {
    requireTexts('names', names);
    await this.#session.service.loadPartitions(
      { ...this.#collection(), partitionNames: names },
      checkedCall(options),
    );
  }

  /** Frees the memory of partitions, until they are loaded again: by `load`, or by a read of their rows. */
  async release(names: readonly string[], options: CallOptions = {}): Promise<void> {
    requireTexts('names', names);
    await this.#session.service.releasePartitions(
      { ...this.#collection(), partitionNames: names },
      checkedCall(options),
    );
  }

  /** Rows stored in a partition; deleted ones count until compaction takes them. */
  async stats(name: string, options: CallOptions = {}): Promise<CollectionStatistics> {
    return await this.#session.service.partitionStatistics(
      this.#partition(name),
      checkedCall(options),
    );
  }

  #partition(name: string): CollectionRef & { partitionName: string } {
    requireText('name', name);
    return { ...this.#collection(), partitionName: name };
  }
}
