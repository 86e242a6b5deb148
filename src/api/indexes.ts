/** The indexes of one collection, by name. */
import { must } from '../base/assert.ts';
import type { CollectionRef } from '../core/references.ts';
import type { CallOptions } from '../core/requests.ts';
import { CHANGE_MEMBERS, checkedCall } from './arguments.ts';
import { propertyTexts, requireMembers, requireText, requireTexts } from './checks.ts';
import { type IndexOptions, indexRequest } from './index-options.ts';
import type { ScalarIndexOptions } from './scalar-index-options.ts';
import type { IndexDescription, PropertyChanges } from './requests.ts';
import type { Session } from './session.ts';

/**
 * At most one index for a field, of JSON one for each path. That of a vector field decides how a search is done,
 * and by which metric; those of scalar fields answer conditions of filters, and change no answer. Until a
 * segment has one, it is searched exactly, and its columns are looked at.
 */
export class Indexes {
  readonly #session: Session;
  readonly #collection: () => CollectionRef;

  /** Made by {@link Collection}. */
  constructor(session: Session, collection: () => CollectionRef) {
    this.#session = session;
    this.#collection = collection;
  }

  /**
   * Creates the index of a field; the same one again is no error.
   * @example await books.indexes.create('vector', { type: 'HNSW', M: 16, efConstruction: 200 });
   * @example await books.indexes.create('title', { type: 'NGRAM', min_gram: 2, max_gram: 3 });
   * @throws MilvusError ParameterInvalid for a parameter that is out of range, and for another index;
   *   ParameterMissing
   */
  async create(
    field: string,
    index: IndexOptions | ScalarIndexOptions = {},
    options: CallOptions = {},
  ): Promise<void> {
    const request = { ...this.#collection(), ...indexRequest(field, index) };
    await this.#session.service.createIndex(request, checkedCall(options));
  }

  /**
   * Drops an index; one that is not there is no error. For an index of vectors the collection is released and
   * loaded again.
   */
  async drop(name: string, options: CallOptions = {}): Promise<void> {
    requireText('name', name);
    const found = (await this.list(options)).find((index) => index.name === name);
    if (found === undefined) return;
    const drop = async (): Promise<void> => {
      await this.#session.service.dropIndex({ ...this.#collection(), indexName: name }, options);
    };
    // Only an index of vectors has a metric, and only such a one is dropped while nobody searches.
    if (found.metric === '') await drop();
    else await this.#released(options, drop);
  }

  /**
   * Changes how an index is kept: `mmap.enabled`, `warmup`. The collection is released and loaded again.
   * @throws MilvusError IndexNotFound
   */
  async alter(
    name: string,
    properties: Readonly<Record<string, string | boolean>>,
    options: PropertyChanges = {},
  ): Promise<void> {
    requireText('name', name);
    requireMembers('options', options, CHANGE_MEMBERS);
    const { remove, ...call } = options;
    if (remove !== undefined) requireTexts('remove', remove);
    const change = { set: propertyTexts(properties), ...(remove === undefined ? {} : { remove }) };
    await this.#released(call, async () => {
      const request = { ...this.#collection(), indexName: name, ...change };
      await this.#session.service.alterIndex(request, call);
    });
  }

  /**
   * Parameters, state and rows of an index.
   * @throws MilvusError IndexNotFound
   */
  async describe(name: string, options: CallOptions = {}): Promise<IndexDescription> {
    requireText('name', name);
    const request = { ...this.#collection(), indexName: name };
    const [found] = await this.#session.service.describeIndexes(request, checkedCall(options));
    return must(found, 'an index that is not there is refused');
  }

  /** All indexes of the collection. */
  async list(options: CallOptions = {}): Promise<readonly IndexDescription[]> {
    const { service } = this.#session;
    const { indexes } = await service.describeCollection(this.#collection(), checkedCall(options));
    if (indexes.length === 0) return [];
    return await service.describeIndexes({ ...this.#collection(), indexName: '' }, options);
  }

  /** Milvus changes the indexes of vectors only while nobody searches them. */
  async #released(options: CallOptions, work: () => Promise<void>): Promise<void> {
    const { service } = this.#session;
    const { loaded } = await service.describeCollection(this.#collection(), options);
    if (!loaded) {
      await work();
      return;
    }
    await service.releaseCollection(this.#collection(), options);
    try {
      await work();
    } finally {
      await service.loadCollection(this.#collection(), options);
    }
  }
}
