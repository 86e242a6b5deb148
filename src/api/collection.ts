/**
 * A collection as programs use it: rows in and out, typed by its schema. Every method takes
 * `signal` and `timeoutMs`; a call that ends by them fails with Cancelled or DeadlineExceeded.
 * A collection that was released is loaded again by the first call that needs it.
 */
import { must } from '../base/assert.ts';
import type { CollectionInfo, SegmentState } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import type {
  CallOptions,
  CollectionStatistics,
  Explanation,
  QueryRowsRequest,
  Row as AnyRow,
} from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import { Aggregates } from './aggregates.ts';
import {
  callOf,
  CHANGE_MEMBERS,
  checkedCall,
  COUNT_MEMBERS,
  DELETE_MEMBERS,
  GET_MEMBERS,
  givenOperations,
  ITERATE_MEMBERS,
  QUERY_MEMBERS,
  RENAME_MEMBERS,
  SEARCH_ITERATOR_MEMBERS,
  SEARCH_MEMBERS,
  UPSERT_MEMBERS,
  WRITE_MEMBERS,
} from './arguments.ts';
import { propertyTexts, requireMembers, requireText, requireTexts } from './checks.ts';
import { type Expression, filterParts } from './expression.ts';
import type { Field, FieldTraits } from './field.ts';
import { addToCollection } from './add-field.ts';
import { firstPageOf } from './first-page.ts';
import { Indexes } from './indexes.ts';
import { iteratePages, keyNameOf } from './iterate.ts';
import { onceLoaded } from './loaded.ts';
import { Partitions } from './partitions.ts';
import { searchPages } from './search-pages.ts';
import { isOneVector, readParts, searchParts, windowParts, writeParts } from './search-parts.ts';
import type {
  CountRequest,
  DeleteRequest,
  DeleteResult,
  Filtered,
  GetOptions,
  IterateRequest,
  PartialUpsertOptions,
  PropertyChanges,
  QueryRequest,
  ReadOptions,
  RenameOptions,
  SearchIteratorRequest,
  SearchRequest,
  UpsertOptions,
  WriteOptions,
  WriteResult,
} from './requests.ts';
import type {
  AnySchema,
  FoundRow,
  Hit,
  InsertRow,
  KeyInput,
  OutputName,
  PartialRow,
  QueryList,
  QueryVector,
  Schema,
  UpsertRow,
} from './schema.ts';
import type { Session } from './session.ts';
import { Snapshots } from './snapshots.ts';

/**
 * Rows of one schema. Opened by `db.collection(name, { schema })`, or by `db.collection(name)` without types.
 * @example
 *   await books.insert([{ id: 1, title: 'Dune', vector }]);
 *   const hits = await books.search({ data: vector, limit: 3, outputFields: ['title'] });
 *   console.log(hits[0]?.fields.title, hits[0]?.score);
 */
export class Collection<S extends Schema = AnySchema> {
  readonly partitions: Partitions;
  readonly indexes: Indexes;
  readonly aggregates: Aggregates<S>;
  readonly snapshots: Snapshots;
  readonly #session: Session;
  #databaseName: string;
  #name: string;

  /** Made by `db.collection()`. */
  constructor(session: Session, databaseName: string, name: string) {
    this.#session = session;
    this.#databaseName = databaseName;
    this.#name = name;
    this.partitions = new Partitions(session, () => this.#reference());
    this.indexes = new Indexes(session, () => this.#reference());
    this.aggregates = new Aggregates(session, () => this.#reference());
    this.snapshots = new Snapshots(session, () => this.#reference());
  }

  get databaseName(): string {
    return this.#databaseName;
  }

  /** The name it was opened by, which may be an alias. */
  get name(): string {
    return this.#name;
  }

  /**
   * Inserts rows: all of them or none on each shard; with one shard, the default, all or none. A row that
   * does not fit the schema refuses all. Durable when it resolves. Keys that exist are not refused; reads
   * see the newest row of a key. The rows must not be changed before it resolves.
   * @returns keys in the order of `rows`, those made by the engine included
   * @throws MilvusError that names field, row, value and bound when a row does not fit the schema
   */
  async insert(
    rows: ReadonlyArray<InsertRow<S>>,
    options: WriteOptions = {},
  ): Promise<WriteResult<S>> {
    requireMembers('options', options, WRITE_MEMBERS);
    const target = { ...this.#reference(), ...writeParts(options) };
    const request = { ...target, rows: rows as readonly AnyRow[] };
    const answer = await this.#loaded(options, (service, call) => service.insert(request, call));
    return answer as WriteResult<S>;
  }

  /**
   * Replaces the rows of these keys, or inserts them: all or none on each shard, as `insert`. With
   * `partial` each row names its key and the fields that change; the others stay as they are. With `fieldOps`
   * rows append to arrays or remove from them, each row in one step.
   * @example await books.upsert([{ id: 1, tags: ['new'] }], { fieldOps: { tags: 'ARRAY_APPEND' } });
   * @throws MilvusError ParameterInvalid when a key comes twice, or an array gets longer than its capacity
   */
  async upsert(
    rows: ReadonlyArray<PartialRow<S>>,
    options: PartialUpsertOptions,
  ): Promise<WriteResult<S>>;
  async upsert(
    rows: ReadonlyArray<UpsertRow<S>>,
    options?: UpsertOptions & { readonly partial?: false; readonly fieldOps?: never },
  ): Promise<WriteResult<S>>;
  async upsert(
    rows: ReadonlyArray<UpsertRow<S> | PartialRow<S>>,
    options: UpsertOptions = {},
  ): Promise<WriteResult<S>> {
    requireMembers('options', options, UPSERT_MEMBERS);
    const request = {
      ...this.#reference(),
      ...writeParts(options),
      rows: rows as readonly AnyRow[],
      ...(options.partial === undefined ? {} : { partial: options.partial }),
      ...(options.fieldOps === undefined ? {} : { fieldOps: givenOperations(options.fieldOps) }),
    };
    const answer = await this.#loaded(options, (service, call) => service.upsert(request, call));
    return answer as WriteResult<S>;
  }

  /**
   * Deletes rows by their keys (not there: no error), or all that a filter matches: all or none on each shard.
   * @example await books.delete({ filter: 'year < {year}', params: { year: 1950 } });
   */
  async delete(request: DeleteRequest<S>): Promise<DeleteResult> {
    requireMembers('request', request, DELETE_MEMBERS);
    const target = {
      ...this.#reference(),
      ...writeParts(request),
      ...(request.ids === undefined ? {} : { ids: request.ids as readonly PrimaryKey[] }),
      ...filterParts(request.filter, request.params),
    };
    return await this.#loaded(request, (service, call) => service.delete(target, call));
  }

  /**
   * The rows of these keys in ascending order of the key; keys that are not there are left out.
   * @param options.outputFields beside the key; default: all fields
   */
  async get<const Names extends OutputName<S> = '*'>(
    ids: KeyInput<S> | ReadonlyArray<KeyInput<S>>,
    options: GetOptions<Names> = {},
  ): Promise<Array<FoundRow<S, Names>>> {
    requireMembers('options', options, GET_MEMBERS);
    const keys = (Array.isArray(ids) ? ids : [ids]) as readonly PrimaryKey[];
    return await this.#query<Names>({ ids: keys }, options);
  }

  /**
   * Rows that a filter matches, in ascending order of the key or as `orderBy` says.
   * @param request.outputFields beside the key; default: all fields
   * @example await books.query({ filter: expr`author == ${author}`, outputFields: ['title'], limit: 10 });
   * @throws MilvusError ParameterInvalid for a filter that is wrong (a caret shows where) and for bounds
   */
  async query<const Names extends OutputName<S> = '*'>(
    request: QueryRequest<Names> = {},
  ): Promise<Array<FoundRow<S, Names>>> {
    requireMembers('request', request, QUERY_MEMBERS);
    return await this.#query<Names>(windowParts(request), request);
  }

  /** How many rows there are, or how many a filter matches. */
  async count(request: CountRequest = {}): Promise<number> {
    requireMembers('request', request, COUNT_MEMBERS);
    const target = { ...this.#reference(), ...readParts(request) };
    return await this.#loaded(request, (service, call) => service.count(target, call));
  }

  /**
   * What a filter does, told by running it: its conditions in their order, what each excludes and takes.
   * @example console.table((await books.explain('year > 1990 and author == "Borges"')).steps);
   */
  async explain(
    filter: string | Expression,
    options: Omit<CountRequest, 'filter'> = {},
  ): Promise<Explanation> {
    const request = { ...options, filter };
    requireMembers('options', request, COUNT_MEMBERS);
    const target = { ...this.#reference(), ...readParts(request) };
    return await this.#loaded(options, (service, call) => service.explain(target, call));
  }

  /**
   * The rows whose vectors are nearest to one vector, best first; or a list of such lists for many.
   * Exact where rows have no index: no row that is nearer is missed. By an index as near as `searchParams`
   * make it; there `radius` and `range_filter` also say which scores count. Of a field `struct[sub]` each hit is
   * one element of a row, which `element_filter(struct, …)` may choose; with a MAX_SIM metric queries are lists of
   * vectors, and hits are rows.
   * @param request.data a Float32Array is not copied: it must not change until the search has resolved
   * @param request.ids instead of `data`: keys of rows whose vectors are meant, a list of hits for each
   * @param request.outputFields default: none, a hit is key and score
   * @example
   *   const hits = await books.search({ data: vector, limit: 5, filter: 'year > 1990', outputFields: ['title'] });
   * @throws MilvusError ParameterInvalid for a wrong dimension, metric, bound or filter
   */
  async search<const Names extends OutputName<S> = never>(
    request: SearchRequest<S, Names> & { readonly data: QueryVector<S> },
  ): Promise<Array<Hit<S, Names>>>;
  async search<const Names extends OutputName<S> = never>(
    request: SearchRequest<S, Names> & {
      readonly data: ReadonlyArray<QueryVector<S>> | ReadonlyArray<QueryList<S>>;
    },
  ): Promise<Array<Array<Hit<S, Names>>>>;
  async search<const Names extends OutputName<S> = never>(
    request: SearchRequest<S, Names> & { readonly ids: ReadonlyArray<KeyInput<S>> },
  ): Promise<Array<Array<Hit<S, Names>>>>;
  async search<const Names extends OutputName<S> = never>(
    request: SearchRequest<S, Names> & { readonly data?: unknown; readonly ids?: unknown },
  ): Promise<Array<Hit<S, Names>> | Array<Array<Hit<S, Names>>>> {
    requireMembers('request', request, SEARCH_MEMBERS);
    const parts = searchParts(request as Parameters<typeof searchParts>[0]);
    const target = { ...this.#reference(), ...parts, limit: request.limit };
    const { results } = await this.#loaded(request, (service, call) =>
      service.search(target, call),
    );
    const hits = results as unknown as Array<Array<Hit<S, Names>>>;
    const isOne = request.ids === undefined && isOneVector(request.data);
    return isOne ? must(hits[0], 'one vector has one list of hits') : hits;
  }

  /**
   * The hits of one vector page by page, best first and no row twice; `limit` may be any number, and without
   * one all rows come, but for the few that a graph does not reach. All pages are of the moment at which the
   * first was read, and of the schema that there was by then; memory is eight pages.
   * @param request.outputFields default: none, a hit is key and score
   * @example
   *   for await (const page of books.searchIterator({ data: vector, batchSize: 50, limit: 500 })) show(page);
   * @throws MilvusError as `search` does, and SnapshotExpired, CollectionNotFound and SchemaMismatch as `iterate`
   *   does; ParameterInvalid for `random_sample`
   */
  async *searchIterator<const Names extends OutputName<S> = never>(
    request: SearchIteratorRequest<S, Names> & { readonly data: QueryVector<S> },
  ): AsyncGenerator<Array<Hit<S, Names>>, void, undefined> {
    requireMembers('request', request, SEARCH_ITERATOR_MEMBERS);
    const parts = searchParts(request);
    const { pinned } = await firstPageOf(this.#session, this.#reference(), request);
    const pages = searchPages({
      request: { ...this.#reference(), ...parts, ...pinned },
      batchSize: request.batchSize,
      limit: request.limit,
      call: callOf(request),
      search: (page, options) =>
        this.#loaded(options, (service, call) => service.search(page, call)),
    });
    for await (const page of pages) yield page as unknown as Array<Hit<S, Names>>;
  }

  /**
   * Every row that a filter matches (all rows without one), page by page in ascending order of the key.
   * All pages are of the moment at which the first was read, and of the schema that there was by then: a field
   * that is added meanwhile is in none of them. Memory is one page; `timeoutMs` is for each.
   * @param request.outputFields beside the key; default: all fields
   * @example
   *   for await (const page of books.iterate({ filter: 'year > 1990', batchSize: 500 })) save(page);
   * @throws MilvusError SnapshotExpired when rows of that moment were truncated or dropped meanwhile,
   *   SchemaMismatch when a field was, CollectionNotFound when the name does not mean this collection any more,
   *   and ParameterInvalid for `random_sample`, of which every page would take another sample
   */
  async *iterate<const Names extends OutputName<S> = '*'>(
    request: IterateRequest<Names> = {},
  ): AsyncGenerator<Array<FoundRow<S, Names>>, void, undefined> {
    requireMembers('request', request, ITERATE_MEMBERS);
    const { collection, pinned } = await firstPageOf(this.#session, this.#reference(), request);
    const pages = iteratePages({
      request: {
        ...this.#reference(),
        ...readParts(request),
        ...pinned,
        outputFields: request.outputFields ?? ['*'],
      },
      keyName: keyNameOf(collection),
      batchSize: request.batchSize,
      limit: request.limit,
      call: callOf(request),
      query: (page, options) => this.#loaded(options, (service, call) => service.query(page, call)),
    });
    for await (const page of pages) yield page as Array<FoundRow<S, Names>>;
  }

  /**
   * Resolves when the index of that name, or without one every index, covers every sealed row. What
   * was not flushed is no sealed row: `flush()` before waits for all. Until then searches are exact.
   * @example
   *   await books.flush();
   *   await books.waitForIndex('vector', { timeoutMs: 60_000 });
   * @throws MilvusError why a build failed; IndexNotFound; Unimplemented where nothing builds such an index
   */
  async waitForIndex(name = '', options: CallOptions = {}): Promise<void> {
    requireText('name', name);
    const index = { ...this.#reference(), indexName: name };
    await this.#session.service.waitForIndexes(index, checkedCall(options));
  }

  /** Moves rows from the log to segment files now; the engine does it by itself as they grow. */
  async flush(options: CallOptions = {}): Promise<void> {
    await this.#session.service.flush(this.#reference(), checkedCall(options));
  }

  /**
   * Merges segments into as few as may be and frees the room of deleted rows. The engine merges by itself,
   * but not so far: worth it before many searches by an index.
   */
  async compact(options: CallOptions = {}): Promise<void> {
    await this.#session.service.compact(this.#reference(), checkedCall(options));
  }

  /** Rows stored; deleted ones count until compaction takes them. `count()` gives the live ones. */
  async stats(options: CallOptions = {}): Promise<CollectionStatistics> {
    return await this.#session.service.statistics(this.#reference(), checkedCall(options));
  }

  /** The segments that hold its rows. */
  async segments(options: CallOptions = {}): Promise<SegmentState[]> {
    const shards = await this.#session.service.shardStates(this.#reference(), checkedCall(options));
    return shards.flatMap((shard) => shard.segments);
  }

  /** Schema, partitions, properties and state. */
  async describe(options: CallOptions = {}): Promise<CollectionInfo> {
    return await this.#session.service.describeCollection(this.#reference(), checkedCall(options));
  }

  /** Makes it readable after `release`; reads do it by themselves. */
  async load(options: CallOptions = {}): Promise<void> {
    await this.#session.service.loadCollection(this.#reference(), checkedCall(options));
  }

  /** Frees the memory that it takes. */
  async release(options: CallOptions = {}): Promise<void> {
    await this.#session.service.releaseCollection(this.#reference(), checkedCall(options));
  }

  /** Deletes every row at once; schema, partitions and aliases stay. */
  async truncate(options: CallOptions = {}): Promise<void> {
    await this.#session.service.truncateCollection(this.#reference(), checkedCall(options));
  }

  /** Drops the collection with all its rows. */
  async drop(options: CallOptions = {}): Promise<void> {
    await this.#session.service.dropCollection(this.#reference(), checkedCall(options));
  }

  /** Gives it another name, in another database if one is given, under which this object goes on. */
  async rename(newName: string, options: RenameOptions = {}): Promise<void> {
    requireText('newName', newName);
    requireMembers('options', options, RENAME_MEMBERS);
    const { database = this.#databaseName } = options;
    requireText('database', database);
    const request = { ...this.#reference(), newName, newDatabaseName: database };
    await this.#session.service.renameCollection(request, callOf(options));
    this.#name = newName;
    this.#databaseName = database;
  }

  /**
   * Adds a field or a struct array; rows that are there have null or its default. It must be nullable.
   * @returns this collection under the wider type
   * @example const wider = await books.addField('pages', f.int32({ nullable: true }));
   */
  async addField<const Name extends string, Traits extends FieldTraits>(
    name: Name,
    field: Field<Traits>,
    options: CallOptions = {},
  ): Promise<
    Collection<Schema<S['fields'] & Readonly<Record<Name, Field<Traits>>>, S['dynamic']>>
  > {
    const { service } = this.#session;
    requireText('name', name);
    const call = checkedCall(options);
    await addToCollection(service, { ...this.#reference(), name, field }, call);
    return new Collection(this.#session, this.databaseName, this.#name);
  }

  /**
   * Drops a field or a struct array, with its indexes: no read sees it any more. The room its values take is
   * freed when compaction rewrites them, for certain by `compact()`.
   * @returns this collection under the narrower type
   * @throws MilvusError ParameterInvalid for the primary, partition, clustering or TTL key, a sub-field of a
   *   struct, and the last vector
   * @example const narrower = await books.dropField('pages');
   */
  async dropField<Name extends string & keyof S['fields']>(
    name: Name,
    options: CallOptions = {},
  ): Promise<Collection<Schema<Omit<S['fields'], Name>, S['dynamic']>>> {
    requireText('name', name);
    const request = { ...this.#reference(), dropped: { fieldName: name } };
    await this.#session.service.dropField(request, checkedCall(options));
    return new Collection(this.#session, this.databaseName, this.#name);
  }

  /** Changes parameters of a field: `max_length`, `max_capacity`, `mmap.enabled`, `warmup`, `description`. */
  async alterField(
    name: string,
    params: Readonly<Record<string, string | number | boolean>>,
    options: CallOptions = {},
  ): Promise<void> {
    requireText('name', name);
    const texts = propertyTexts(params, 'params');
    const request = { ...this.#reference(), fieldName: name, params: texts };
    await this.#session.service.alterField(request, checkedCall(options));
  }

  /**
   * Sets properties and removes those of `options.remove`.
   * @example await books.setProperties({ 'collection.ttl.seconds': 3600 });
   */
  async setProperties(
    properties: Readonly<Record<string, string | number | boolean>>,
    options: PropertyChanges = {},
  ): Promise<void> {
    requireMembers('options', options, CHANGE_MEMBERS);
    const { remove } = options;
    if (remove !== undefined) requireTexts('remove', remove);
    const removal = remove === undefined ? {} : { remove };
    const request = { ...this.#reference(), set: propertyTexts(properties), ...removal };
    await this.#session.service.alterCollection(request, callOf(options));
  }

  /** Names under which it can be opened beside its own. */
  async listAliases(options: CallOptions = {}): Promise<readonly string[]> {
    return (await this.describe(options)).aliases;
  }

  async createAlias(alias: string, options: CallOptions = {}): Promise<void> {
    requireText('alias', alias);
    await this.#session.service.createAlias({ ...this.#reference(), alias }, checkedCall(options));
  }

  #reference(): CollectionRef {
    return { databaseName: this.databaseName, collectionName: this.#name };
  }

  async #query<Names extends string>(
    what: Pick<QueryRowsRequest, 'ids' | 'limit' | 'offset' | 'orderBy' | 'ignoreGrowing'>,
    request: ReadOptions & Filtered & { readonly outputFields?: readonly string[] },
  ): Promise<Array<FoundRow<S, Names>>> {
    const { outputFields = ['*'] } = request;
    const target = { ...this.#reference(), ...readParts(request), ...what, outputFields };
    const { rows } = await this.#loaded(request, (service, call) => service.query(target, call));
    return rows as Array<FoundRow<S, Names>>;
  }

  async #loaded<Answer>(
    options: CallOptions,
    run: (service: Service, call: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    const call = callOf(options);
    return await onceLoaded(
      () => run(this.#session.service, call),
      () => this.load(call),
    );
  }
}
