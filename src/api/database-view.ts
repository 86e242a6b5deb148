/** The collections and aliases of one database. */
import { MilvusError } from '../base/errors.ts';
import type { AliasInfo, CollectionInfo, IndexInfo, IndexRequest } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import type { CallOptions, NewCollection } from '../core/requests.ts';
import { Collection } from './collection.ts';
import { CALL_MEMBERS, callOf, checkedCall, COLLECTION_MEMBERS } from './arguments.ts';
import { requireMembers, requireObject, requireText } from './checks.ts';
import { collectionDefinition, indexRequests } from './collection-definition.ts';
import type { FieldShapes } from './field.ts';
import type { CollectionOptions } from './requests.ts';
import { Schema } from './schema.ts';
import { requireSameSchema } from './schema-match.ts';
import type { Session } from './session.ts';

/** Made by `db.database(name)`; `MilvusLite` itself is the view of the database `default`. */
export class DatabaseView {
  readonly name: string;
  protected readonly session: Session;

  constructor(session: Session, name: string) {
    this.session = session;
    this.name = name;
  }

  /**
   * Opens a collection, creating it when it does not exist and a schema is given.
   * @param options.schema from `defineSchema`, or the fields themselves
   * @param options.dynamic with bare fields: rows may hold fields that are not in the schema
   * @example
   *   const books = await db.collection('books', {
   *     schema: { id: f.int64({ primary: true }), title: f.varChar(), vector: f.floatVector(8) },
   *   });
   * @throws MilvusError CollectionNotFound without a schema; ParameterInvalid that lists the differences
   *         when the collection exists with another schema
   */
  async collection(name: string, options?: CallOptions): Promise<Collection>;
  async collection<const Shapes extends FieldShapes, const Dynamic extends boolean>(
    name: string,
    options: CollectionOptions & { readonly schema: Schema<Shapes, Dynamic> },
  ): Promise<Collection<Schema<Shapes, Dynamic>>>;
  async collection<const Shapes extends FieldShapes, const Dynamic extends boolean = false>(
    name: string,
    options: CollectionOptions & { readonly schema: Shapes; readonly dynamic?: Dynamic },
  ): Promise<Collection<Schema<Shapes, Dynamic>>>;
  async collection(
    name: string,
    options: CollectionOptions & {
      readonly schema?: Schema | FieldShapes;
      readonly dynamic?: boolean;
    } = {},
  ): Promise<Collection> {
    requireText('name', name);
    requireMembers('options', options, COLLECTION_MEMBERS);
    const { schema } = options;
    if (schema !== undefined) requireObject('schema', schema);
    const call = callOf(options);
    if (schema === undefined) {
      await this.session.service.describeCollection(this.#reference(name), call);
    } else {
      const shaped =
        schema instanceof Schema ? schema : new Schema(schema, options.dynamic ?? false);
      const indexes = indexRequests(shaped.fields);
      await this.#ensure({ ...collectionDefinition(name, shaped, options), indexes }, call);
    }
    return new Collection(this.session, this.name, name);
  }

  /** Collections in order of their names. */
  async listCollections(options: CallOptions = {}): Promise<CollectionInfo[]> {
    return await this.session.service.listCollections(this.name, checkedCall(options));
  }

  async hasCollection(name: string, options: CallOptions = {}): Promise<boolean> {
    return await this.session.service.hasCollection(this.#reference(name), checkedCall(options));
  }

  /** @throws MilvusError CollectionNotFound */
  async describeCollection(name: string, options: CallOptions = {}): Promise<CollectionInfo> {
    return await this.session.service.describeCollection(
      this.#reference(name),
      checkedCall(options),
    );
  }

  /** Drops a collection with its rows; one that is not there is no error. */
  async dropCollection(name: string, options: CallOptions = {}): Promise<void> {
    await this.session.service.dropCollection(this.#reference(name), checkedCall(options));
  }

  /**
   * Gives a collection another name.
   * @param options.database moves it to this database as well
   */
  async renameCollection(
    name: string,
    newName: string,
    options: CallOptions & { readonly database?: string } = {},
  ): Promise<void> {
    requireText('newName', newName);
    requireMembers('options', options, { ...CALL_MEMBERS, database: true });
    const { database = null, ...call } = options;
    if (database !== null) requireText('database', database);
    const request = { ...this.#reference(name), newName, newDatabaseName: database };
    await this.session.service.renameCollection(request, call);
  }

  /** Makes `alias` another name of a collection. @throws MilvusError AliasAlreadyExists */
  async createAlias(alias: string, collection: string, options: CallOptions = {}): Promise<void> {
    const request = this.#aliased(alias, collection);
    await this.session.service.createAlias(request, checkedCall(options));
  }

  /** Lets an alias point to another collection. @throws MilvusError AliasNotFound */
  async alterAlias(alias: string, collection: string, options: CallOptions = {}): Promise<void> {
    const request = this.#aliased(alias, collection);
    await this.session.service.alterAlias(request, checkedCall(options));
  }

  async dropAlias(alias: string, options: CallOptions = {}): Promise<void> {
    requireText('alias', alias);
    const request = { databaseName: this.name, alias };
    await this.session.service.dropAlias(request, checkedCall(options));
  }

  /** @throws MilvusError AliasNotFound */
  async describeAlias(alias: string, options: CallOptions = {}): Promise<AliasInfo> {
    requireText('alias', alias);
    const request = { databaseName: this.name, alias };
    return await this.session.service.describeAlias(request, checkedCall(options));
  }

  /** Aliases of one collection, or of all of them. */
  async listAliases(
    options: CallOptions & { readonly collection?: string } = {},
  ): Promise<AliasInfo[]> {
    requireMembers('options', options, { ...CALL_MEMBERS, collection: true });
    const { collection = null, ...call } = options;
    if (collection !== null) requireText('collection', collection);
    const request = { databaseName: this.name, collectionName: collection };
    return await this.session.service.listAliases(request, call);
  }

  async #find(name: string, call: CallOptions): Promise<CollectionInfo | null> {
    try {
      return await this.session.service.describeCollection(this.#reference(name), call);
    } catch (error) {
      if (error instanceof MilvusError && error.reason === 'CollectionNotFound') return null;
      throw error;
    }
  }

  /** @returns null, or the collection that somebody else made of another schema at the same time */
  async #create(definition: NewCollection, call: CallOptions): Promise<CollectionInfo | null> {
    try {
      await this.session.service.createCollection(this.name, definition, call);
      return null;
    } catch (error) {
      if (!(error instanceof MilvusError) || error.reason !== 'ParameterInvalid') throw error;
      const made = await this.#find(definition.name, call);
      if (made === null) throw error;
      return made;
    }
  }

  async #ensure(
    definition: NewCollection & { readonly indexes: readonly IndexRequest[] },
    call: CallOptions,
  ): Promise<void> {
    const { name } = definition;
    const { service } = this.session;
    const info = (await this.#find(name, call)) ?? (await this.#create(definition, call));
    if (info === null) {
      await service.loadCollection(this.#reference(name), call);
      return;
    }
    requireSameSchema(info, definition);
    const { indexes } = info;
    for (const index of definition.indexes) {
      if (indexes.some((known) => isSameIndex(known, index))) continue;
      await service.createIndex({ ...this.#reference(name), ...index }, call);
    }
  }

  #aliased(alias: string, collection: string): CollectionRef & { readonly alias: string } {
    requireText('alias', alias);
    requireText('collection', collection);
    return { ...this.#reference(collection), alias };
  }

  #reference(name: string): CollectionRef {
    requireText('name', name);
    return { databaseName: this.name, collectionName: name };
  }
}

/** What the catalog adds to a definition, or a change of how the index is kept. */
const ADDED_PARAMS: readonly string[] = ['metric_type', 'mmap.enabled', 'warmup'];

/** Nothing is left to create: what was given is there. Anything else the coordinator decides. */
function isSameIndex(known: IndexInfo, given: IndexRequest): boolean {
  const name = given.indexName === '' ? given.fieldName : given.indexName;
  return (
    known.name === name &&
    known.fieldName === given.fieldName &&
    Object.entries(given.params).every(([key, text]) => known.params[key] === text) &&
    Object.keys(known.params).every((key) => key in given.params || ADDED_PARAMS.includes(key))
  );
}
