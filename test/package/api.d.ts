// api/aggregates.d.ts
import type { CollectionRef } from '../core/references.ts';
import type { AggregateRequest, Bucket, BucketSearchRequest } from './requests.ts';
import type { AnySchema, Hit, QueryVector, Schema } from './schema.ts';
import type { Session } from './session.ts';
/** Reached as `collection.aggregates`. */
export declare class Aggregates<S extends Schema = AnySchema> {
    #private;
    /** Made by the collection. */
    constructor(session: Session, reference: () => CollectionRef);
    /**
     * Counts, sums, averages and extremes of the rows that a filter matches, one object a group: in the order
     * of the groups' values, or as `orderBy` says. Counts, sums of integers and int64 are bigints; null where
     * no row has a value. A sum of floats beyond the range of a double is Infinity or NaN; an average never is.
     * @param request.show names of `groupBy`, and `count(*)`, `count(f)`, `sum(f)`, `avg(f)`, `min(f)`, `max(f)`
     * @example
     *   await books.aggregates.query({ groupBy: ['author'], show: ['author', 'count(*)', 'avg(pages)'] });
     * @throws MilvusError ParameterInvalid for types that have no such aggregate, more than 100,000 groups, and
     *   sums that do not fit int64
     */
    query(request: AggregateRequest): Promise<Array<Record<string, unknown>>>;
    /**
     * The nearest hits of one vector in buckets by the values of some fields, and in buckets inside of these, as
     * many as asked for; or a list of such lists for many vectors. What is told of a bucket is told of the hits
     * that were found for it: `topHits` of each combination of values, one without.
     * @example
     *   const byAuthor = await books.aggregates.search({
     *     data: vector,
     *     buckets: { fields: ['author'], size: 5, metrics: { price: { avg: 'price' } }, topHits: { size: 3 } },
     *     outputFields: ['title'],
     *   });
     * @throws MilvusError ParameterInvalid for fields that have no buckets, more than 4 levels, and more than
     *   10,000 hits in all
     */
    search<const Names extends string = never>(request: BucketSearchRequest<S, Names> & {
        readonly data: QueryVector<S>;
    }): Promise<Array<Bucket<Hit<S, Names>>>>;
    search<const Names extends string = never>(request: BucketSearchRequest<S, Names> & {
        readonly data: ReadonlyArray<QueryVector<S>>;
    }): Promise<Array<Array<Bucket<Hit<S, Names>>>>>;
}

// api/checks.d.ts
/** The names that options or a request of this type may have: the compiler sees that none is missing. */
export type Members<Type> = Readonly<Record<keyof Type, true>>;
/**
 * @param name of the argument, as the method's signature has it
 * @throws MilvusError ParameterInvalid: no object, or with a member that is none of `members`
 */
export declare function requireMembers(name: string, value: unknown, members: Readonly<Record<string, true>>): void;
/** @throws MilvusError ParameterInvalid */
export declare function requireObject(name: string, value: unknown): asserts value is object;
/** @throws MilvusError ParameterInvalid */
export declare function requireText(name: string, value: unknown): void;
/** @throws MilvusError ParameterInvalid */
export declare function requireTexts(name: string, value: unknown): void;
/** Properties or parameters as the catalog keeps them. @throws MilvusError ParameterInvalid */
export declare function propertyTexts(properties: unknown, name?: string): Record<string, string>;
/** What a value is, in a word for messages: never its contents, which may be long or private. */
export declare function kindOf(value: unknown): string;

// api/collection-definition.d.ts
import type { CollectionDefinition, FieldDefinition, StructDefinition } from '../schema/definition.ts';
import type { IndexRequest } from '../core/ports.ts';
import { type Field, type FieldShapes } from './field.ts';
import type { Schema } from './schema.ts';
/** What beside its fields describes a collection. */
export interface CollectionTraits {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, string | number | boolean>>;
    /** Parts that take writes side by side, 1 to 16. Default: 1. */
    readonly shards?: number;
    /** Partitions of a collection with a partition key, 1 to 1,024. Default: 16. */
    readonly partitions?: number;
    /**
     * Every write and read names its namespace then. A key is one row of the whole collection: a write in one namespace
     * replaces the row of the same key in another. With the property `namespace.mode` = `partition` namespaces are the
     * partitions, and each has its own keys, unless the engine makes them. Default: false.
     */
    readonly namespaces?: boolean;
    /** What reads must see when they do not say. Default: Bounded. */
    readonly consistencyLevel?: NonNullable<CollectionDefinition['consistencyLevel']>;
}
/** The engine's description of a collection. */
export declare function collectionDefinition(name: string, schema: Schema, traits: CollectionTraits): CollectionDefinition;
/** The indexes that a schema's fields ask for, those of sub-fields included. */
export declare function indexRequests(fields: FieldShapes, structName?: string): IndexRequest[];
/** The engine's description of what is added to a collection: a field, or a struct array. */
export declare function additionDefinition(name: string, field: Field): {
    readonly field: FieldDefinition;
} | {
    readonly struct: StructDefinition;
};

// api/collection.d.ts
import type { CollectionInfo, SegmentState } from '../core/ports.ts';
import type { CallOptions, CollectionStatistics, Explanation } from '../core/requests.ts';
import { Aggregates } from './aggregates.ts';
import { type Expression } from './expression.ts';
import type { Field, FieldTraits } from './field.ts';
import { Indexes } from './indexes.ts';
import { Partitions } from './partitions.ts';
import type { CountRequest, DeleteRequest, DeleteResult, GetOptions, IterateRequest, PartialUpsertOptions, PropertyChanges, QueryRequest, RenameOptions, SearchIteratorRequest, SearchRequest, UpsertOptions, WriteOptions, WriteResult } from './requests.ts';
import type { AnySchema, FoundRow, Hit, InsertRow, KeyInput, OutputName, PartialRow, QueryList, QueryVector, Schema, UpsertRow } from './schema.ts';
import type { Session } from './session.ts';
import { Snapshots } from './snapshots.ts';
/**
 * Rows of one schema. Opened by `db.collection(name, { schema })`, or by `db.collection(name)` without types.
 * @example
 *   await books.insert([{ id: 1, title: 'Dune', vector }]);
 *   const hits = await books.search({ data: vector, limit: 3, outputFields: ['title'] });
 *   console.log(hits[0]?.fields.title, hits[0]?.score);
 */
export declare class Collection<S extends Schema = AnySchema> {
    #private;
    readonly partitions: Partitions;
    readonly indexes: Indexes;
    readonly aggregates: Aggregates<S>;
    readonly snapshots: Snapshots;
    /** Made by `db.collection()`. */
    constructor(session: Session, databaseName: string, name: string);
    get databaseName(): string;
    /** The name it was opened by, which may be an alias. */
    get name(): string;
    /**
     * Inserts rows: all of them or none on each shard; with one shard, the default, all or none. A row that
     * does not fit the schema refuses all. Durable when it resolves. Keys that exist are not refused; reads
     * see the newest row of a key. The rows must not be changed before it resolves.
     * @returns keys in the order of `rows`, those made by the engine included
     * @throws MilvusError that names field, row, value and bound when a row does not fit the schema
     */
    insert(rows: ReadonlyArray<InsertRow<S>>, options?: WriteOptions): Promise<WriteResult<S>>;
    /**
     * Replaces the rows of these keys, or inserts them: all or none on each shard, as `insert`. With
     * `partial` each row names its key and the fields that change; the others stay as they are. With `fieldOps`
     * rows append to arrays or remove from them, each row in one step.
     * @example await books.upsert([{ id: 1, tags: ['new'] }], { fieldOps: { tags: 'ARRAY_APPEND' } });
     * @throws MilvusError ParameterInvalid when a key comes twice, or an array gets longer than its capacity
     */
    upsert(rows: ReadonlyArray<PartialRow<S>>, options: PartialUpsertOptions): Promise<WriteResult<S>>;
    upsert(rows: ReadonlyArray<UpsertRow<S>>, options?: UpsertOptions & {
        readonly partial?: false;
        readonly fieldOps?: never;
    }): Promise<WriteResult<S>>;
    /**
     * Deletes rows by their keys (not there: no error), or all that a filter matches: all or none on each shard.
     * @example await books.delete({ filter: 'year < {year}', params: { year: 1950 } });
     */
    delete(request: DeleteRequest<S>): Promise<DeleteResult>;
    /**
     * The rows of these keys in ascending order of the key; keys that are not there are left out.
     * @param options.outputFields beside the key; default: all fields
     */
    get<const Names extends OutputName<S> = '*'>(ids: KeyInput<S> | ReadonlyArray<KeyInput<S>>, options?: GetOptions<Names>): Promise<Array<FoundRow<S, Names>>>;
    /**
     * Rows that a filter matches, in ascending order of the key or as `orderBy` says.
     * @param request.outputFields beside the key; default: all fields
     * @example await books.query({ filter: expr`author == ${author}`, outputFields: ['title'], limit: 10 });
     * @throws MilvusError ParameterInvalid for a filter that is wrong (a caret shows where) and for bounds
     */
    query<const Names extends OutputName<S> = '*'>(request?: QueryRequest<Names>): Promise<Array<FoundRow<S, Names>>>;
    /** How many rows there are, or how many a filter matches. */
    count(request?: CountRequest): Promise<number>;
    /**
     * What a filter does, told by running it: its conditions in their order, what each excludes and takes.
     * @example console.table((await books.explain('year > 1990 and author == "Borges"')).steps);
     */
    explain(filter: string | Expression, options?: Omit<CountRequest, 'filter'>): Promise<Explanation>;
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
    search<const Names extends OutputName<S> = never>(request: SearchRequest<S, Names> & {
        readonly data: QueryVector<S>;
    }): Promise<Array<Hit<S, Names>>>;
    search<const Names extends OutputName<S> = never>(request: SearchRequest<S, Names> & {
        readonly data: ReadonlyArray<QueryVector<S>> | ReadonlyArray<QueryList<S>>;
    }): Promise<Array<Array<Hit<S, Names>>>>;
    search<const Names extends OutputName<S> = never>(request: SearchRequest<S, Names> & {
        readonly ids: ReadonlyArray<KeyInput<S>>;
    }): Promise<Array<Array<Hit<S, Names>>>>;
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
    searchIterator<const Names extends OutputName<S> = never>(request: SearchIteratorRequest<S, Names> & {
        readonly data: QueryVector<S>;
    }): AsyncGenerator<Array<Hit<S, Names>>, void, undefined>;
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
    iterate<const Names extends OutputName<S> = '*'>(request?: IterateRequest<Names>): AsyncGenerator<Array<FoundRow<S, Names>>, void, undefined>;
    /**
     * Resolves when the index of that name, or without one every index, covers every sealed row. What
     * was not flushed is no sealed row: `flush()` before waits for all. Until then searches are exact.
     * @example
     *   await books.flush();
     *   await books.waitForIndex('vector', { timeoutMs: 60_000 });
     * @throws MilvusError why a build failed; IndexNotFound; Unimplemented where nothing builds such an index
     */
    waitForIndex(name?: string, options?: CallOptions): Promise<void>;
    /** Moves rows from the log to segment files now; the engine does it by itself as they grow. */
    flush(options?: CallOptions): Promise<void>;
    /**
     * Merges segments into as few as may be and frees the room of deleted rows. The engine merges by itself,
     * but not so far: worth it before many searches by an index.
     */
    compact(options?: CallOptions): Promise<void>;
    /** Rows stored; deleted ones count until compaction takes them. `count()` gives the live ones. */
    stats(options?: CallOptions): Promise<CollectionStatistics>;
    /** The segments that hold its rows. */
    segments(options?: CallOptions): Promise<SegmentState[]>;
    /** Schema, partitions, properties and state. */
    describe(options?: CallOptions): Promise<CollectionInfo>;
    /** Makes it readable after `release`; reads do it by themselves. */
    load(options?: CallOptions): Promise<void>;
    /** Frees the memory that it takes. */
    release(options?: CallOptions): Promise<void>;
    /** Deletes every row at once; schema, partitions and aliases stay. */
    truncate(options?: CallOptions): Promise<void>;
    /** Drops the collection with all its rows. */
    drop(options?: CallOptions): Promise<void>;
    /** Gives it another name, in another database if one is given, under which this object goes on. */
    rename(newName: string, options?: RenameOptions): Promise<void>;
    /**
     * Adds a field or a struct array; rows that are there have null or its default. It must be nullable.
     * @returns this collection under the wider type
     * @example const wider = await books.addField('pages', f.int32({ nullable: true }));
     */
    addField<const Name extends string, Traits extends FieldTraits>(name: Name, field: Field<Traits>, options?: CallOptions): Promise<Collection<Schema<S['fields'] & Readonly<Record<Name, Field<Traits>>>, S['dynamic']>>>;
    /**
     * Drops a field or a struct array, with its indexes: no read sees it any more. The room its values take is
     * freed when compaction rewrites them, for certain by `compact()`.
     * @returns this collection under the narrower type
     * @throws MilvusError ParameterInvalid for the primary, partition, clustering or TTL key, a sub-field of a
     *   struct, and the last vector
     * @example const narrower = await books.dropField('pages');
     */
    dropField<Name extends string & keyof S['fields']>(name: Name, options?: CallOptions): Promise<Collection<Schema<Omit<S['fields'], Name>, S['dynamic']>>>;
    /** Changes parameters of a field: `max_length`, `max_capacity`, `mmap.enabled`, `warmup`, `description`. */
    alterField(name: string, params: Readonly<Record<string, string | number | boolean>>, options?: CallOptions): Promise<void>;
    /**
     * Sets properties and removes those of `options.remove`.
     * @example await books.setProperties({ 'collection.ttl.seconds': 3600 });
     */
    setProperties(properties: Readonly<Record<string, string | number | boolean>>, options?: PropertyChanges): Promise<void>;
    /** Names under which it can be opened beside its own. */
    listAliases(options?: CallOptions): Promise<readonly string[]>;
    createAlias(alias: string, options?: CallOptions): Promise<void>;
}

// api/database-view.d.ts
import type { AliasInfo, CollectionInfo } from '../core/ports.ts';
import type { CallOptions } from '../core/requests.ts';
import { Collection } from './collection.ts';
import type { FieldShapes } from './field.ts';
import type { CollectionOptions } from './requests.ts';
import { Schema } from './schema.ts';
import type { Session } from './session.ts';
/** Made by `db.database(name)`; `MilvusLite` itself is the view of the database `default`. */
export declare class DatabaseView {
    #private;
    readonly name: string;
    protected readonly session: Session;
    constructor(session: Session, name: string);
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
    collection(name: string, options?: CallOptions): Promise<Collection>;
    collection<const Shapes extends FieldShapes, const Dynamic extends boolean>(name: string, options: CollectionOptions & {
        readonly schema: Schema<Shapes, Dynamic>;
    }): Promise<Collection<Schema<Shapes, Dynamic>>>;
    collection<const Shapes extends FieldShapes, const Dynamic extends boolean = false>(name: string, options: CollectionOptions & {
        readonly schema: Shapes;
        readonly dynamic?: Dynamic;
    }): Promise<Collection<Schema<Shapes, Dynamic>>>;
    /** Collections in order of their names. */
    listCollections(options?: CallOptions): Promise<CollectionInfo[]>;
    hasCollection(name: string, options?: CallOptions): Promise<boolean>;
    /** @throws MilvusError CollectionNotFound */
    describeCollection(name: string, options?: CallOptions): Promise<CollectionInfo>;
    /** Drops a collection with its rows; one that is not there is no error. */
    dropCollection(name: string, options?: CallOptions): Promise<void>;
    /**
     * Gives a collection another name.
     * @param options.database moves it to this database as well
     */
    renameCollection(name: string, newName: string, options?: CallOptions & {
        readonly database?: string;
    }): Promise<void>;
    /** Makes `alias` another name of a collection. @throws MilvusError AliasAlreadyExists */
    createAlias(alias: string, collection: string, options?: CallOptions): Promise<void>;
    /** Lets an alias point to another collection. @throws MilvusError AliasNotFound */
    alterAlias(alias: string, collection: string, options?: CallOptions): Promise<void>;
    dropAlias(alias: string, options?: CallOptions): Promise<void>;
    /** @throws MilvusError AliasNotFound */
    describeAlias(alias: string, options?: CallOptions): Promise<AliasInfo>;
    /** Aliases of one collection, or of all of them. */
    listAliases(options?: CallOptions & {
        readonly collection?: string;
    }): Promise<AliasInfo[]>;
}

// api/expression.d.ts
import type { ParameterValues } from './values.ts';
/** What may stand in `${…}`: a value, a list for `in`, or another expression, which gets parentheses. */
export type ExpressionValue = Expression | ParameterValues[string];
/** A filter and the values of its parameters; made by {@link expr}. */
export declare class Expression {
    #private;
    /** The filter with `{value_0}`, `{value_1}` … in the places of the values. */
    readonly filter: string;
    readonly params: ParameterValues;
    constructor(parts: readonly string[], values: readonly ExpressionValue[]);
}
/**
 * Builds a filter from a template, whose backslashes are those of the filter language.
 * @example
 *   const tag = 'x" or true';
 *   await docs.query({ filter: expr`tag == ${tag} and id in ${[1, 2, 3]}`, limit: 10 });
 * @throws MilvusError ParameterInvalid when a value is null or undefined: write `is null` for that
 */
export declare function expr(parts: TemplateStringsArray, ...values: readonly ExpressionValue[]): Expression;
export interface FilterParts {
    readonly filter?: string;
    readonly parameters?: ParameterValues;
}
/** Filter and parameters as the service takes them, from either way of writing a filter. */
export declare function filterParts(filter: string | Expression | undefined, params: ParameterValues | undefined): FilterParts;

// api/field.d.ts
import type { DataType } from '../schema/data-type.ts';
import type { FieldDefinition } from '../schema/definition.ts';
import { type Members } from './checks.ts';
import type { IndexOptions } from './index-options.ts';
import type { Metric } from './values.ts';
/** The types of a field's values; exists for the compiler only. */
export interface FieldTraits {
    /** As reads give it. */
    readonly out: unknown;
    /** As writes accept it. */
    readonly in: unknown;
    /** As `search` accepts it; never for a field that is no vector. */
    readonly query: unknown;
    readonly isKey: boolean;
    /** A row may leave it out. */
    readonly isOptional: boolean;
}
/** A field without its name, which the schema gives it. */
export type FieldDescription = Omit<FieldDefinition, 'name'>;
/** A struct array: rows hold lists of objects that have these fields. */
export interface StructDescription {
    readonly fields: FieldShapes;
    readonly maxCapacity: number;
    readonly nullable: boolean;
    readonly description: string;
}
/** A field of a schema; made by the builders of `f`. */
export declare class Field<out Traits extends FieldTraits = FieldTraits> {
    readonly traits: Traits;
    readonly description: FieldDescription | null;
    readonly struct: StructDescription | null;
    /** Of a vector; null: none. */
    readonly index: IndexOptions | null;
    /** One of the first two is null. */
    constructor(description: FieldDescription | null, struct?: StructDescription | null, index?: IndexOptions | null);
}
/** @throws MilvusError ParameterInvalid for what no builder of `f` made */
export declare function requireField(name: string, field: unknown): void;
/** Fields by name, in the order of the schema. */
export type FieldShapes = Readonly<Record<string, Field>>;
/** `Options`, and an error at every property that `Allowed` does not have. */
export type Only<Options, Allowed> = Options & Record<Exclude<keyof Options, keyof Allowed>, never>;
/** Options that every field has. */
export interface FieldOptions {
    /** At most 1,024 bytes. */
    readonly description?: string;
    /** Further type parameters, as Milvus names them: `mmap.enabled`, `warmup` … */
    readonly params?: Readonly<Record<string, string>>;
}
export interface NullableOptions extends FieldOptions {
    /** Rows may hold null; a row that leaves the field out does. Default: false. */
    readonly nullable?: boolean;
}
export interface ScalarOptions<Value> extends NullableOptions {
    /** Value of rows that leave the field out. */
    readonly default?: Value;
    /** Compaction sorts rows by this field; at most one. */
    readonly clusteringKey?: boolean;
}
export interface KeyOptions<Value> extends ScalarOptions<Value> {
    /** The primary key; a schema has exactly one. */
    readonly primary?: boolean;
    /** The engine makes the keys; rows leave them out. */
    readonly autoId?: boolean;
    /** Rows are spread over partitions by this field; at most one. */
    readonly partitionKey?: boolean;
}
export interface VarCharOptions extends KeyOptions<string> {
    /** Bytes of UTF-8, 1 to 65,535. Default: 65,535. */
    readonly maxLength?: number;
}
export interface TextOptions extends NullableOptions {
    readonly default?: string;
}
export interface ArrayOptions extends NullableOptions {
    /** Elements, 1 to 4,096. */
    readonly maxCapacity: number;
}
export interface VectorOptions extends NullableOptions {
    /** How vectors are compared. Default: COSINE for dense, HAMMING for binary, IP for sparse vectors. */
    readonly metric?: Metric;
    /** Created with the collection. Default: none, and searches are exact. */
    readonly index?: IndexOptions;
}
export interface StructOptions extends NullableOptions {
    /** Elements, 1 to 4,096. */
    readonly maxCapacity: number;
}
type True<Options, Name extends string> = Options extends Readonly<Record<Name, true>> ? true : false;
type Defaulted<Options> = Options extends {
    readonly default: string | number | bigint | boolean;
} ? true : false;
type OrNull<Value, Condition> = true extends Condition ? Value | null : Value;
/** Traits of a scalar field or a primary key with these options. */
export interface ScalarTraits<Out, In, Options> extends FieldTraits {
    readonly out: OrNull<Out, True<Options, 'nullable'>>;
    readonly in: OrNull<In, True<Options, 'nullable'> | Defaulted<Options>>;
    readonly query: never;
    readonly isKey: True<Options, 'primary'>;
    readonly isOptional: true extends True<Options, 'nullable'> | Defaulted<Options> | True<Options, 'autoId'> ? true : false;
}
export interface VectorTraits<Out, In, Query, Options> extends FieldTraits {
    readonly out: OrNull<Out, True<Options, 'nullable'>>;
    readonly in: OrNull<In, True<Options, 'nullable'>>;
    readonly query: Query;
    readonly isKey: false;
    readonly isOptional: True<Options, 'nullable'>;
}
/** An object of the fields' values, for the elements of a struct array. */
export interface StructTraits<Shapes extends FieldShapes, Options> extends FieldTraits {
    readonly out: OrNull<Array<{
        -readonly [Name in keyof Shapes]: Shapes[Name]['traits']['out'];
    }>, True<Options, 'nullable'>>;
    readonly in: OrNull<ReadonlyArray<{
        readonly [Name in keyof Shapes]: Shapes[Name]['traits']['in'];
    }>, True<Options, 'nullable'>>;
    readonly query: never;
    readonly isKey: false;
    readonly isOptional: True<Options, 'nullable'>;
}
type IndexOfType<Type, Index = IndexOptions> = Index extends {
    readonly type?: infer Name;
} ? Type extends Name ? Index : never : never;
type TypeOf<Index> = Index extends {
    readonly type: infer Type;
} ? Type : 'AUTOINDEX';
/** Vector options, and an error at every property that neither they nor the type of the index have. */
export type OnlyVector<Options extends VectorOptions> = Only<Options, VectorOptions> & (Options extends {
    readonly index: infer Index;
} ? {
    readonly index: Only<Index, IndexOfType<TypeOf<Index>>>;
} : unknown);
/**
 * A vector field from the options a user gave; its metric is that of its index, when that has one.
 * @throws MilvusError ParameterInvalid when field and index name two metrics
 */
export declare function vectorField<Traits extends FieldTraits>(type: DataType, defaultMetric: Metric, options: VectorOptions, dim?: number): Field<Traits>;
/** Every option that some field has; which of them a type takes, the compiler and Milvus's rules say. */
export declare const FIELD_MEMBERS: Members<KeyOptions<unknown> & VarCharOptions & ArrayOptions & VectorOptions>;
/**
 * The engine's description of a field from the options a user gave.
 * @throws MilvusError ParameterInvalid for an option that no field has
 */
export declare function describeField(type: DataType, options: KeyOptions<string | number | bigint | boolean> & {
    readonly metric?: Metric;
}, bounds?: {
    dim?: number;
    maxLength?: number;
    maxCapacity?: number;
    elementType?: FieldDefinition['type'];
}): FieldDescription;
export {};

// api/fields.d.ts
import { type ArrayOptions, Field, type FieldShapes, type FieldTraits, type KeyOptions, type NullableOptions, type Only, type OnlyVector, type ScalarOptions, type ScalarTraits, type StructOptions, type StructTraits, type TextOptions, type VarCharOptions, type VectorOptions, type VectorTraits } from './field.ts';
import type { BinaryVectorInput, FloatVectorInput, HalfVectorInput, Int8VectorInput, JsonValue, SparseVector, SparseVectorInput, SparseVectorQuery } from './values.ts';
type Scalar<Out, In, Options> = Field<ScalarTraits<Out, In, Options>>;
type Vector<Out, In, Query, Options> = Field<VectorTraits<Out, In, Query, Options>>;
type FloatVector<Input, Options> = Vector<Float32Array, Input, Input, Options>;
/** Elements that an array may have. */
type ElementField = Field<FieldTraits & {
    readonly out: boolean | number | bigint | string;
}>;
interface ArrayTraits<Element extends Field, Options> extends FieldTraits {
    readonly out: ScalarTraits<Array<Element['traits']['out']>, unknown, Options>['out'];
    readonly in: ScalarTraits<unknown, ReadonlyArray<Element['traits']['in']>, Options>['in'];
    readonly query: never;
    readonly isKey: false;
    readonly isOptional: ScalarTraits<unknown, unknown, Options>['isOptional'];
}
declare function bool<const Options extends ScalarOptions<boolean> = ScalarOptions<boolean>>(options?: Only<Options, ScalarOptions<boolean>>): Scalar<boolean, boolean, Options>;
declare function int8<const Options extends ScalarOptions<number> = ScalarOptions<number>>(options?: Only<Options, ScalarOptions<number>>): Scalar<number, number, Options>;
declare function int16<const Options extends ScalarOptions<number> = ScalarOptions<number>>(options?: Only<Options, ScalarOptions<number>>): Scalar<number, number, Options>;
declare function int32<const Options extends ScalarOptions<number> = ScalarOptions<number>>(options?: Only<Options, ScalarOptions<number>>): Scalar<number, number, Options>;
declare function int64<const Options extends KeyOptions<bigint | number> = KeyOptions<bigint | number>>(options?: Only<Options, KeyOptions<bigint | number>>): Scalar<bigint, bigint | number, Options>;
declare function float<const Options extends ScalarOptions<number> = ScalarOptions<number>>(options?: Only<Options, ScalarOptions<number>>): Scalar<number, number, Options>;
declare function double<const Options extends ScalarOptions<number> = ScalarOptions<number>>(options?: Only<Options, ScalarOptions<number>>): Scalar<number, number, Options>;
declare function varChar<const Options extends VarCharOptions = VarCharOptions>(options?: Only<Options, VarCharOptions>): Scalar<string, string, Options>;
declare function text<const Options extends TextOptions = TextOptions>(options?: Only<Options, TextOptions>): Scalar<string, string, Options>;
declare function timestamptz<const Options extends ScalarOptions<string> = ScalarOptions<string>>(options?: Only<Options, ScalarOptions<string>>): Scalar<string, string, Options>;
declare function geometry<const Options extends TextOptions = TextOptions>(options?: Only<Options, TextOptions>): Scalar<string, string, Options>;
declare function json<Value = JsonValue>(options: NullableOptions & {
    readonly nullable: true;
}): Scalar<Value, Value, {
    readonly nullable: true;
}>;
declare function json<Value = JsonValue>(options?: NullableOptions & {
    readonly nullable?: false;
}): Scalar<Value, Value, NullableOptions>;
declare function array<Element extends ElementField, const Options extends ArrayOptions>(element: Element, options: Only<Options, ArrayOptions>): Field<ArrayTraits<Element, Options>>;
declare function floatVector<const Options extends VectorOptions = VectorOptions>(dim: number, options?: OnlyVector<Options>): FloatVector<FloatVectorInput, Options>;
declare function float16Vector<const Options extends VectorOptions = VectorOptions>(dim: number, options?: OnlyVector<Options>): FloatVector<HalfVectorInput, Options>;
declare function bfloat16Vector<const Options extends VectorOptions = VectorOptions>(dim: number, options?: OnlyVector<Options>): FloatVector<HalfVectorInput, Options>;
declare function int8Vector<const Options extends VectorOptions = VectorOptions>(dim: number, options?: OnlyVector<Options>): Vector<Int8Array, Int8VectorInput, Int8VectorInput, Options>;
declare function binaryVector<const Options extends VectorOptions = VectorOptions>(dim: number, options?: OnlyVector<Options>): Vector<Uint8Array, BinaryVectorInput, BinaryVectorInput, Options>;
declare function sparseVector<const Options extends VectorOptions = VectorOptions>(options?: OnlyVector<Options>): Vector<SparseVector, SparseVectorInput, SparseVectorQuery, Options>;
declare function struct<const Shapes extends FieldShapes, const Options extends StructOptions>(fields: Shapes, options: Only<Options, StructOptions>): Field<StructTraits<Shapes, Options>>;
/**
 * Builders of fields.
 *
 * Scalars: `bool`, `int8`, `int16`, `int32`, `int64` (bigint; safe integers are accepted), `float`,
 * `double`, `varChar` (maxLength bytes), `text` (up to 2 MiB, not filterable), `timestamptz` (ISO 8601
 * text), `geometry` (WKT text), `json`, `array(element, { maxCapacity })`.
 * Vectors: `floatVector`, `float16Vector`, `bfloat16Vector`, `int8Vector`, `binaryVector` (all with the
 * number of dimensions), `sparseVector`. Lists of objects: `struct({ … }, { maxCapacity })`.
 * @example
 *   const schema = defineSchema({
 *     id: f.int64({ primary: true, autoId: true }),
 *     title: f.varChar({ maxLength: 200 }),
 *     year: f.int16({ nullable: true }),
 *     embedding: f.floatVector(384, { metric: 'COSINE' }),
 *   });
 */
export declare const f: {
    readonly bool: typeof bool;
    readonly int8: typeof int8;
    readonly int16: typeof int16;
    readonly int32: typeof int32;
    readonly int64: typeof int64;
    readonly float: typeof float;
    readonly double: typeof double;
    readonly varChar: typeof varChar;
    readonly text: typeof text;
    readonly timestamptz: typeof timestamptz;
    readonly geometry: typeof geometry;
    readonly json: typeof json;
    readonly array: typeof array;
    readonly floatVector: typeof floatVector;
    readonly float16Vector: typeof float16Vector;
    readonly bfloat16Vector: typeof bfloat16Vector;
    readonly int8Vector: typeof int8Vector;
    readonly binaryVector: typeof binaryVector;
    readonly sparseVector: typeof sparseVector;
    readonly struct: typeof struct;
};
export {};

// api/index-options.d.ts
/**
 * What an index is asked for by: its type, and the parameters of that type under Milvus's names, so that
 * Milvus's documentation and error texts hold here as they are.
 */
import type { IndexRequest } from '../core/ports.ts';
import type { ScalarIndexOptions } from './scalar-index-options.ts';
import type { IndexMetric, Metric } from './values.ts';
interface Kept {
    /** Default: the name of the field. */
    readonly name?: string;
    /** Default: the field's. */
    readonly metric?: Metric;
    /** Maps its file instead of reading it into memory. */
    readonly mmap?: boolean;
}
interface Inverted extends Kept {
    /** Lists that vectors are spread over, 1 to 65,536. Default: 128. */
    readonly nlist?: number;
}
interface Graph extends Kept {
    /** Neighbours of a vector, 2 to 2,048. Default: 30. */
    readonly M?: number;
    /** Candidates that are weighed for each vector that is added. Default: 360. */
    readonly efConstruction?: number;
}
type Precision = 'SQ6' | 'SQ8' | 'FP16' | 'BF16' | 'FP32';
interface Refined<Precisions> {
    /** Keeps vectors more precisely beside their codes, to sort the best again. Default: false. */
    readonly refine?: boolean;
    /** How precisely. Default: as they are. */
    readonly refine_type?: Precisions;
}
interface ProductCode {
    /** Parts that a vector is cut into; it must divide the dimension. */
    readonly m?: number;
    /** Bits of the code of a part, 1 to 24. Default: 8. */
    readonly nbits?: number;
}
/** Chosen by the engine: a graph for dense vectors. */
export interface AutoIndexOptions {
    readonly type?: 'AUTOINDEX';
    readonly name?: string;
    readonly metric?: IndexMetric;
}
/** Exact: every vector is compared. */
export interface FlatOptions extends Kept {
    readonly type: 'FLAT';
}
export interface IvfFlatOptions extends Inverted {
    readonly type: 'IVF_FLAT';
}
export interface IvfSq8Options extends Inverted, Refined<Precision> {
    readonly type: 'IVF_SQ8';
}
export interface IvfPqOptions extends Inverted, ProductCode, Refined<Precision> {
    readonly type: 'IVF_PQ';
    readonly m: number;
}
export interface IvfRabitqOptions extends Inverted, Refined<Precision> {
    readonly type: 'IVF_RABITQ';
}
export interface ScannOptions extends Inverted {
    readonly type: 'SCANN';
    /** Keeps the vectors, to sort the best again. Default: true. */
    readonly with_raw_data?: boolean;
}
export interface HnswOptions extends Graph {
    readonly type: 'HNSW';
}
export interface HnswSqOptions extends Graph, Refined<Precision | 'SQ4U'> {
    readonly type: 'HNSW_SQ';
    /** Default: SQ8. */
    readonly sq_type?: 'SQ4U' | 'SQ6' | 'SQ8' | 'BF16' | 'FP16';
}
export interface HnswPqOptions extends Graph, ProductCode, Refined<Precision | 'SQ4U'> {
    readonly type: 'HNSW_PQ';
}
export interface HnswPrqOptions extends Graph, ProductCode, Refined<Precision> {
    readonly type: 'HNSW_PRQ';
    /** Codes of a part, each of what the one before left over, 1 to 16. Default: 2. */
    readonly nrq?: number;
}
/** A graph that stays in its file, as do the vectors. */
export interface DiskannOptions extends Omit<Kept, 'mmap'> {
    readonly type: 'DISKANN' | 'AISAQ';
    /** Neighbours of a vector, 1 to 512. Default: 56. */
    readonly max_degree?: number;
    /** Candidates that are weighed for each vector that is added. Default: 100. */
    readonly search_list_size?: number;
    /** Bytes of the codes, of those of the vectors. Default: 0.125. */
    readonly pq_code_budget_gb_ratio?: number;
}
/** Exact, of binary vectors. */
export interface BinFlatOptions extends Omit<Kept, 'metric'> {
    readonly type: 'BIN_FLAT';
    /** By SUBSTRUCTURE rows that have every bit of the vector are hits, by SUPERSTRUCTURE those it has. */
    readonly metric?: 'HAMMING' | 'JACCARD' | 'SUBSTRUCTURE' | 'SUPERSTRUCTURE';
}
export interface BinIvfFlatOptions extends Inverted {
    readonly type: 'BIN_IVF_FLAT';
}
/** Near duplicates by MinHash signatures, in binary vectors. */
export interface MinhashLshOptions {
    readonly type: 'MINHASH_LSH';
    readonly name?: string;
    readonly metric: 'MHJACCARD';
    /** Bits of one value of a signature. Default: 8. */
    readonly mh_element_bit_width?: 8 | 16 | 32 | 64;
    /** Parts of a signature, of which one has to agree. Default: 1. */
    readonly mh_lsh_band?: number;
    /** Share of misses that go by the filters of the parts to their tables, 0 to 1. Default: 0.01. */
    readonly mh_lsh_bloom_false_positive_prob?: number;
    /** One filter for all parts: less memory, and more that goes by it. Default: false. */
    readonly mh_lsh_shared_bloom_filter?: boolean;
    /** Without effect: signatures are never kept twice, and are there to be compared either way. */
    readonly with_raw_data?: boolean;
    /** Without effect: tables are in memory while they are searched. */
    readonly mh_lsh_code_in_mem?: boolean;
}
/**
 * An index of a vector field.
 * @example { type: 'HNSW', metric: 'COSINE', M: 16, efConstruction: 200 }
 */
export type IndexOptions = AutoIndexOptions | FlatOptions | IvfFlatOptions | IvfSq8Options | IvfPqOptions | IvfRabitqOptions | ScannOptions | HnswOptions | HnswSqOptions | HnswPqOptions | HnswPrqOptions | DiskannOptions | BinFlatOptions | BinIvfFlatOptions | MinhashLshOptions;
/** How wide a search looks, and which scores count: by Milvus's names. */
export interface SearchParams {
    /**
     * The worst score that counts, itself not included: hits are nearer than it by L2, HAMMING and JACCARD, and
     * score above it by IP and COSINE.
     */
    readonly radius?: number;
    /** With `radius`: the best score that counts, itself included; hits that are better are left out. */
    readonly range_filter?: number;
    /** HNSW and its kin: candidates kept, at least `limit` + `offset`. Default: that, and at least 16. */
    readonly ef?: number;
    /** IVF and its kin: lists visited, 1 to 65,536. Default: 8. */
    readonly nprobe?: number;
    /** DISKANN: candidates kept, at least `limit` + `offset`. */
    readonly search_list?: number;
    /** SCANN: candidates that are sorted again, at least `limit` + `offset`. */
    readonly reorder_k?: number;
    /**
     * With `refine`: candidates that are sorted again, of what is wanted. MINHASH_LSH: candidates that are
     * compared exactly, and as many as are wanted at least. Default: 1.
     */
    readonly refine_k?: number;
    /** IVF_RABITQ: bits of a query's code, 0 (exact) to 8. Default: 0. */
    readonly rbq_bits_query?: number;
    /** MINHASH_LSH: hits by the share of equal values, not by whether a part agrees. Default: false. */
    readonly mh_search_with_jaccard?: boolean;
    /** MINHASH_LSH: without effect on what is found. */
    readonly mh_lsh_batch_search?: boolean;
}
/** The engine's description of an index. @throws MilvusError ParameterInvalid for what is none */
export declare function indexRequest(fieldName: string, options: IndexOptions | ScalarIndexOptions): IndexRequest;
export {};

// api/indexes.d.ts
import type { CollectionRef } from '../core/references.ts';
import type { CallOptions } from '../core/requests.ts';
import { type IndexOptions } from './index-options.ts';
import type { ScalarIndexOptions } from './scalar-index-options.ts';
import type { IndexDescription, PropertyChanges } from './requests.ts';
import type { Session } from './session.ts';
/**
 * At most one index for a field, of JSON one for each path. That of a vector field decides how a search is done,
 * and by which metric; those of scalar fields answer conditions of filters, and change no answer. Until a
 * segment has one, it is searched exactly, and its columns are looked at.
 */
export declare class Indexes {
    #private;
    /** Made by {@link Collection}. */
    constructor(session: Session, collection: () => CollectionRef);
    /**
     * Creates the index of a field; the same one again is no error.
     * @example await books.indexes.create('vector', { type: 'HNSW', M: 16, efConstruction: 200 });
     * @example await books.indexes.create('title', { type: 'NGRAM', min_gram: 2, max_gram: 3 });
     * @throws MilvusError ParameterInvalid for a parameter that is out of range, and for another index;
     *   ParameterMissing
     */
    create(field: string, index?: IndexOptions | ScalarIndexOptions, options?: CallOptions): Promise<void>;
    /**
     * Drops an index; one that is not there is no error. For an index of vectors the collection is released and
     * loaded again.
     */
    drop(name: string, options?: CallOptions): Promise<void>;
    /**
     * Changes how an index is kept: `mmap.enabled`, `warmup`. The collection is released and loaded again.
     * @throws MilvusError IndexNotFound
     */
    alter(name: string, properties: Readonly<Record<string, string | boolean>>, options?: PropertyChanges): Promise<void>;
    /**
     * Parameters, state and rows of an index.
     * @throws MilvusError IndexNotFound
     */
    describe(name: string, options?: CallOptions): Promise<IndexDescription>;
    /** All indexes of the collection. */
    list(options?: CallOptions): Promise<readonly IndexDescription[]>;
}

// api/milvus-lite.d.ts
import { type Database, type DatabaseOptions } from '../core/open.ts';
import type { DatabaseInfo } from '../core/ports.ts';
import type { CallOptions } from '../core/requests.ts';
import { DatabaseView } from './database-view.ts';
import type { PropertyChanges } from './requests.ts';
export interface OpenOptions extends DatabaseOptions, CallOptions {
}
/**
 * An open database. One process at a time may open a directory for writing; others may read it with
 * `readOnly`. Nothing keeps the process alive after `close()`.
 * @example
 *   await using db = await MilvusLite.open('./demo.db');
 *   const books = await db.collection('books', {
 *     schema: { id: f.int64({ primary: true }), title: f.varChar(), vector: f.floatVector(8) },
 *   });
 */
export declare class MilvusLite extends DatabaseView implements AsyncDisposable {
    /** What opening found and did: rows replayed from the log, bytes of a torn end that were cut. */
    readonly recovery: Database['recovery'];
    /** Use {@link MilvusLite.open}. */
    constructor(database: Database);
    /**
     * Opens a database directory, creating it when there is none; `:memory:` keeps everything in memory.
     * @param options.durability when a write resolves: after the bytes are on the device (`sync`, the
     *        default), after the operating system has them (`os`), or at once (`memory`)
     * An opening that is given up rejects when nothing of it is at work any more.
     * @throws MilvusError DirectoryLocked that names the process which has it open; DataIntegrity with file
     *         and offset for damage; FormatNotSupported when a newer version wrote it
     */
    static open(path: string, options?: OpenOptions): Promise<MilvusLite>;
    /** The directory it was opened from. */
    get path(): string;
    get isClosed(): boolean;
    /** The collections of another database of this directory. Costs nothing: calls check that it exists. */
    database(name: string): DatabaseView;
    /** @throws MilvusError DatabaseNameInvalid; ParameterInvalid when it exists */
    createDatabase(name: string, options?: CallOptions & {
        readonly properties?: Readonly<Record<string, string | number | boolean>>;
    }): Promise<DatabaseView>;
    /** @throws MilvusError ParameterInvalid when it has collections, or is the default database */
    dropDatabase(name: string, options?: CallOptions): Promise<void>;
    listDatabases(options?: CallOptions): Promise<DatabaseInfo[]>;
    /** @throws MilvusError DatabaseNotFound */
    describeDatabase(name: string, options?: CallOptions): Promise<DatabaseInfo>;
    /** Sets properties of a database and removes those of `options.remove`. */
    alterDatabase(name: string, properties: Readonly<Record<string, string | number | boolean>>, options?: PropertyChanges): Promise<void>;
    /**
     * Waits for running writes, records the clean end of the log and frees everything. May be called
     * twice; afterwards every other call fails with Closed.
     */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// api/partitions.d.ts
/** The partitions of one collection, by name. */
import type { CallOptions, CollectionStatistics } from '../core/requests.ts';
import type { PartitionInfo } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import type { Session } from './session.ts';
/**
 * Named parts of a collection; `_default` is always there. A collection with a partition key spreads its
 * rows over partitions by itself and does not let you name them in reads and writes.
 */
export declare class Partitions {
    #private;
    /** Made by {@link Collection}. */
    constructor(session: Session, collection: () => CollectionRef);
    /** @throws MilvusError ParameterInvalid for a bad name */
    create(name: string, options?: CallOptions): Promise<void>;
    /** Drops a partition and its rows; frees it first if it is loaded. */
    drop(name: string, options?: CallOptions): Promise<void>;
    has(name: string, options?: CallOptions): Promise<boolean>;
    list(options?: CallOptions): Promise<readonly PartitionInfo[]>;
    /** Makes partitions readable again after `release`; reads do it by themselves. */
    load(names: readonly string[], options?: CallOptions): Promise<void>;
    /** Frees the memory of partitions, until they are loaded again: by `load`, or by a read of their rows. */
    release(names: readonly string[], options?: CallOptions): Promise<void>;
    /** Rows stored in a partition; deleted ones count until compaction takes them. */
    stats(name: string, options?: CallOptions): Promise<CollectionStatistics>;
}

// api/requests.d.ts
/** What the methods of the typed API take and give, for the compiler and the reader. */
import type { CallOptions, CollectionStatistics } from '../core/requests.ts';
import type { IndexDescription } from '../core/index-states.ts';
import type { ConsistencyLevel, SegmentState } from '../core/ports.ts';
import type { FieldOperation } from '../schema/array-operations.ts';
import type { Expression } from './expression.ts';
import type { CollectionTraits } from './collection-definition.ts';
import type { SearchParams } from './index-options.ts';
import type { KeyInput, KeyOf, Schema, VectorName } from './schema.ts';
import type { IndexMetric, ParameterValues } from './values.ts';
export type { CallOptions, CollectionStatistics, ConsistencyLevel, FieldOperation, IndexDescription, SegmentState, };
export interface WriteOptions extends CallOptions {
    /** Name of the partition to write to. Default: `_default`. */
    readonly partition?: string;
    /**
     * Where the rows belong, in a collection with namespaces. A key is one row of the whole collection: a write in one
     * namespace replaces the row of the same key in another. Only with the property `namespace.mode` = `partition`
     * and keys that are not made by the engine does each namespace have its own keys.
     */
    readonly namespace?: string;
}
export interface UpsertOptions extends WriteOptions {
    /**
     * Fields that a row leaves out keep their values; all rows must give the same fields. Without `partition` a
     * row that is there stays in its partition.
     */
    readonly partial?: boolean;
    /**
     * What the rows do to Array fields instead of replacing them: `ARRAY_APPEND` adds their elements behind those
     * that are there, `ARRAY_REMOVE` takes every equal element away. With one, the upsert is partial.
     */
    readonly fieldOps?: Readonly<Record<string, FieldOperation>>;
}
/** Of rows that leave fields out. */
export type PartialUpsertOptions = UpsertOptions & ({
    readonly partial: true;
} | {
    readonly fieldOps: Readonly<Record<string, FieldOperation>>;
});
export interface RenameOptions extends CallOptions {
    /** The database that the collection moves to. Default: it stays in its own. */
    readonly database?: string;
}
export interface WriteResult<S extends Schema> {
    readonly rowCount: number;
    /** Keys in the order of the rows. */
    readonly ids: ReadonlyArray<KeyOf<S>>;
    /** Hybrid timestamp of the write: milliseconds since 1970 << 18 | counter. */
    readonly timestamp: bigint;
}
/** Which rows: a filter in Milvus's language with values for its `{name}` parameters, or an {@link Expression}. */
export interface Filtered {
    readonly filter?: string | Expression;
    readonly params?: ParameterValues;
}
/** Rows by their keys, or by a filter. */
export type DeleteRequest<S extends Schema> = WriteOptions & ({
    readonly ids: ReadonlyArray<KeyInput<S>>;
    readonly filter?: never;
    readonly params?: never;
} | (Filtered & {
    readonly filter: string | Expression;
    readonly ids?: never;
}));
export interface DeleteResult {
    readonly rowCount: number;
    readonly timestamp: bigint;
}
export interface ReadOptions extends CallOptions {
    /** Only rows of these partitions. Default: all. */
    readonly partition?: string | readonly string[];
    /** Default: the collection's. */
    readonly consistencyLevel?: ConsistencyLevel;
    /** The namespace to read, in a collection that has some; see {@link WriteOptions} for what a key is there. */
    readonly namespace?: string;
    /**
     * The read sees exactly the rows of this hybrid timestamp, also those that were deleted since: for a minute after
     * its last use, and as long as `collection.retention.seconds` says; else SnapshotExpired.
     */
    readonly timestamp?: bigint;
    /** IANA zone in which timestamptz values are written. Default: the collection's, else UTC. */
    readonly timezone?: string;
}
/** A field to order by. */
export interface OrderBy {
    /**
     * A field, `json["key"]["inner"]`, or a key of the dynamic field. Vectors, Timestamptz, Array, Geometry and a JSON
     * field as a whole are refused, as in Milvus; so is what is inside of a field in a query through gRPC or REST.
     */
    readonly field: string;
    /** Default: `asc`. */
    readonly order?: 'asc' | 'desc';
    /** Where rows without a value come. Default: `last` of ascending, `first` of descending order. */
    readonly nulls?: 'first' | 'last';
}
interface Projected<Names extends string> {
    /** Fields of the answer; see the method for the default. */
    readonly outputFields?: readonly Names[];
}
export interface GetOptions<Names extends string> extends ReadOptions, Projected<Names> {
}
export interface QueryRequest<Names extends string> extends ReadOptions, Projected<Names>, Filtered {
    /** Rows at most; 1 to 16,384 with `offset`. Required without a filter, and with `orderBy`. */
    readonly limit?: number;
    readonly offset?: number;
    /** Up to 10 fields; equal rows by key. Default: in ascending order of the key. */
    readonly orderBy?: readonly OrderBy[];
    /** Rows that are not in segment files yet are left out. */
    readonly ignoreGrowing?: boolean;
}
export interface AggregateRequest extends ReadOptions, Filtered {
    /** The names of the answer, one at least: of `groupBy`, and aggregates of fields. */
    readonly show: readonly string[];
    /** Integers, text and timestamptz; null is a value like another. Default: all rows are one group. */
    readonly groupBy?: readonly string[];
    /** Groups at most. Default: all, of which there may be 100,000. */
    readonly limit?: number;
    readonly offset?: number;
    /**
     * By fields of `groupBy`, but for Timestamptz, which is refused as in Milvus: groups come in its order unless
     * another one is asked for. Needs a limit.
     */
    readonly orderBy?: readonly OrderBy[];
}
/** Hits that have the values of some fields in common. */
export interface Bucket<Found> {
    /** By field. */
    readonly key: Readonly<Record<string, GroupValue>>;
    /** Hits that were found for it. */
    readonly count: number;
    /** By name; integers are bigints, null where no hit has a value. */
    readonly metrics: Readonly<Record<string, GroupValue>>;
    readonly hits: readonly Found[];
    readonly inside: ReadonlyArray<Bucket<Found>>;
}
/** A value of a field that rows are grouped by; of Timestamptz microseconds since 1970. */
export type GroupValue = bigint | number | string | boolean | null;
/** One level of buckets. */
export interface BucketOptions {
    /** Bool, integers, text and timestamptz; null is a value like another. */
    readonly fields: readonly string[];
    /** Buckets wanted inside of each above. Default: 1. */
    readonly size?: number;
    /** Buckets that are found, of which `size` stay by `order`. Default: `size`. */
    readonly searchSize?: number;
    /** By name: `{ avg: 'price' }`; `_score` and, to count, `*` stand for fields. */
    readonly metrics?: Readonly<Record<string, BucketMetric>>;
    /** By `_count`, `_key` or names of metrics, descending unless said. Default: by the best hit. */
    readonly order?: ReadonlyArray<{
        readonly key: string;
        readonly order?: 'asc' | 'desc';
    }>;
    readonly topHits?: {
        /** Hits told of each bucket. Default: 1. */
        readonly size?: number;
        /** By `_score` or fields, descending unless said. Default: the best first. */
        readonly sort?: ReadonlyArray<{
            readonly field: string;
            readonly order?: 'asc' | 'desc';
            readonly nullFirst?: boolean;
        }>;
    };
    /** Buckets inside of each; up to 4 levels in all. */
    readonly inside?: BucketOptions;
}
/** One aggregate of one field. */
export type BucketMetric = {
    readonly count: string;
} | {
    readonly sum: string;
} | {
    readonly avg: string;
} | {
    readonly min: string;
} | {
    readonly max: string;
};
export interface BucketSearchRequest<S extends Schema, Names extends string> extends Omit<SearchRequest<S, Names>, 'limit' | 'offset' | 'groupBy' | 'groupSize' | 'strictGroupSize' | 'orderBy' | CastName> {
    readonly buckets: BucketOptions;
}
type CastName = 'jsonType' | 'strictCast';
export interface CountRequest extends ReadOptions, Filtered {
}
export interface SearchRequest<S extends Schema, Names extends string> extends ReadOptions, Projected<Names>, Filtered {
    /** Vector field to search; may be left out when there is one only. */
    readonly field?: VectorName<S>;
    /** Hits of each vector; 1 to 16,384 with `offset`. */
    readonly limit: number;
    readonly offset?: number;
    /** Default: that of the index, else the field's. Another one is refused. */
    readonly metric?: IndexMetric;
    /** How wide the field's index is searched, and the range of scores that count. */
    readonly searchParams?: SearchParams;
    /** Decimals of the scores, 0 to 6. Default: all. */
    readonly roundDecimal?: number;
    /**
     * One name or several: the best hits of each group of rows that have these values in common. Bool, integers,
     * text and timestamptz, null as a value like another; alone also a path into JSON or a dynamic key.
     */
    readonly groupBy?: string | readonly string[];
    /** Hits of each group, 1 to 10; `limit` and `offset` count groups. Default: 1. */
    readonly groupSize?: number;
    /** An index goes on until every group has all its hits. Default: until it has the groups. */
    readonly strictGroupSize?: boolean;
    /** What a value of JSON must be to name a group. Default: any, by its text. */
    readonly jsonType?: 'Bool' | 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'VarChar';
    /** A value of JSON of another type is an error. Default: its row is of the group of null. */
    readonly strictCast?: boolean;
    /** The best hits in this order; groups by their best hits. */
    readonly orderBy?: readonly OrderBy[];
    /** Rows that are not in segment files yet are left out. */
    readonly ignoreGrowing?: boolean;
    /** The filter looks at what was found instead of at all rows before: for filters that cost much and refuse little. */
    readonly hints?: 'iterative_filter';
}
export interface SearchIteratorRequest<S extends Schema, Names extends string> extends Omit<SearchRequest<S, Names>, 'limit' | 'offset' | 'consistencyLevel' | 'groupBy' | 'groupSize' | 'strictGroupSize' | CastName | 'orderBy' | 'ignoreGrowing' | 'hints'> {
    /** Hits of a page, 1 to 16,384. Default: 1,000. */
    readonly batchSize?: number;
    /** Hits of all pages together. Default: no bound. */
    readonly limit?: number;
    /** Milliseconds that each request to the engine may take, not all of them together. */
    readonly timeoutMs?: number;
}
export interface IterateRequest<Names extends string> extends Omit<ReadOptions, 'consistencyLevel'>, Projected<Names>, Filtered {
    /** Rows of a page, 1 to 16,384. Default: 1,000. */
    readonly batchSize?: number;
    /** Rows of all pages together. Default: no bound. */
    readonly limit?: number;
    /** Milliseconds that each page may take, not all of them together. */
    readonly timeoutMs?: number;
}
/** How a collection is created when it does not exist. */
export interface CollectionOptions extends CollectionTraits, CallOptions {
}
export interface PropertyChanges extends CallOptions {
    /** Names of properties to remove. */
    readonly remove?: readonly string[];
}

// api/scalar-index-options.d.ts
/** What an index of a scalar field is asked for by, under Milvus's names. */
interface Named {
    /** Default: the name of the field, of JSON with the path behind it. */
    readonly name?: string;
}
/** Of a JSON field: which of its values the index is of. A field has one index for each path. */
interface JsonPathOptions<Cast> {
    /** As filters write it: `data["price"]`. Default: the field itself. */
    readonly json_path?: string;
    /** How values are taken; required of JSON, and without effect elsewhere. */
    readonly json_cast_type?: Cast;
}
type JsonElements = 'ARRAY_BOOL' | 'ARRAY_DOUBLE' | 'ARRAY_VARCHAR';
/** Chosen by the type of the field: bitmaps where there are few distinct values, else a sorted list. */
export interface AutoScalarOptions extends Named, JsonPathOptions<'BOOL' | 'DOUBLE' | 'VARCHAR' | 'JSON'> {
    readonly type?: 'AUTOINDEX';
    /** Distinct values up to which bitmaps are built, 1 to 1,000. Default: 100. */
    readonly bitmap_cardinality_limit?: number;
    /** Maps its file instead of reading it into memory. */
    readonly mmap?: boolean;
}
/** A list of rows for each value; of arrays for each element. */
export interface InvertedOptions extends Named, JsonPathOptions<'BOOL' | 'DOUBLE' | 'VARCHAR' | JsonElements | 'JSON'> {
    readonly type: 'INVERTED';
    /** With DOUBLE: texts that are numbers are in the index as well. */
    readonly json_cast_function?: 'STRING_TO_DOUBLE';
    readonly mmap?: boolean;
}
/** A bit for each row and value: for few distinct booleans, integers or texts. */
export interface BitmapOptions extends Named, JsonPathOptions<'BOOL' | 'VARCHAR'> {
    readonly type: 'BITMAP';
    readonly mmap?: boolean;
}
/** Values in ascending order, for ranges of numbers, texts and moments. */
export interface StlSortOptions extends Named, JsonPathOptions<'DOUBLE' | 'VARCHAR'> {
    readonly type: 'STL_SORT';
}
/** Texts by what they begin with. Only `Trie` can be mapped. */
export interface TrieOptions extends Named {
    readonly type: 'TRIE' | 'Trie' | 'marisa-trie';
    readonly mmap?: boolean;
}
/** Texts by their parts, for `like "%part%"`. */
export interface NgramOptions extends Named, JsonPathOptions<'VARCHAR'> {
    readonly type: 'NGRAM';
    /** Characters of the shortest parts: what is shorter in a pattern finds nothing by the index. */
    readonly min_gram: number;
    /** Characters of the longest parts; more than `min_gram` + 3 change nothing. */
    readonly max_gram: number;
    readonly mmap?: boolean;
}
/** Geometries by the boxes around them. */
export interface RtreeOptions extends Named {
    readonly type: 'RTREE';
}
/**
 * An index of a scalar field, which answers conditions of filters. No index changes an answer.
 * @example { type: 'INVERTED', json_path: 'data["price"]', json_cast_type: 'DOUBLE' }
 */
export type ScalarIndexOptions = AutoScalarOptions | InvertedOptions | BitmapOptions | StlSortOptions | TrieOptions | NgramOptions | RtreeOptions;
export {};

// api/schema.d.ts
/**
 * Typed schemas, and the types that follow from them: rows to insert, rows as read, hits narrowed to
 * their output fields. None of these types exists at run time.
 */
import type { PrimaryKey } from '../schema/primary-key.ts';
import { type FieldShapes } from './field.ts';
import type { ElementVectorInput } from './values.ts';
/** Fields by name and what else makes a collection's rows; made by {@link defineSchema}. */
export declare class Schema<out Shapes extends FieldShapes = FieldShapes, out Dynamic extends boolean = boolean> {
    readonly fields: Shapes;
    /** Rows may hold fields that are not in the schema. */
    readonly dynamic: Dynamic;
    /** @throws MilvusError ParameterInvalid for a field that no builder made */
    constructor(fields: Shapes, dynamic: Dynamic);
}
/**
 * A schema to keep beside the code that uses it.
 * @param options.dynamic rows may hold fields that are not in the schema; default false
 * @example
 *   const books = defineSchema({
 *     id: f.int64({ primary: true }),
 *     title: f.varChar({ maxLength: 200 }),
 *     vector: f.floatVector(8),
 *   });
 *   type Book = Row<typeof books>;  // { id: bigint; title: string; vector: Float32Array }
 */
export declare function defineSchema<const Shapes extends FieldShapes, const Dynamic extends boolean = false>(fields: Shapes, options?: {
    readonly dynamic?: Dynamic;
}): Schema<Shapes, Dynamic>;
/** The schema of a collection that was opened by name only: every row is a record of unknown values. */
export type AnySchema = Schema<FieldShapes, true>;
type ShapesOf<S extends Schema> = S['fields'];
type Traits<S extends Schema, Name extends keyof ShapesOf<S>> = ShapesOf<S>[Name]['traits'];
/** Makes editors show the members instead of the recipe. */
type Flat<T> = {
    [Name in keyof T]: T[Name];
};
/** Fields beside the schema's, where the schema lets them in. */
type DynamicFields<S extends Schema> = true extends S['dynamic'] ? {
    readonly [name: string]: unknown;
} : unknown;
type OptionalNames<S extends Schema> = {
    [Name in keyof ShapesOf<S>]: Traits<S, Name>['isOptional'] extends true ? Name : never;
}[keyof ShapesOf<S>];
type KeyNames<S extends Schema> = {
    [Name in keyof ShapesOf<S>]: Traits<S, Name>['isKey'] extends true ? Name : never;
}[keyof ShapesOf<S>];
type Given<S extends Schema, Names extends keyof ShapesOf<S>> = {
    readonly [Name in Names]: Traits<S, Name>['in'];
};
type Omittable<S extends Schema, Names extends keyof ShapesOf<S>> = {
    readonly [Name in Names]?: Traits<S, Name>['in'] | undefined;
};
/** A row as reads with `outputFields: ['*']` give it. */
export type Row<S extends Schema> = Flat<{
    -readonly [Name in keyof ShapesOf<S>]: Traits<S, Name>['out'];
}> & DynamicFields<S>;
/** A row to insert. Automatic keys and fields that are nullable or have a default may be left out. */
export type InsertRow<S extends Schema> = Flat<Given<S, Exclude<keyof ShapesOf<S>, OptionalNames<S>>> & Omittable<S, OptionalNames<S>>> & DynamicFields<S>;
/** A row of an upsert, whose key must be given even where inserts get one by themselves. */
export type UpsertRow<S extends Schema> = InsertRow<S> & Given<S, KeyNames<S>>;
/** A row of a partial upsert: the key, and the fields that change. */
export type PartialRow<S extends Schema> = Flat<Given<S, KeyNames<S>> & Omittable<S, Exclude<keyof ShapesOf<S>, KeyNames<S>>>> & DynamicFields<S>;
/** The primary key as reads give it. */
export type KeyOf<S extends Schema> = [KeyNames<S>] extends [never] ? PrimaryKey : Extract<Traits<S, KeyNames<S>>['out'], PrimaryKey>;
/** The primary key as calls accept it: an int64 also as a safe integer. */
export type KeyInput<S extends Schema> = [KeyNames<S>] extends [never] ? PrimaryKey | number : Extract<Traits<S, KeyNames<S>>['in'], PrimaryKey | number>;
type PlainVectorName<S extends Schema> = {
    [Name in keyof ShapesOf<S>]: [Traits<S, Name>['query']] extends [never] ? never : Name;
}[keyof ShapesOf<S>] & string;
type VectorKeys<Element> = {
    [Key in keyof Element]: Element[Key] extends Float32Array | Int8Array | Uint8Array ? Key : never;
}[keyof Element] & string;
/** Names of the vectors inside struct arrays: `struct[sub]`. */
type ElementVectorName<S extends Schema> = {
    [Name in keyof ShapesOf<S> & string]: NonNullable<Traits<S, Name>['out']> extends ReadonlyArray<infer Element> ? Element extends Record<string, unknown> ? `${Name}[${VectorKeys<Element>}]` : never : never;
}[keyof ShapesOf<S> & string];
/** Names of the vector fields, and `struct[sub]` of those inside struct arrays. */
export type VectorName<S extends Schema> = PlainVectorName<S> | ElementVectorName<S>;
type ElementQuery<S extends Schema, Query> = [ElementVectorName<S>] extends [never] ? never : Query;
/** A vector to search with, for any vector field of the schema. */
export type QueryVector<S extends Schema> = Traits<S, PlainVectorName<S>>['query'] | ElementQuery<S, ElementVectorInput>;
/** A list of vectors to search a struct array with, by a MAX_SIM metric. */
export type QueryList<S extends Schema> = ElementQuery<S, readonly ElementVectorInput[]>;
type SubFieldNames<S extends Schema> = {
    [Name in keyof ShapesOf<S> & string]: Traits<S, Name>['out'] extends ReadonlyArray<infer Element> | null ? Element extends Record<string, unknown> ? `${Name}[${keyof Element & string}]` : never : never;
}[keyof ShapesOf<S> & string];
/** What `outputFields` may name: fields, `*`, `struct[sub]`, and any key where fields are dynamic. */
export type OutputName<S extends Schema> = '*' | (keyof ShapesOf<S> & string) | SubFieldNames<S> | (true extends S['dynamic'] ? string & Record<never, never> : never);
type FieldOfOutput<Name extends string> = Name extends `${infer Struct}[${string}` ? Struct : Name;
type OutputValue<S extends Schema, Name extends string> = Name extends keyof ShapesOf<S> ? Traits<S, Name>['out'] : unknown;
type SubFieldsOf<Names extends string, Struct extends string> = Names extends `${Struct}[${infer Sub}]` ? Sub : never;
type StructPart<Whole, Sub extends string> = Whole extends ReadonlyArray<infer Element> ? Array<Pick<Element, Sub & keyof Element>> : Whole;
/** The part of a row that these output fields select. */
export type Selected<S extends Schema, Names extends string> = '*' extends Names ? Row<S> : {
    [Name in FieldOfOutput<Names>]: [Name] extends [Names] ? OutputValue<S, Name> : StructPart<OutputValue<S, Name>, SubFieldsOf<Names, Name>>;
};
/** A row as `get`, `query` and `iterate` give it: the key, and what these output fields select. */
export type FoundRow<S extends Schema, Names extends string> = Selected<S, Names | (KeyNames<S> & string)>;
/** One result of a search. */
export interface Hit<S extends Schema, Names extends string = never> {
    readonly id: KeyOf<S>;
    /** Larger is better for IP and COSINE; smaller is better for L2, HAMMING and JACCARD. */
    readonly score: number;
    /** What `outputFields` asked for. */
    readonly fields: Selected<S, Names>;
    /** Of a search of vectors inside a struct array: the place of the element in its row, from 0 on. */
    readonly element?: number;
    /** Of a search by groups: the values of `groupBy`. */
    readonly group?: ReadonlyArray<bigint | number | string | boolean | null>;
}
export {};

// api/session.d.ts
import type { Database } from '../core/open.ts';
import type { Service } from '../core/service.ts';
export declare class Session {
    #private;
    readonly database: Database;
    constructor(database: Database);
    get isClosed(): boolean;
    /** @throws MilvusError Closed */
    get service(): Service;
    /** Every call but the first waits for the first. */
    close(): Promise<void>;
}

// api/snapshots.d.ts
/** The snapshots of one collection, by name. */
import type { RestoreJob } from '../core/frontend-snapshots.ts';
import type { CollectionRef } from '../core/references.ts';
import type { SnapshotInfo } from '../core/snapshot-ports.ts';
import type { CallOptions } from '../core/requests.ts';
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
/**
 * A snapshot is what a collection was at one moment, on every shard: durable, and made without copying anything.
 * The files of rows that are deleted or compacted since stay as long as it is there.
 * @example
 *   await books.snapshots.create('before');
 *   await books.delete({ filter: 'year < 1950' });
 *   await books.snapshots.restore('before', 'books_as_they_were');
 */
export declare class Snapshots {
    #private;
    /** Made by {@link Collection}. */
    constructor(session: Session, collection: () => CollectionRef);
    /** @throws MilvusError ParameterInvalid for a name that is taken or cannot be one */
    create(name: string, options?: SnapshotOptions): Promise<SnapshotInfo>;
    /** In the order in which they were made. */
    list(options?: CallOptions): Promise<readonly SnapshotInfo[]>;
    /** @throws MilvusError SnapshotNotFound */
    describe(name: string, options?: CallOptions): Promise<SnapshotInfo>;
    /**
     * Makes a collection of what the snapshot holds: rows, schema, partitions, indexes and properties. Files are
     * shared, not copied. Open it by `db.collection(target)`.
     * @throws MilvusError SnapshotNotFound; ParameterInvalid when there is a collection of that name
     */
    restore(name: string, target: string, options?: RestoreOptions): Promise<RestoreJob>;
    /** One that is not there is no error. @throws MilvusError SnapshotPinned */
    drop(name: string, options?: CallOptions): Promise<void>;
    /** Keeps a snapshot from being dropped. @returns the id of the pin, for `unpin` */
    pin(name: string, options?: PinOptions): Promise<number>;
    /** A pin that is not there is no error. */
    unpin(pinId: number, options?: CallOptions): Promise<void>;
}

// api/values.d.ts
/** JavaScript forms of values, as rows hold them and as calls accept them. */
import type { QueryRowsRequest, SearchRowsRequest } from '../core/requests.ts';
/** Values of the `{name}` parameters of a filter. */
export type ParameterValues = NonNullable<QueryRowsRequest['parameters']>;
/** How the vectors of an index are compared; MAX_SIM ones only those inside struct arrays, as lists. */
export type IndexMetric = NonNullable<SearchRowsRequest['metric']>;
/** How the vectors of a field are compared where no index says otherwise. */
export type Metric = Exclude<IndexMetric, 'SUBSTRUCTURE' | 'SUPERSTRUCTURE' | 'MHJACCARD'>;
/** JSON as it is stored: integers beyond 2^53 stay exact, as bigint. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | {
    readonly [key: string]: JsonValue;
};
/** Numbers of a vector of `dim` dimensions. */
export type FloatVectorInput = readonly number[] | Float32Array | Float64Array;
/** Numbers, or the 2 x dim bytes of a half-precision vector as they lie in memory. */
export type HalfVectorInput = FloatVectorInput | Uint8Array;
/** Integers in [-128, 127]. */
export type Int8VectorInput = readonly number[] | Int8Array;
/** The dim / 8 bytes of a binary vector. */
export type BinaryVectorInput = readonly number[] | Uint8Array;
/** A vector to search a struct array with. */
export type ElementVectorInput = FloatVectorInput | HalfVectorInput | Int8VectorInput;
/** A sparse vector by index, in any of the forms that say which number is an index. */
export type SparseVectorQuery = Readonly<Record<number, number>> | ReadonlyMap<number, number> | {
    readonly indices: readonly number[] | Uint32Array;
    readonly values: readonly number[] | Float32Array;
};
/** In a row pairs of index and value will do as well. */
export type SparseVectorInput = SparseVectorQuery | ReadonlyArray<readonly [number, number]>;
/** A sparse vector as reads give it: value by index. */
export type SparseVector = Record<number, number>;

// base/bitmap.d.ts
/**
 * Dense bitmap over row offsets: validity, filter masks and delete bitmaps.
 * Bit i lives in words[i >> 5], least significant first; bits at and above `length` are zero.
 */
export declare class Bitmap {
    readonly length: number;
    readonly words: Uint32Array;
    /** @param words exactly ceil(length / 32) words; a fresh zeroed array when left out */
    constructor(length: number, words?: Uint32Array);
    static full(length: number): Bitmap;
    get(index: number): boolean;
    set(index: number): void;
    clear(index: number): void;
    /** Sets all bits of [start, end). */
    setRange(start: number, end: number): void;
    clone(): Bitmap;
    /** In place: this = this AND other. */
    and(other: Bitmap): this;
    /** In place: this = this OR other. */
    or(other: Bitmap): this;
    /** In place: this = this AND NOT other. */
    andNot(other: Bitmap): this;
    /** In place: this = NOT this. */
    not(): this;
    count(): number;
    /** The offsets of all set bits, ascending, at most `limit` of them. */
    toOffsets(limit?: number): Uint32Array;
    private trim;
}

// base/clock.d.ts
/**
 * Time comes in through this port; no other file of the engine reads a clock or sets a timer.
 */
/** A timer that was set; `cancel` may be called at any time and more than once. */
export interface Timer {
    cancel(): void;
}
export interface Clock {
    /** Whole milliseconds since 1970, may jump in both directions. */
    nowMs(): number;
    /** Milliseconds that never run backwards; the origin is arbitrary. */
    monotonicMs(): number;
    /** Calls `task` once after `delayMs`; never keeps the process alive. */
    after(delayMs: number, task: () => void): Timer;
    /**
     * Gives other tasks and I/O so many turns of the event loop, 1 when not said. Of all that wait for the end of theirs
     * one goes on in a turn.
     */
    yieldTurn(turnCount?: number): Promise<void>;
    /**
     * For whoever may go on and on without waiting for anything but promises, while timers and I/O wait for the end
     * of that.
     * @returns a turn of the event loop to wait for when it has had none for `mostMs`, or for up to twice as long;
     *   null when it has had one
     */
    turnIfDue(mostMs: number): Promise<void> | null;
}
/** The machine's clock. */
export declare const systemClock: Clock;

// base/errors.d.ts
/**
 * The one error of the whole system, and the one table of what can go wrong.
 *
 * Codes and sentinel texts are Milvus's (`pkg/util/merr/errors.go`), because clients compare both.
 * The text of an error is built the same way everywhere:
 *
 *   [<message>: ]<sentinel>[key=value][key=value]
 *
 * `kind` is what a caller acts on; `retriable` says whether the same call may succeed later.
 */
export type ErrorKind = 'InvalidInput' | 'NotFound' | 'AlreadyExists' | 'NotReady' | 'Limit' | 'Denied' | 'Unavailable' | 'Unsupported' | 'Io' | 'Corrupted' | 'Cancelled' | 'Internal';
/** `input`: Milvus's `is_input_error`, never retriable. `retriable`: the same call may succeed later. */
export type ErrorTrait = 'input' | 'retriable' | 'final';
/** Milvus's code, kind, trait, sentinel text. */
export type ErrorRow = readonly [number, ErrorKind, ErrorTrait, string];
export declare const ERRORS: {
    readonly ServiceNotReady: readonly [1, 'NotReady', 'retriable', 'service not ready'];
    readonly ServiceUnavailable: readonly [2, 'Unavailable', 'retriable', 'service unavailable'];
    readonly MemoryLimitExceeded: readonly [3, 'Limit', 'final', 'memory limit exceeded'];
    readonly TooManyRequests: readonly [4, 'Limit', 'retriable', 'too many concurrent requests, queue is full'];
    readonly ServiceInternal: readonly [5, 'Internal', 'final', 'service internal error'];
    readonly DiskLimitExceeded: readonly [7, 'Limit', 'final', 'disk limit exceeded'];
    readonly RateLimitExceeded: readonly [8, 'Limit', 'retriable', 'rate limit exceeded'];
    readonly QuotaExceeded: readonly [9, 'Limit', 'final', 'quota exceeded'];
    readonly Unimplemented: readonly [10, 'Unsupported', 'final', 'service unimplemented'];
    readonly TimeTickLongDelay: readonly [11, 'Unavailable', 'final', 'time tick long delay'];
    readonly ResourceInsufficient: readonly [12, 'Limit', 'retriable', 'service resource insufficient'];
    readonly CollectionNotFound: readonly [100, 'NotFound', 'final', 'collection not found'];
    readonly CollectionNotLoaded: readonly [101, 'NotReady', 'final', 'collection not loaded'];
    readonly CollectionNumLimitExceeded: readonly [102, 'Limit', 'input', 'exceeded the limit number of collections'];
    readonly CollectionNotFullyLoaded: readonly [103, 'NotReady', 'retriable', 'collection not fully loaded'];
    readonly CollectionLoaded: readonly [104, 'NotReady', 'input', 'collection already loaded'];
    readonly IllegalCollectionSchema: readonly [105, 'InvalidInput', 'input', 'illegal collection schema'];
    readonly CollectionOnRecovering: readonly [106, 'NotReady', 'retriable', 'collection on recovering'];
    readonly SchemaMismatch: readonly [109, 'InvalidInput', 'input', 'collection schema mismatch'];
    readonly PartitionNotFound: readonly [200, 'NotFound', 'final', 'partition not found'];
    readonly PartitionNotLoaded: readonly [201, 'NotReady', 'final', 'partition not loaded'];
    readonly PartitionNotFullyLoaded: readonly [202, 'NotReady', 'retriable', 'partition not fully loaded'];
    readonly GeneralCapacityExceeded: readonly [250, 'Limit', 'final', 'general capacity exceeded'];
    readonly ResourceGroupNotFound: readonly [300, 'NotFound', 'input', 'resource group not found'];
    readonly ChannelNotAvailable: readonly [503, 'Unavailable', 'final', 'channel not available'];
    readonly ChannelMisrouted: readonly [507, 'Unavailable', 'retriable', 'channel misrouted: not owned by this node'];
    readonly SegmentNotFound: readonly [600, 'NotFound', 'final', 'segment not found'];
    readonly SegmentNotLoaded: readonly [601, 'NotReady', 'final', 'segment not loaded'];
    readonly IndexNotFound: readonly [700, 'NotFound', 'final', 'index not found'];
    readonly IndexNotSupported: readonly [701, 'Unsupported', 'final', 'index type not supported'];
    readonly IndexDuplicate: readonly [702, 'AlreadyExists', 'input', 'index duplicates'];
    readonly DatabaseNotFound: readonly [800, 'NotFound', 'final', 'database not found'];
    readonly DatabaseNumLimitExceeded: readonly [801, 'Limit', 'input', 'exceeded the limit number of database'];
    readonly DatabaseNameInvalid: readonly [802, 'InvalidInput', 'input', 'invalid database name'];
    readonly IoKeyNotFound: readonly [1000, 'Io', 'final', 'key not found'];
    readonly IoFailed: readonly [1001, 'Io', 'final', 'IO failed'];
    readonly DataSerialization: readonly [1004, 'Internal', 'final', 'data serialization or deserialization failed'];
    readonly StoragePermissionDenied: readonly [1005, 'Io', 'final', 'permission denied'];
    readonly DataIntegrity: readonly [1009, 'Corrupted', 'final', 'data integrity check failed'];
    readonly EntityTooLarge: readonly [1012, 'InvalidInput', 'final', 'entity too large'];
    readonly ParameterInvalid: readonly [1100, 'InvalidInput', 'input', 'invalid parameter'];
    readonly ParameterMissing: readonly [1101, 'InvalidInput', 'input', 'missing parameter'];
    readonly ParameterTooLarge: readonly [1102, 'InvalidInput', 'input', 'parameter too large'];
    readonly AliasNotFound: readonly [1600, 'NotFound', 'final', 'alias not found'];
    readonly AliasCollectionNameConflict: readonly [1601, 'AlreadyExists', 'final', 'alias and collection name conflict'];
    readonly AliasAlreadyExists: readonly [1602, 'AlreadyExists', 'final', 'alias already exist'];
    readonly FieldNotFound: readonly [1700, 'NotFound', 'final', 'field not found'];
    readonly FieldNameInvalid: readonly [1701, 'InvalidInput', 'final', 'field name invalid'];
    readonly JsonFormatRequired: readonly [1801, 'InvalidInput', 'input', 'can only accept json format request'];
    readonly RestParameterMissing: readonly [1802, 'InvalidInput', 'input', 'missing required parameters'];
    readonly InsertDataInvalid: readonly [1804, 'InvalidInput', 'input', 'fail to deal the insert data'];
    readonly PrimaryKeyInvalid: readonly [1806, 'InvalidInput', 'final', "please check the primary key and its' type can only in [int, string]"];
    readonly ImportFailed: readonly [2100, 'InvalidInput', 'input', 'importing data failed'];
    readonly QueryPlanFailed: readonly [2201, 'InvalidInput', 'input', 'query plan failed'];
    readonly CompactionFailed: readonly [2300, 'Internal', 'final', 'compaction failed'];
    readonly SnapshotNotFound: readonly [2600, 'NotFound', 'final', 'snapshot not found'];
    readonly SnapshotPinned: readonly [2601, 'NotReady', 'final', 'snapshot is pinned'];
    readonly OperationNotSupported: readonly [3000, 'Unsupported', 'final', 'unsupported operation'];
    readonly Cancelled: readonly [10000, 'Cancelled', 'final', 'context canceled'];
    readonly DeadlineExceeded: readonly [10001, 'Cancelled', 'final', 'context deadline exceeded'];
    /** The directory belongs to another process. No Milvus server has this; the text names the holder. */
    readonly DirectoryLocked: readonly [12000, 'Unavailable', 'final', 'database directory is locked'];
    /** Any call after `close()`. */
    readonly Closed: readonly [12001, 'Unavailable', 'final', 'database is closed'];
    /** A write to a database that was opened with `readOnly`. */
    readonly ReadOnly: readonly [12002, 'Denied', 'final', 'database is read only'];
    /** Written by a newer version than this one. */
    readonly FormatNotSupported: readonly [12003, 'Unsupported', 'final', 'format is newer than this version reads'];
    /** An append or a sync failed before: nothing more is written until the database is opened again. */
    readonly WriterPoisoned: readonly [12004, 'Io', 'final', 'writes are refused until the database is opened again'];
    /** A read at a moment some of whose rows compaction has taken. */
    readonly SnapshotExpired: readonly [12005, 'NotFound', 'final', 'the moment to read at is too long ago'];
    readonly Unexpected: readonly [65535, 'InvalidInput', 'final', ''];
};
export type ErrorName = keyof typeof ERRORS;
export type ErrorFields = Readonly<Record<string, string | number | bigint | boolean>>;
/** What an error is about, for programs: the keys that are printed in brackets, and no more. */
export interface ErrorDescription {
    /** Said before the sentinel, followed by a colon. */
    readonly message?: string;
    /** Printed as `[key=value]` in this order. */
    readonly fields?: ErrorFields;
}
export declare class MilvusError extends Error {
    readonly name = "MilvusError";
    /** The row of ERRORS: stable, meant for `switch`. */
    readonly reason: ErrorName;
    /** Milvus's numeric code. */
    readonly code: number;
    readonly kind: ErrorKind;
    readonly retriable: boolean;
    readonly isInputError: boolean;
    readonly fields: ErrorFields;
    constructor(reason: ErrorName, text: string, fields: ErrorFields, cause?: unknown);
}
/**
 * Makes an error of the table.
 * @example milvusError('CollectionNotFound', { fields: { database: 'default', collection: 'x' } })
 *          → "collection not found[database=default][collection=x]"
 */
export declare function milvusError(reason: ErrorName, description?: ErrorDescription, cause?: unknown): MilvusError;
/** `invalid parameter` with what was expected and what came; the commonest error of all. */
export declare function invalidParameter(message: string, fields?: ErrorFields): MilvusError;
/** Whatever was thrown, as a MilvusError: its own kind stays, anything else is an internal error with its cause. */
export declare function toMilvusError(thrown: unknown): MilvusError;
/** The same error with `context` said before its text: `failed to search: collection not loaded[…]`. */
export declare function withContext(context: string, error: MilvusError): MilvusError;

// base/logger.d.ts
/** Logger port: events with fields. The library is silent unless the caller hands in a logger. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | null>>;
export interface Logger {
    debug(fields: LogFields, event: string): void;
    info(fields: LogFields, event: string): void;
    warn(fields: LogFields, event: string): void;
    error(fields: LogFields, event: string): void;
}
export declare const silentLogger: Logger;

// base/random.d.ts
export interface Random {
    /** `byteLength` fresh random bytes. */
    bytes(byteLength: number): Uint8Array;
}
/** The operating system's random source. */
export declare const systemRandom: Random;
/** A 64-bit random value as 16 lower-case hexadecimal digits, for names that must never repeat. */
export declare function randomName(random: Random): string;

// base/workers.d.ts
/**
 * Workers port: computation that would hold the serving thread runs elsewhere, on memory it can see.
 * A task is plain data; the bytes it works on lie in shared memory or in mapped files, and are never copied.
 */
export interface Workers<Task, Result> extends AsyncDisposable {
    /** How many tasks run at the same time; 1 when everything runs on the calling thread. */
    readonly parallelism: number;
    /** Runs one task. @throws MilvusError Cancelled when `signal` aborts first */
    run(task: Task, signal?: AbortSignal): Promise<Result>;
}

// compat.d.ts
/**
 * The official Node SDK, with a client whose address may be a path: then it talks to the database there, in
 * this process, by the same calls. Everything else of the SDK is here as it is, so that a program changes
 * nothing but what it imports. The SDK is the user's own: it comes with no installation of this package.
 */
import { type ClientConfig, MilvusClient as NetworkClient } from '@zilliz/milvus2-sdk-node';
export * from '@zilliz/milvus2-sdk-node';
/**
 * The SDK's client. With the address of a path (`./demo.db`, `/var/data/demo`, `file:` …, `:memory:`) it opens
 * the database there instead of a connection; clients of one process may share it. `closeConnection()` closes
 * it with the last of them.
 * @example
 *   const client = new MilvusClient({ address: './demo.db' });
 *   await client.connectPromise;
 *   await client.closeConnection();
 */
export declare class MilvusClient extends NetworkClient {
    #private;
    /** @param configOrAddress the SDK's configuration, or the address alone */
    constructor(configOrAddress: ClientConfig | string, ...rest: [
        ssl?: boolean,
        username?: string,
        password?: string,
        channelOptions?: NonNullable<ClientConfig['channelOptions']>
    ]);
    /** Ends the connection, or closes the database when no other client of this process has it open. */
    closeConnection(): ReturnType<NetworkClient['closeConnection']>;
}

// core/engine.d.ts
/**
 * One process's database, whatever it stands on: the five roles wired to each other over a given world.
 * The same composition runs on a real disk, in memory and in simulation.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { MetaStore } from '../meta/meta-store.ts';
import type { SearchWorkers } from '../search/read-context.ts';
import type { ColumnCache } from '../segments/column-cache.ts';
import type { Disk } from '../storage/disk.ts';
import type { Durability } from '../wal/log.ts';
import type { Position } from '../wal/position.ts';
import type { Coordinator, SegmentHost, Shards, TaskRunner } from './ports.ts';
import type { Service } from './service.ts';
import type { Tuning } from './tuning.ts';
/** Everything that is not computation. */
export interface World {
    readonly clock: Clock;
    readonly random: Random;
    readonly disk: Disk;
    readonly meta: MetaStore;
    readonly workers: SearchWorkers;
    readonly cache: ColumnCache;
    readonly logger: Logger;
    /** Manifests that other processes read now; null when one of them does not say which. */
    readonly pinnedManifests: () => Promise<readonly string[] | null>;
    /** This process, which only reads, reads these and no others from now on. */
    readonly pinManifests: (keys: readonly string[]) => Promise<void>;
}
/** What stands between two roles: nothing in one process, a network in a cluster. */
export interface Transport {
    coordinator(port: Coordinator): Coordinator;
    shards(port: Shards): Shards;
    segmentHost(port: SegmentHost): SegmentHost;
    taskRunner(port: TaskRunner): TaskRunner;
}
export declare const directCalls: Transport;
export interface EngineOptions {
    readonly readOnly: boolean;
    readonly durability: Durability;
    readonly transport: Transport;
    /** Left out: what production uses. */
    readonly tuning?: Tuning;
}
/** What opening found and did. */
export interface RecoveryReport {
    /** The last process that wrote ended with `close()`, or there was none. */
    readonly cleanEnd: boolean;
    readonly replayedRecords: number;
    readonly replayedFrom: Position;
    /** Bytes behind the last whole block: writes that were never acknowledged. */
    readonly cutBytes: number;
    readonly tookMs: number;
}
export interface Engine {
    readonly service: Service;
    readonly recovery: RecoveryReport;
    /** Waits for what runs, leaves the log ended cleanly; may be called twice. */
    close(): Promise<void>;
}

// core/frontend-snapshots.d.ts
/** Snapshots as users ask for them, and what became of the collections that were made of them. */
import type { Clock } from '../base/clock.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Coordinator } from './ports.ts';
import type { CollectionRef } from './references.ts';
import type { NewSnapshot, RestoreSnapshotRequest, SnapshotInfo, SnapshotRef } from './snapshot-ports.ts';
import type { CallOptions } from './requests.ts';
/** A restore that is done, of this process. */
export interface RestoreJob {
    readonly id: bigint;
    readonly snapshotName: string;
    /** Of the new collection. */
    readonly databaseName: string;
    readonly collectionName: string;
    readonly collectionId: number;
    /** Of the collection that the snapshot is of. */
    readonly sourceCollectionId: number;
    /** Wall-clock milliseconds. */
    readonly startedMs: number;
    readonly tookMs: number;
}
export interface Snapshots {
    /** @throws MilvusError ParameterInvalid for a name that is taken */
    create(request: NewSnapshot, options?: CallOptions): Promise<SnapshotInfo>;
    /** One that is not there is no error. @throws MilvusError SnapshotPinned */
    drop(snapshot: SnapshotRef, options?: CallOptions): Promise<void>;
    list(collection: CollectionRef, options?: CallOptions): Promise<SnapshotInfo[]>;
    /** @throws MilvusError SnapshotNotFound */
    describe(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotInfo>;
    /** Makes a collection of what the snapshot holds; it is not loaded. */
    restore(request: RestoreSnapshotRequest, options?: CallOptions): Promise<RestoreJob>;
    /** @throws MilvusError SnapshotNotFound when it is not known, or not any more */
    job(jobId: bigint): RestoreJob;
    /** Newest last. */
    jobs(): readonly RestoreJob[];
    /** Keeps it from being dropped for `ttlSeconds`, 0: until it is unpinned. @returns the id of the pin */
    pin(request: SnapshotRef & {
        ttlSeconds: number;
    }, options?: CallOptions): Promise<number>;
    /** A pin that is not there is no error. */
    unpin(request: {
        pinId: number;
    }, options?: CallOptions): Promise<void>;
}
export interface SnapshotFrontendDeps {
    readonly coordinator: Coordinator;
    readonly clock: Clock;
    readonly lifecycle: Lifecycle;
}
export declare class SnapshotFrontend implements Snapshots {
    #private;
    constructor(deps: SnapshotFrontendDeps);
    create(request: NewSnapshot, options?: CallOptions): Promise<SnapshotInfo>;
    drop(snapshot: SnapshotRef, options?: CallOptions): Promise<void>;
    list(collection: CollectionRef, options?: CallOptions): Promise<SnapshotInfo[]>;
    describe(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotInfo>;
    restore(request: RestoreSnapshotRequest, options?: CallOptions): Promise<RestoreJob>;
    job(jobId: bigint): RestoreJob;
    jobs(): readonly RestoreJob[];
    pin(request: SnapshotRef & {
        ttlSeconds: number;
    }, options?: CallOptions): Promise<number>;
    unpin(request: {
        pinId: number;
    }, options?: CallOptions): Promise<void>;
}

// core/garbage-pauses.d.ts
/**
 * Pauses of garbage collection, for tools that copy the files of a running database. While there is one, no
 * collection begins; one that is under way removes only what nothing referred to long before. A pause ends by
 * itself, so that a tool that dies holds nothing up for good.
 */
import type { Clock } from '../base/clock.ts';
/** Milliseconds; a day. */
export declare const PAUSE_MS_MAX: number;
export declare class GarbagePauses {
    #private;
    constructor(clock: Clock);
    get isPaused(): boolean;
    /**
     * @returns the ticket that ends it
     * @throws MilvusError ParameterInvalid, TooManyRequests
     */
    pause(durationMs: number): string;
    /** @returns whether there was such a pause */
    resume(ticket: string): boolean;
    /** @returns whether there was any pause */
    resumeAll(): boolean;
}

// core/index-states.d.ts
import { type IndexBuild } from '../index/index-definition.ts';
import { type IndexStructure, type ScalarStructure } from '../index/registry.ts';
import { type ScalarBuild } from '../scalar/scalar-definition.ts';
import { type WantedIndex } from '../segments/index-policy.ts';
import type { BuildsState, CollectionInfo, IndexInfo, ShardState } from './ports.ts';
/**
 * Milvus's states: nothing will build what is missing; it is being built, or next; nothing is missing; attempts to
 * build it failed so often that nobody tries again before somebody waits for it.
 */
export type IndexState = 'Unissued' | 'InProgress' | 'Finished' | 'Failed';
export interface IndexDescription extends IndexInfo {
    /** By the names that users gave. */
    readonly indexType: string;
    readonly metric: string;
    /** What answers for it: an alias and AUTOINDEX are built as something else. */
    readonly builtAs: IndexStructure | ScalarStructure;
    readonly state: IndexState;
    /** Sealed rows, deleted ones included; indexed and pending rows together. */
    readonly totalRows: number;
    readonly indexedRows: number;
    readonly pendingRows: number;
    /** Pending rows that builds under way have done, about. */
    readonly buildingRows: number;
    /** Why the last attempt to build what is missing failed; null: none did. */
    readonly failReason: string | null;
}
/** What its shards say. */
export interface IndexReports {
    readonly shards: readonly ShardState[];
    readonly builds: readonly BuildsState[];
}
/**
 * The index of a name, or all indexes for ''.
 * @throws MilvusError IndexNotFound
 */
export declare function indexesNamed(collection: CollectionInfo, name: string): readonly IndexInfo[];
/** Names that stand for another index, and what is built for each. */
export declare function indexAliases(): ReadonlyMap<string, IndexStructure | ScalarStructure>;
/** What is built for an index of vectors. */
export declare function buildOf(collection: CollectionInfo, index: IndexInfo): IndexBuild;
/** What is built for an index of scalars; null: it is of vectors. */
export declare function scalarBuildOf({ schema }: CollectionInfo, { fieldId, params }: IndexInfo): ScalarBuild | null;
/** Definitions for which segments get files. */
export declare function wantedIndexes(collection: CollectionInfo): WantedIndex[];
/** The files of an index are mapped instead of read, where they can be. */
export declare function isKeptInFile(collection: CollectionInfo, index: IndexInfo): boolean;
/** Fields whose vectors stay in their files, whatever is said of mapping. */
export declare function fieldsInFiles(collection: CollectionInfo): number[];
export declare function describeIndex(collection: CollectionInfo, index: IndexInfo, { shards, builds }: IndexReports): IndexDescription;

// core/lifecycle.d.ts
export type Intent = 'read' | 'write';
export declare class Lifecycle {
    #private;
    constructor(options: {
        readonly readOnly: boolean;
    });
    /**
     * Starts `work` and counts it as running until it settles.
     * @throws MilvusError Closed after `close`, ReadOnly for a write to a database opened so
     */
    run<T>(intent: Intent, work: () => Promise<T>): Promise<T>;
    /** Lets nobody in any more, waits for what runs, then runs `shutDown` once, however often it is called. */
    close(shutDown: () => Promise<void>): Promise<void>;
}

// core/open.d.ts
import { type Logger } from '../base/logger.ts';
import type { Durability } from '../wal/log.ts';
import { type RecoveryReport } from './engine.ts';
import { GarbagePauses } from './garbage-pauses.ts';
import type { Service } from './service.ts';
export declare const MEMORY_PATH = ":memory:";
export interface DatabaseOptions {
    /** Reads beside a process that writes; sees what was there when it opened. */
    readonly readOnly?: boolean;
    /** When a write counts as done. Default `sync`: after the device has it. */
    readonly durability?: Durability;
    /** Silent by default. */
    readonly logger?: Logger;
    /** Bytes of columns kept in memory. Default: half of the machine's. */
    readonly cacheBytes?: number;
    /** Threads that search. Default: one a core. */
    readonly threads?: number;
}
export interface Database {
    readonly service: Service;
    readonly recovery: RecoveryReport;
    /** Absolute, or `:memory:`. */
    readonly path: string;
    /** Keeps files that nothing refers to any more from being removed for a while. */
    readonly garbage: GarbagePauses;
    close(): Promise<void>;
}
/**
 * Opens the database at `databasePath`, creating it when there is none.
 * @throws MilvusError DirectoryLocked, DataIntegrity, FormatNotSupported, IoFailed, ParameterInvalid
 */
export declare function openDatabase(databasePath: string, options?: DatabaseOptions): Promise<Database>;

// core/ports.d.ts
/**
 * The interfaces between the five roles; there is no other coupling. Every request and answer is plain
 * data (structured-clonable), so that a role in another process is its RPC client behind the same port.
 *
 *   frontend (proxy) ── Coordinator ──> coordinator (mixcoord): names, DDL, ids
 *        └──────────── Shards ───────> shard leaders (streaming node): the log, growing rows, Views
 *                                         ├── SegmentHost ──> query host (query node): sealed segments
 *                                         └── TaskRunner ──> maintenance (data node): compaction, indexes
 *   coordinator ─────── Shards ───────> schema changes, drops
 */
import type { ErrorFields, ErrorName } from '../base/errors.ts';
import type { ArrayOperations } from '../schema/array-operations.ts';
import type { CollectionDefinition, FieldDefinition, StructDefinition } from '../schema/definition.ts';
import type { CollectionSchema, Properties } from '../schema/collection-schema.ts';
import type { ColumnBatch } from '../schema/column.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { RowExpiry } from '../segments/row-expiry.ts';
import type { KeyList } from '../segments/segment.ts';
import type { IndexBuilding } from '../segments/build-index.ts';
import type { SegmentIndex, SegmentInfo } from '../segments/segment-info.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import type { CollectionRef, ShardRequest } from './references.ts';
import type { NewSnapshot, RestoredShard, RestoreShardRequest, RestoreSnapshotRequest, ShardCut, SnapshotInfo, SnapshotRef } from './snapshot-ports.ts';
/** What travels beside every request. */
export interface Call {
    /** Wall-clock milliseconds after which nobody waits for the answer; null: no limit. */
    readonly deadlineMs: number | null;
    /** Stays in this process; a transport carries it as a cancellation. */
    readonly signal?: AbortSignal;
}
export type ConsistencyLevel = 'Strong' | 'Session' | 'Bounded' | 'Eventually';
export interface PartitionInfo {
    readonly id: number;
    readonly name: string;
    readonly loaded: boolean;
    readonly createdTimestamp: bigint;
}
/** The definition of an index. */
export interface IndexInfo {
    readonly id: number;
    readonly name: string;
    readonly fieldId: number;
    readonly fieldName: string;
    /** As the user gave them: `index_type`, `metric_type` and the rest, all text. */
    readonly params: Properties;
    readonly createdTimestamp: bigint;
}
/** An index to create. */
export interface IndexRequest {
    readonly fieldName: string;
    /** '': the name of the field. */
    readonly indexName: string;
    readonly params: Properties;
}
/** Everything about a collection that other roles act on. */
export interface CollectionInfo {
    readonly id: number;
    readonly databaseId: number;
    readonly databaseName: string;
    readonly name: string;
    readonly aliases: readonly string[];
    readonly schema: CollectionSchema;
    /** Shard s of the collection is `shardIds[s]`, unique in the database. */
    readonly shardIds: readonly number[];
    readonly partitions: readonly PartitionInfo[];
    readonly indexes: readonly IndexInfo[];
    readonly properties: Properties;
    readonly consistencyLevel: ConsistencyLevel;
    readonly loaded: boolean;
    readonly createdTimestamp: bigint;
    readonly updatedTimestamp: bigint;
    /** Rows written at or before it are gone; 0 when it was never truncated. */
    readonly truncatedTimestamp: bigint;
}
export interface DatabaseInfo {
    readonly id: number;
    readonly name: string;
    readonly properties: Properties;
    readonly createdTimestamp: bigint;
}
export interface AliasInfo {
    readonly alias: string;
    readonly collectionName: string;
    readonly databaseName: string;
}
export interface PropertyChange {
    readonly set?: Properties;
    readonly remove?: readonly string[];
}
/** Sets parameters of a field, or removes them: one of the two. */
export interface FieldChange {
    readonly fieldName: string;
    readonly params: Properties;
    readonly remove?: readonly string[];
}
export interface Coordinator {
    createDatabase(request: {
        name: string;
        properties: Properties;
    }, call: Call): Promise<void>;
    dropDatabase(request: {
        name: string;
    }, call: Call): Promise<void>;
    listDatabases(call: Call): Promise<DatabaseInfo[]>;
    describeDatabase(request: {
        name: string;
    }, call: Call): Promise<DatabaseInfo>;
    alterDatabase(request: {
        name: string;
    } & PropertyChange, call: Call): Promise<void>;
    /** @param request.indexes are checked before anything is created; of a collection that is there, too */
    createCollection(request: {
        databaseName: string;
        definition: CollectionDefinition;
        indexes: readonly IndexRequest[];
    }, call: Call): Promise<CollectionInfo>;
    /** Dropping what is not there succeeds. */
    dropCollection(request: CollectionRef, call: Call): Promise<void>;
    /** @throws MilvusError CollectionNotFound */
    describeCollection(request: CollectionRef, call: Call): Promise<CollectionInfo>;
    listCollections(request: {
        databaseName: string;
    }, call: Call): Promise<CollectionInfo[]>;
    renameCollection(request: CollectionRef & {
        newName: string;
        newDatabaseName: string | null;
    }, call: Call): Promise<void>;
    truncateCollection(request: CollectionRef, call: Call): Promise<void>;
    alterCollection(request: CollectionRef & PropertyChange, call: Call): Promise<void>;
    /** @param request.index of the field, checked before anything changes */
    addField(request: CollectionRef & {
        field: FieldDefinition;
        index?: IndexRequest;
    }, call: Call): Promise<void>;
    addStruct(request: CollectionRef & {
        struct: StructDefinition;
    }, call: Call): Promise<void>;
    /** Its indexes go with it, and no read from now on sees its values. */
    dropField(request: CollectionRef & {
        dropped: DroppedField;
    }, call: Call): Promise<void>;
    alterField(request: CollectionRef & FieldChange, call: Call): Promise<void>;
    loadCollection(request: CollectionRef, call: Call): Promise<void>;
    releaseCollection(request: CollectionRef, call: Call): Promise<void>;
    /** The same index again is no error. */
    createIndex(request: CollectionRef & IndexRequest, call: Call): Promise<void>;
    /** Dropping what is not there succeeds. */
    dropIndex(request: CollectionRef & {
        indexName: string;
    }, call: Call): Promise<void>;
    /** Changes how an index is kept. @throws MilvusError IndexNotFound, CollectionLoaded */
    alterIndex(request: CollectionRef & {
        indexName: string;
    } & PropertyChange, call: Call): Promise<void>;
    createPartition(request: CollectionRef & {
        partitionName: string;
    }, call: Call): Promise<void>;
    dropPartition(request: CollectionRef & {
        partitionName: string;
    }, call: Call): Promise<void>;
    loadPartitions(request: CollectionRef & {
        partitionNames: readonly string[];
    }, call: Call): Promise<void>;
    releasePartitions(request: CollectionRef & {
        partitionNames: readonly string[];
    }, call: Call): Promise<void>;
    createAlias(request: CollectionRef & {
        alias: string;
    }, call: Call): Promise<void>;
    dropAlias(request: {
        databaseName: string;
        alias: string;
    }, call: Call): Promise<void>;
    alterAlias(request: CollectionRef & {
        alias: string;
    }, call: Call): Promise<void>;
    describeAlias(request: {
        databaseName: string;
        alias: string;
    }, call: Call): Promise<AliasInfo>;
    /** @param request.collectionName null: aliases of every collection of the database */
    listAliases(request: {
        databaseName: string;
        collectionName: string | null;
    }, call: Call): Promise<AliasInfo[]>;
    /** @throws MilvusError ParameterInvalid, CollectionNotFound */
    createSnapshot(request: NewSnapshot, call: Call): Promise<SnapshotInfo>;
    /** Dropping what is not there succeeds. @throws MilvusError SnapshotPinned */
    dropSnapshot(request: SnapshotRef, call: Call): Promise<void>;
    listSnapshots(request: CollectionRef, call: Call): Promise<SnapshotInfo[]>;
    /** @throws MilvusError SnapshotNotFound */
    describeSnapshot(request: SnapshotRef, call: Call): Promise<SnapshotInfo>;
    /** @returns the new collection, which is not loaded */
    restoreSnapshot(request: RestoreSnapshotRequest, call: Call): Promise<CollectionInfo>;
    /** @returns the id of the pin */
    pinSnapshot(request: SnapshotRef & {
        ttlSeconds: number;
    }, call: Call): Promise<number>;
    /** Taking away a pin that is not there succeeds. */
    unpinSnapshot(request: {
        pinId: number;
    }, call: Call): Promise<void>;
    /** `count` auto ids, consecutive from the returned one. */
    allocateIds(request: {
        count: number;
    }, call: Call): Promise<bigint>;
    /** A hybrid timestamp above every one given before. */
    allocateTimestamp(call: Call): Promise<bigint>;
}
/** Rows of one partition. */
export interface PartitionRows {
    readonly partitionId: number;
    readonly batch: ColumnBatch;
}
interface WriteRequest {
    readonly collectionId: number;
    readonly shardId: number;
    /** Of the schema that the frontend checked the rows against. @throws MilvusError SchemaMismatch */
    readonly schemaVersion: number;
}
/** Key i of `from` becomes key i of `to`, which is in the same shard. */
export interface NewKeys {
    readonly from: KeyList;
    readonly to: KeyList;
}
export interface InsertRequest extends WriteRequest {
    /** All of it or nothing becomes durable and visible. */
    readonly rows: readonly PartitionRows[];
    /** Rows of the same keys are replaced; without it they are superseded all the same, but stay counted. */
    readonly upsert: boolean;
    /** Keys whose rows go; null: those of `rows`. Only with `upsert`. */
    readonly replaces: KeyList | null;
    /** What the keys of `rows` become once they are completed; of other rows too. Only with `partial`. */
    readonly newKeys?: NewKeys;
    /** Columns that are missing keep the values of the row that is there. Only with `upsert`. */
    readonly partial: boolean;
    /** A row that is there stays in its partition, whichever `rows` say. Only with `partial`. */
    readonly inPlace: boolean;
    /** What `rows` do to Array fields beside replacing them. Only with `partial`. */
    readonly arrayOperations: ArrayOperations;
}
export interface DeleteRequest extends WriteRequest {
    /** Null: all partitions. */
    readonly partitionIds: readonly number[] | null;
    /** At least one of the two; with both, rows of the keys that the filter accepts. */
    readonly keys: KeyList | null;
    readonly filter: BoundFilter | null;
}
export interface WriteAnswer {
    readonly timestamp: bigint;
    /** Rows inserted, or keys deleted. */
    readonly rowCount: number;
}
/** When a read may answer, and at which moment it looks. */
export interface ReadPoint {
    /** The answer holds at least every write up to this hybrid timestamp. */
    readonly guaranteeTimestamp: bigint;
    /** The answer is exactly of this hybrid timestamp; null: the newest that is there. */
    readonly snapshotTimestamp: bigint | null;
    /** Later reads may ask for the same moment: what it sees is kept for a while. */
    readonly isRepeatable: boolean;
}
export interface ReadRequest<Plan> {
    readonly collectionId: number;
    readonly shardId: number;
    /** `plan.timestamp` is filled in by the leader. */
    readonly plan: Plan;
    readonly read: ReadPoint;
}
export interface TimedQueryAnswer extends QueryAnswer {
    /** The moment at which the shard looked. */
    readonly timestamp: bigint;
}
export interface SegmentState {
    readonly id: number;
    readonly partitionId: number;
    readonly state: 'growing' | 'sealed';
    readonly level: number;
    /** Deleted rows included. */
    readonly rowCount: number;
    readonly deletedCount: number;
    /** Indexes not included. */
    readonly byteLength: number;
    /** Ids of the definitions that need nothing more of it: they have files here, or it is scanned for good. */
    readonly coveredIndexIds: readonly number[];
    readonly indexes: readonly SegmentIndexState[];
}
/** An index that a sealed segment has. */
export interface SegmentIndexState {
    readonly indexId: number;
    readonly fieldId: number;
    /** What it is built as: structure, metric, parameters. */
    readonly fingerprint: string;
    readonly byteLength: number;
}
export interface ShardState {
    readonly shardId: number;
    readonly manifestVersion: number;
    readonly segments: readonly SegmentState[];
}
/** How the builds of indexes of a shard get on. */
export interface BuildsState {
    readonly shardId: number;
    /** Another one when a build has ended, or there is nothing to build. */
    readonly version: number;
    /** The one under way. */
    readonly running: {
        readonly indexId: number;
        readonly rowsBuilt: number;
    } | null;
    /** Attempts that failed, of this process. */
    readonly failureCount: number;
    /** Why the last of them did. */
    readonly failure: {
        readonly reason: ErrorName;
        readonly text: string;
        readonly fields: ErrorFields;
    } | null;
    /** Indexes of segments that were not built since an attempt failed. */
    readonly failedBuilds: readonly FailedBuildState[];
}
export interface FailedBuildState {
    readonly indexId: number;
    /** Why the last attempt failed. */
    readonly text: string;
    /** There were so many that nobody tries again before somebody asks. */
    readonly isGivenUp: boolean;
}
export interface Shards {
    insert(request: InsertRequest, call: Call): Promise<WriteAnswer>;
    delete(request: DeleteRequest, call: Call): Promise<WriteAnswer>;
    /** @throws MilvusError SnapshotExpired */
    search(request: ReadRequest<SearchPlan>, call: Call): Promise<SearchAnswer>;
    /** @throws MilvusError SnapshotExpired */
    query(request: ReadRequest<QueryPlan>, call: Call): Promise<TimedQueryAnswer>;
    /** Seals what is growing; resolves when it is in segments and the manifest says so. */
    flush(request: ShardRequest, call: Call): Promise<ShardState>;
    /** Merges and purges until the policy finds nothing more. */
    compact(request: ShardRequest, call: Call): Promise<ShardState>;
    describe(request: ShardRequest, call: Call): Promise<ShardState>;
    builds(request: ShardRequest, call: Call): Promise<BuildsState>;
    /**
     * As `builds`, when its version is not this one any more.
     * @param request.retry what failed is tried again now
     * @throws MilvusError ReadOnly where nothing is built
     */
    buildsAfter(request: ShardRequest & {
        version: number;
        retry: boolean;
    }, call: Call): Promise<BuildsState>;
    /** Compactions that begin from here on leave what reads at the moment see, for a while. */
    keep(request: ShardRequest & {
        timestamp: bigint;
    }, call: Call): Promise<void>;
    /** Keeps what reads at the moment see, and holds the manifest that has it. */
    cut(request: ShardRequest & {
        timestamp: bigint;
        flush: boolean;
    }, call: Call): Promise<ShardCut>;
    letGo(request: ShardRequest & {
        manifestKey: string;
    }, call: Call): Promise<void>;
    /** Writes the first manifest of a shard that nobody leads yet. */
    restore(request: RestoreShardRequest, call: Call): Promise<RestoredShard>;
    /** @throws MilvusError WriterPoisoned where nothing is written any more until the database is opened again */
    checkHealth(call: Call): Promise<void>;
    /** A collection came into being or changed; idempotent by schema version. */
    applyCollection(request: {
        collection: CollectionInfo;
    }, call: Call): Promise<void>;
    /** All rows written before now are gone. */
    truncate(request: ShardRequest, call: Call): Promise<void>;
    dropPartition(request: ShardRequest & {
        partitionId: number;
    }, call: Call): Promise<void>;
    dropCollection(request: {
        collectionId: number;
        shardIds: readonly number[];
    }, call: Call): Promise<void>;
    /** Forgets what it holds in memory of sealed segments; the next read brings it back. */
    release(request: ShardRequest, call: Call): Promise<void>;
}
/** Keys that are deleted or superseded: rows older than `timestamp` with one of the keys are gone. */
export interface DeleteRun {
    readonly timestamp: bigint;
    /** Null: in every partition. */
    readonly partitionIds: readonly number[] | null;
    readonly keys: KeyList;
}
export interface HostRead<Plan> {
    readonly shardId: number;
    readonly segmentIds: readonly number[];
    readonly plan: Plan;
}
export interface SegmentHost {
    /** Serves these segments too; deletes up to `appliedTimestamp` are in their delete files. Reads nothing yet. */
    assign(request: {
        shardId: number;
        schema: CollectionSchema;
        segments: readonly SegmentInfo[];
        appliedTimestamp: bigint;
    }, call: Call): Promise<void>;
    /** Stops serving these segments and frees their memory. */
    unassign(request: {
        shardId: number;
        segmentIds: readonly number[];
    }, call: Call): Promise<void>;
    /** These segments have these indexes from now on. Told again, or of a segment that is gone, it changes nothing. */
    assignIndexes(request: {
        shardId: number;
        indexes: ReadonlyMap<number, readonly SegmentIndex[]>;
    }, call: Call): Promise<void>;
    /** Keys of images that cannot be used, of all segments of the shard. */
    damagedIndexes(request: {
        shardId: number;
    }, call: Call): Promise<readonly string[]>;
    /** In order of timestamp; takes effect for every read that comes after it. */
    applyDeletes(request: {
        shardId: number;
        run: DeleteRun;
    }, call: Call): Promise<void>;
    search(request: HostRead<SearchPlan>, call: Call): Promise<SearchAnswer>;
    query(request: HostRead<QueryPlan>, call: Call): Promise<QueryAnswer>;
    /**
     * Writes a delete file for each segment that has more deletes than the file its info names, and forgets
     * runs up to `forgetUntil` that every segment of the shard has taken in.
     * @returns the new delete references by segment id
     */
    checkpointDeletes(request: {
        shardId: number;
        segments: readonly SegmentInfo[];
        forgetUntil: bigint;
    }, call: Call): Promise<ReadonlyMap<number, NonNullable<SegmentInfo['deletes']>>>;
    /** Rows deleted so far by segment id, or those deleted at or before `until`, as far as known without reading. */
    deletedCounts(request: {
        shardId: number;
        until?: bigint;
    }, call: Call): Promise<ReadonlyMap<number, number>>;
    /** Frees cached columns of a shard. */
    evict(request: {
        shardId: number;
    }, call: Call): Promise<void>;
}
/** A pure function of immutable objects: may run twice, anywhere. */
export interface CompactTask {
    readonly collectionId: number;
    readonly shardId: number;
    readonly partitionId: number;
    readonly outputId: number;
    readonly schema: CollectionSchema;
    readonly inputs: readonly SegmentInfo[];
    /** Rows deleted at or before it are left out. */
    readonly horizon: bigint;
    /** Rows written before it are left out: they have outlived the TTL. 0: none. */
    readonly expiredBefore: bigint;
    /** Rows that name an end not later than that are left out. Null: rows name none. */
    readonly expiry: RowExpiry | null;
}
/** The index of one vector column of one segment. */
export type BuildIndexTask = IndexBuilding;
export interface TaskRunner {
    /** @returns the new segment, or null when no row was left */
    compact(task: CompactTask, call: Call): Promise<SegmentInfo | null>;
    /** @throws MilvusError Cancelled when the call is given up; DataIntegrity when the segment is damaged */
    buildIndex(task: BuildIndexTask, call: Call): Promise<SegmentIndex>;
    /** Rows that a build under way has done, about; 0 when none of these files is. */
    rowsBuilt(request: {
        fileId: number;
    }, call: Call): Promise<number>;
}
export {};

// core/references.d.ts
/** What requests of all roles name what they are about by. */
/** A collection by name; aliases count where the operation allows them. '' is the default database. */
export interface CollectionRef {
    readonly databaseName: string;
    readonly collectionName: string;
}
/** A shard of a collection. */
export interface ShardRequest {
    readonly collectionId: number;
    readonly shardId: number;
}

// core/requests.d.ts
/**
 * What users ask of the database, whoever speaks for them: the typed API, gRPC and REST all translate to
 * these. Rows come either as objects (checked here) or as columns.
 */
import type { IndexMetric } from '../index/metric-type.ts';
import type { ParameterValues } from '../query/template.ts';
import type { GivenFieldOperation } from '../schema/array-operations.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ColumnBatch } from '../schema/column.ts';
import type { CollectionDefinition } from '../schema/definition.ts';
import type { GivenColumns } from '../schema/given-columns.ts';
import type { BucketRequest } from '../search/bucket-names.ts';
import type { ElementLists, ExplainedStep, Explanation } from '../search/plan.ts';
import type { RowValue } from '../search/row-values.ts';
import type { NamedColumn } from '../search/value-columns.ts';
import type { GroupRequest, OrderRequest } from '../search/value-names.ts';
import type { ConsistencyLevel, IndexRequest } from './ports.ts';
import type { CollectionRef } from './references.ts';
export type { BucketRequest, ElementLists, ExplainedStep, Explanation, GroupRequest, NamedColumn, OrderRequest, };
/** A row as users write and get it: values by field name. */
export type Row = Readonly<Record<string, unknown>>;
export interface CallOptions {
    /** Cancels the call. A write may be stored all the same, as after `timeoutMs`. */
    readonly signal?: AbortSignal;
    /**
     * Milliseconds after which the call fails with DeadlineExceeded. Default: no limit. 0 is no way to say
     * so: only what is answered without waiting is then answered. A write that fails so may be stored or
     * not, on several shards in part: later reads show which, and it does not change after the first.
     */
    readonly timeoutMs?: number;
}
/** A collection to create, with its indexes. */
export interface NewCollection extends CollectionDefinition {
    readonly indexes?: readonly IndexRequest[];
}
export interface RowsRequest extends CollectionRef {
    readonly rows: readonly Row[] | GivenColumns;
    readonly partitionName?: string;
    /** Where the rows belong, in a collection with namespaces. */
    readonly namespace?: string;
}
export interface UpsertRequest extends RowsRequest {
    /** Fields that a row leaves out keep their values. */
    readonly partial?: boolean;
    /** What the rows do to fields beside replacing them; with one, the upsert is partial. */
    readonly fieldOps?: readonly GivenFieldOperation[];
}
export interface RowsAnswer {
    readonly rowCount: number;
    /** Keys in the order of the rows. */
    readonly ids: readonly PrimaryKey[];
    readonly timestamp: bigint;
}
export interface DeleteRowsRequest extends CollectionRef {
    /** One of the two. */
    readonly ids?: readonly PrimaryKey[];
    readonly filter?: string;
    readonly parameters?: ParameterValues;
    readonly partitionName?: string;
    /** The only one whose rows go, in a collection with namespaces. */
    readonly namespace?: string;
}
export interface DeleteAnswer {
    readonly rowCount: number;
    readonly timestamp: bigint;
}
interface ReadRowsRequest extends CollectionRef {
    /** The collection that the name must still mean. @throws MilvusError CollectionNotFound */
    readonly collectionId?: number;
    /**
     * The schema by which all pages are read, that of the first one; the answer has it as its own. Default: the
     * collection's. @throws MilvusError SchemaMismatch when a field of it is gone
     */
    readonly schema?: CollectionSchema;
    readonly partitionNames?: readonly string[];
    /** The one to read, in a collection with namespaces. */
    readonly namespace?: string;
    readonly filter?: string;
    readonly parameters?: ParameterValues;
    /** Names, `*`, `struct[sub]`, keys of the dynamic field. Default: the primary key only. */
    readonly outputFields?: readonly string[];
    /** Default: the collection's. */
    readonly consistencyLevel?: ConsistencyLevel;
    /** Lower bound of what a Session read must see. */
    readonly guaranteeTimestamp?: bigint;
    /** The read sees exactly the rows of this hybrid timestamp, which then stay readable for a minute. */
    readonly snapshotTimestamp?: bigint;
    readonly ignoreGrowing?: boolean;
    /** A read of all partitions is refused while one is released, instead of leaving its rows out. */
    readonly refuseReleased?: boolean;
    /** IANA zone in which Timestamptz values are written; default: the collection's, else UTC. */
    readonly timezone?: string;
}
export interface QueryRowsRequest extends ReadRowsRequest {
    /** Rows with these keys; may stand beside a filter. */
    readonly ids?: readonly PrimaryKey[];
    readonly limit?: number;
    readonly offset?: number;
    /** Fields of the groups that `outputFields` has aggregates of: `count(*)`, `sum(size)`; `limit` counts groups. */
    readonly groupBy?: readonly string[];
    /** Rows in this order, equal ones by key; groups by fields that they are groups of. Needs a limit. */
    readonly orderBy?: readonly OrderRequest[];
    /** Rows behind this key, null from the first on, found without looking at those before. Needs a limit. */
    readonly afterKey?: PrimaryKey | null;
}
export interface QueryRowsAnswer {
    /**
     * In ascending order of the primary key, which every row has, or as `orderBy` says. Or one row a group. With
     * `element_filter` a row comes once for each element that matches, whose place is its `$element`.
     */
    readonly rows: Record<string, unknown>[];
    /**
     * Of the read; a later read with it as snapshotTimestamp sees the same rows, or is refused when
     * compaction, a truncation or the drop of a partition has taken some of them.
     */
    readonly timestamp: bigint;
}
/** Rows as columns: the fields that were asked for, by id. */
interface ColumnsAnswer {
    readonly schema: CollectionSchema;
    readonly batch: ColumnBatch;
    readonly timestamp: bigint;
    /** IANA zone in which the request wants Timestamptz. */
    readonly timeZone: string;
}
export interface QueryColumnsAnswer extends ColumnsAnswer {
    /** Of a request with aggregates, in place of rows: a column for each output field, one row a group. */
    readonly aggregates: readonly NamedColumn[] | null;
    /** With `element_filter`: the places of the elements of each row that match. */
    readonly elements?: ElementLists;
}
export interface SearchColumnsAnswer extends ColumnsAnswer {
    /** Row of `batch` of each hit; the hits of a query after those of the one before, best first. */
    readonly rows: Uint32Array;
    readonly scores: Float32Array;
    /** Hits of each query. */
    readonly counts: Uint32Array;
    /** Rows of what was searched: of segments that the filter leaves out as a whole none count. */
    readonly searchedRows: number;
    /** By hit, where hits are elements of a struct array: the place of the element in its row. */
    readonly elements?: Uint32Array;
    /** Of a request with `after`: for the next one. Null where nothing was found. */
    readonly pageEnd: SearchPageEnd | null;
    /** Of a search by groups: the values of the group of each hit, a column for each name. */
    readonly groups: readonly NamedColumn[];
}
export interface SearchRowsRequest extends ReadRowsRequest {
    /**
     * One vector or many, in any form that the field's rows may have; of a field inside a struct array with a
     * MAX_SIM metric, a list of lists of vectors. A Float32Array is not copied: it must not
     * change until the search has resolved.
     */
    readonly data?: unknown;
    /**
     * Instead of `data`: the vectors of the rows with these keys, each of which must be there. A row finds itself
     * unless the filter leaves it out; one whose vector is null finds nothing.
     */
    readonly ids?: readonly PrimaryKey[];
    /** May be left out when the collection has one vector field. */
    readonly fieldName?: string;
    /** Default: the index's, else the one the field was created with. Another one is refused. */
    readonly metric?: IndexMetric;
    readonly limit: number;
    readonly offset?: number;
    /** Decimals of the scores, -1 (default) for all. */
    readonly roundDecimal?: number;
    /** Parameters of the field's index, and the range of scores, by Milvus's names: `ef`, `radius` … */
    readonly params?: Readonly<Record<string, unknown>>;
    /**
     * Hits behind this one, null from the best on. With one query vector and no offset. Without an `id`: behind
     * every hit of its score.
     */
    readonly after?: (Omit<SearchPageEnd, 'id'> & {
        readonly id: PrimaryKey | null;
    }) | null;
    /** `limit` and `offset` count groups. */
    readonly groupBy?: GroupRequest;
    /** The best hits, put in this order before the offset is skipped. */
    readonly orderBy?: readonly OrderRequest[];
    /** `iterative_filter`: the filter looks at what was found, instead of at all rows before. */
    readonly hints?: string;
    /** Of a request for several pages at once: as wide as one of them `params` must be. Default: `limit`. */
    readonly batchSize?: number;
}
/** The last hit of a page, and what went before it. */
export interface SearchPageEnd {
    readonly id: PrimaryKey;
    /** Where hits are elements of a struct array: the place in its row. */
    readonly element?: number;
    /** Not rounded. */
    readonly score: number;
    /** Hits of this score so far, itself included. */
    readonly tieCount: number;
    /** Hits so far. */
    readonly hitCount: number;
}
export interface Hit {
    readonly id: PrimaryKey;
    /** As Milvus reports it: larger is better for IP and COSINE, smaller for the rest. */
    readonly score: number;
    readonly fields: Record<string, unknown>;
    /** Where hits are elements of a struct array: the place of the element in its row, from 0 on. */
    readonly element?: number;
    /** Of a search by groups: the values of its group. */
    readonly group?: readonly RowValue[];
}
/** A search whose hits are told in buckets. */
export interface SearchBucketsRequest extends Omit<SearchRowsRequest, 'limit' | 'offset' | 'after' | 'batchSize' | 'groupBy' | 'orderBy' | 'ids'> {
    readonly aggregation: BucketRequest;
}
/** Hits that have the values of `key` in common. */
export interface HitBucket {
    readonly key: ReadonlyArray<{
        readonly fieldName: string;
        readonly fieldId: number;
        readonly value: RowValue;
    }>;
    /** Hits that were found for it. */
    readonly count: number;
    /** By name: sums of integers and counts are bigints; null where no hit had a value. */
    readonly metrics: ReadonlyMap<string, RowValue>;
    /** Those that were asked for. */
    readonly hits: readonly Hit[];
    readonly sub: readonly HitBucket[];
}
export interface SearchBucketsAnswer {
    /** Of each query vector. */
    readonly buckets: readonly HitBucket[][];
    /** Hits in all of them. */
    readonly hitCount: number;
    readonly timestamp: bigint;
}
export interface SearchRowsAnswer {
    /** Hits of each query vector, best first. */
    readonly results: Hit[][];
    /** Of a request with `after`: for the next one. Null where nothing was found yet. */
    readonly pageEnd: SearchPageEnd | null;
}
export interface CollectionStatistics {
    /** Rows stored; deleted ones count until compaction takes them. */
    readonly rowCount: number;
}

// core/service.d.ts
/**
 * What a running database offers to its doors: the typed API today, gRPC and REST beside it. One method
 * a Milvus call; `core/frontend.ts` implements it over the ports.
 */
import type { FieldDefinition, StructDefinition } from '../schema/definition.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import type { Properties } from '../schema/collection-schema.ts';
import type { Snapshots } from './frontend-snapshots.ts';
import type { IndexDescription } from './index-states.ts';
import type { AliasInfo, CollectionInfo, DatabaseInfo, FieldChange, IndexRequest, PropertyChange, ShardState } from './ports.ts';
import type { CollectionRef } from './references.ts';
import type { CallOptions, CollectionStatistics, DeleteAnswer, DeleteRowsRequest, Explanation, NewCollection, QueryColumnsAnswer, QueryRowsAnswer, QueryRowsRequest, RowsAnswer, RowsRequest, SearchBucketsAnswer, SearchBucketsRequest, SearchColumnsAnswer, SearchRowsAnswer, SearchRowsRequest, UpsertRequest } from './requests.ts';
export interface IndexRef extends CollectionRef {
    readonly indexName: string;
}
export interface PartitionRef extends CollectionRef {
    readonly partitionName: string;
}
export interface PartitionsRef extends CollectionRef {
    readonly partitionNames: readonly string[];
}
export interface Service {
    createDatabase(name: string, properties: Properties, options?: CallOptions): Promise<void>;
    dropDatabase(name: string, options?: CallOptions): Promise<void>;
    listDatabases(options?: CallOptions): Promise<DatabaseInfo[]>;
    describeDatabase(name: string, options?: CallOptions): Promise<DatabaseInfo>;
    alterDatabase(name: string, change: PropertyChange, options?: CallOptions): Promise<void>;
    /** The same definition again is no error. What is new is not loaded. */
    createCollection(databaseName: string, definition: NewCollection, options?: CallOptions): Promise<CollectionInfo>;
    dropCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
    hasCollection(collection: CollectionRef, options?: CallOptions): Promise<boolean>;
    describeCollection(collection: CollectionRef, options?: CallOptions): Promise<CollectionInfo>;
    listCollections(databaseName: string, options?: CallOptions): Promise<CollectionInfo[]>;
    renameCollection(request: CollectionRef & {
        newName: string;
        newDatabaseName: string | null;
    }, options?: CallOptions): Promise<void>;
    truncateCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
    alterCollection(request: CollectionRef & PropertyChange, options?: CallOptions): Promise<void>;
    /** Adds a field, which must be nullable, with its index if one is given. */
    addField(request: CollectionRef & {
        field: FieldDefinition;
        index?: IndexRequest;
    }, options?: CallOptions): Promise<void>;
    /** Adds a struct array, which must be nullable. */
    addStruct(request: CollectionRef & {
        struct: StructDefinition;
    }, options?: CallOptions): Promise<void>;
    /** Drops a field or a struct array with its indexes. What its rows held takes room until compaction. */
    dropField(request: CollectionRef & {
        dropped: DroppedField;
    }, options?: CallOptions): Promise<void>;
    alterField(request: CollectionRef & FieldChange, options?: CallOptions): Promise<void>;
    loadCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
    releaseCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
    statistics(collection: CollectionRef, options?: CallOptions): Promise<CollectionStatistics>;
    partitionStatistics(partition: PartitionRef, options?: CallOptions): Promise<CollectionStatistics>;
    /** State of every shard: segments, manifest version. */
    shardStates(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;
    /** The same index again is no error. Until segments have it, they are searched exactly. */
    createIndex(request: CollectionRef & IndexRequest, options?: CallOptions): Promise<void>;
    /** One that is not there is no error; of vectors, not while the collection is loaded. */
    dropIndex(index: IndexRef, options?: CallOptions): Promise<void>;
    /** Changes how an index is kept: `mmap.enabled`, `warmup`. */
    alterIndex(request: IndexRef & PropertyChange, options?: CallOptions): Promise<void>;
    /** The index of a name, or all of the collection for ''. @throws MilvusError IndexNotFound */
    describeIndexes(index: IndexRef, options?: CallOptions): Promise<IndexDescription[]>;
    /** Resolves when they cover every sealed row. @throws MilvusError why a build failed, IndexNotFound */
    waitForIndexes(index: IndexRef, options?: CallOptions): Promise<void>;
    createPartition(partition: PartitionRef, options?: CallOptions): Promise<void>;
    dropPartition(partition: PartitionRef, options?: CallOptions): Promise<void>;
    hasPartition(partition: PartitionRef, options?: CallOptions): Promise<boolean>;
    loadPartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void>;
    releasePartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void>;
    createAlias(request: CollectionRef & {
        alias: string;
    }, options?: CallOptions): Promise<void>;
    dropAlias(request: {
        databaseName: string;
        alias: string;
    }, options?: CallOptions): Promise<void>;
    alterAlias(request: CollectionRef & {
        alias: string;
    }, options?: CallOptions): Promise<void>;
    describeAlias(request: {
        databaseName: string;
        alias: string;
    }, options?: CallOptions): Promise<AliasInfo>;
    listAliases(request: {
        databaseName: string;
        collectionName: string | null;
    }, options?: CallOptions): Promise<AliasInfo[]>;
    insert(request: RowsRequest, options?: CallOptions): Promise<RowsAnswer>;
    upsert(request: UpsertRequest, options?: CallOptions): Promise<RowsAnswer>;
    delete(request: DeleteRowsRequest, options?: CallOptions): Promise<DeleteAnswer>;
    query(request: QueryRowsRequest, options?: CallOptions): Promise<QueryRowsAnswer>;
    /** Rows that a filter matches (all without one), deleted and superseded ones left out. */
    count(request: QueryRowsRequest, options?: CallOptions): Promise<number>;
    /** What the filter of a count does: its conditions in their order, what each excludes, and how long it takes. */
    explain(request: QueryRowsRequest, options?: CallOptions): Promise<Explanation>;
    search(request: SearchRowsRequest, options?: CallOptions): Promise<SearchRowsAnswer>;
    /** Hits in buckets by the values of their fields. */
    searchBuckets(request: SearchBucketsRequest, options?: CallOptions): Promise<SearchBucketsAnswer>;
    /** What `query` answers, as columns. */
    queryColumns(request: QueryRowsRequest, options?: CallOptions): Promise<QueryColumnsAnswer>;
    /** What `search` answers, as columns. */
    searchColumns(request: SearchRowsRequest, options?: CallOptions): Promise<SearchColumnsAnswer>;
    readonly snapshots: Snapshots;
    flush(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;
    compact(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;
    /** @throws MilvusError why the database does not work: closed, or nothing is written any more */
    checkHealth(options?: CallOptions): Promise<void>;
    allocateTimestamp(options?: CallOptions): Promise<bigint>;
}

// core/snapshot-ports.d.ts
/** What travels between the roles about snapshots: plain data, as everything in ports.ts. */
import type { ManifestHead } from '../meta/manifest-pointer.ts';
import type { ObjectReference } from '../segments/segment-info.ts';
import type { CollectionRef, ShardRequest } from './references.ts';
/** A snapshot of a collection. */
export interface SnapshotInfo {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly collectionName: string;
    readonly partitionNames: readonly string[];
    /** Its rows are those of this hybrid timestamp. */
    readonly timestamp: bigint;
    /** Wall-clock milliseconds. */
    readonly createdMs: number;
    /** Wall-clock milliseconds until which its segments are not compacted; 0: they may be. */
    readonly protectedUntilMs: number;
    /** Pins that keep it from being dropped, some of which may have ended. */
    readonly pinCount: number;
}
export interface SnapshotRef extends CollectionRef {
    readonly snapshotName: string;
}
export interface NewSnapshot extends SnapshotRef {
    readonly description: string;
    /** Seconds for which its segments are not compacted. */
    readonly protectionSeconds: number;
    /** False: of rows that are flushed already, up to the moment that all shards have reached. */
    readonly flush: boolean;
}
export interface RestoreSnapshotRequest extends SnapshotRef {
    readonly targetDatabaseName: string;
    readonly targetName: string;
}
/** A shard at a moment, for a snapshot. */
export interface ShardCut {
    /** It has every row up to `until`, and is held until it is let go; null: there is none yet. */
    readonly manifest: ObjectReference | null;
    readonly until: bigint;
    /** Of earlier moments rows may be gone. */
    readonly historyFrom: bigint;
}
/** The first manifest of a shard, of what another shard was. */
export interface RestoreShardRequest extends ShardRequest {
    readonly source: ObjectReference;
    /** Rows are those of this hybrid timestamp. */
    readonly moment: bigint;
    /** From which on the new shard is read. */
    readonly timestamp: bigint;
    readonly schemaVersion: number;
    /** Of the new collection, by those of the old one. */
    readonly partitionIds: ReadonlyMap<number, number>;
    readonly indexIds: ReadonlyMap<number, number>;
}
/** A manifest that is durable, and that nothing refers to yet. */
export interface RestoredShard {
    readonly head: ManifestHead;
    readonly reference: ObjectReference;
}

// core/tuning.d.ts
export interface Tuning {
    /** Bytes of growing rows that seal a segment. */
    readonly sealBytes: number;
    /** Bytes of growing rows, all shards together, at which writers wait for a flush. */
    readonly growingBytesMax: number;
    /** Bytes of log that make maintenance flush. */
    readonly logBytesMax: number;
    /** Bytes of one log file before the next is begun. */
    readonly logFileBytesMax: number;
    /** Bytes of growing rows that a closing database writes as segments instead of leaving them to replay. */
    readonly flushOnCloseBytes: number;
    /** Rows of a segment below which no index is built. */
    readonly indexRowsMin: number;
}
export declare const PRODUCTION_TUNING: Tuning;

// index.d.ts
/// <reference lib="esnext.disposable" preserve="true" />
/** The package's public door: names only. */
export { Aggregates } from './api/aggregates.ts';
export { Collection } from './api/collection.ts';
export { DatabaseView } from './api/database-view.ts';
export { expr, Expression, type ExpressionValue } from './api/expression.ts';
export { Field, type FieldShapes } from './api/field.ts';
export { f } from './api/fields.ts';
export type { IndexOptions, SearchParams } from './api/index-options.ts';
export { Indexes } from './api/indexes.ts';
export type { ScalarIndexOptions } from './api/scalar-index-options.ts';
export { MilvusLite, type OpenOptions } from './api/milvus-lite.ts';
export { Partitions } from './api/partitions.ts';
export { type PinOptions, type RestoreOptions, type SnapshotOptions, Snapshots, } from './api/snapshots.ts';
export type { AggregateRequest, Bucket, BucketMetric, BucketOptions, BucketSearchRequest, CallOptions, CollectionOptions, CollectionStatistics, ConsistencyLevel, CountRequest, DeleteRequest, DeleteResult, FieldOperation, GetOptions, GroupValue, IndexDescription, IterateRequest, OrderBy, PartialUpsertOptions, QueryRequest, ReadOptions, RenameOptions, SearchIteratorRequest, SearchRequest, SegmentState, UpsertOptions, WriteOptions, WriteResult, } from './api/requests.ts';
export { type AnySchema, defineSchema, type FoundRow, type Hit, type InsertRow, type KeyInput, type KeyOf, type OutputName, type PartialRow, type QueryList, type QueryVector, type Row, Schema, type Selected, type UpsertRow, } from './api/schema.ts';
export type { IndexMetric, JsonValue, Metric, ParameterValues, SparseVector, } from './api/values.ts';
export { type ErrorKind, type ErrorName, MilvusError } from './base/errors.ts';
export type { Logger, LogFields } from './base/logger.ts';
export type { RecoveryReport } from './core/engine.ts';
export type { RestoreJob } from './core/frontend-snapshots.ts';
export type { AliasInfo, CollectionInfo, DatabaseInfo, IndexInfo, PartitionInfo, } from './core/ports.ts';
export type { ExplainedStep, Explanation } from './core/requests.ts';
export type { SnapshotInfo } from './core/snapshot-ports.ts';
export { MetricType } from './index/metric-type.ts';
export { DataType, type DataTypeName } from './schema/data-type.ts';
export type { PrimaryKey } from './schema/primary-key.ts';

// index/distances.d.ts
/**
 * Costs of a tile: some queries against some rows of a vector column. One implementation a family of
 * element types; each reads the column where it lies and writes float32 costs.
 */
import type { DenseVectorType } from '../schema/data-type.ts';
/** Queries of one tile: at 128 dimensions their float64 form fills a first-level cache. */
export declare const TILE_QUERIES = 32;
/** Rows of one tile. */
export declare function tileRows(dim: number): number;
export type VectorValues = Float32Array | Uint16Array | Int8Array | Uint8Array;
/** Dense vectors, row-major, as in `VectorColumn`. */
export interface Vectors {
    readonly type: DenseVectorType;
    readonly dim: number;
    readonly values: VectorValues;
}
export interface Distances {
    /** Takes queries [first, first + count) as the ones to compare with; count <= TILE_QUERIES. */
    setQueries(first: number, count: number): void;
    /**
     * Cost of row rows[r] against query q of those set at costs[q x tileRows(dim) + r], for r < rowCount;
     * NaN where a row is no hit: by metrics that only match, and by no other.
     */
    measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void;
}

// index/flat.d.ts
import { type Distances, type Vectors, type VectorValues } from './distances.ts';
import { type MetricType } from './metric-type.ts';
import type { MinhashMeasure } from './minhash-signature.ts';
/** Rows as good as the k-th that a scan hands over besides the k, so that keys can decide between them. */
export declare const TIE_ROWS_MAX = 256;
/** Finds the best `topK` of the rows [rowStart, rowEnd) for each query. */
export interface ScanTask {
    readonly kind: 'scan';
    readonly metric: MetricType;
    /** Of MHJACCARD: how it compares. */
    readonly minhash?: MinhashMeasure;
    readonly vectors: Vectors;
    /** At most SCAN_ROWS_MAX rows. */
    readonly rowStart: number;
    readonly rowEnd: number;
    /** Bit i says that row rowStart + i counts; null: all rows count. */
    readonly allowed: Uint32Array | null;
    /** Rows of the same type and dimension as `vectors`. */
    readonly queries: VectorValues;
    readonly queryCount: number;
    readonly topK: number;
    /** TIE_ROWS_MAX, or as many as there are rows to get every tie. */
    readonly tieRowsMax: number;
    /** Rows that cost less do not count. Default: all rows do. */
    readonly costFrom?: number;
    /**
     * An image of flat-image.ts of these vectors; null: none. Where it is of use, rowStart is a multiple of 32.
     * The hits are the same.
     */
    readonly codes?: Uint8Array | null;
}
export declare function costFrom({ costFrom: given }: ScanTask): number;
/**
 * Query i has `counts[i]` hits behind those of query i - 1, best first, equal scores by row: its k best
 * and every row as good as the k-th, unless `cut[i]` is 1, when there were more than `tieRowsMax`.
 */
export interface ScanResult {
    readonly counts: Uint32Array;
    readonly rows: Uint32Array;
    /** As reported: see metrics.ts. */
    readonly scores: Float32Array;
    readonly cut: Uint8Array;
}
/** A scan under way: between its steps whoever runs it may stop, or give the thread to others. */
export interface RunningScan {
    readonly isDone: boolean;
    /** Works for a few milliseconds at most. */
    step(): void;
    /** Of a scan that is done. */
    result(): ScanResult;
}
/** The scan in TypeScript, one tile a step: the native one's twin. */
export declare class Scan implements RunningScan {
    #private;
    constructor(task: ScanTask);
    get isDone(): boolean;
    /** Works on one tile. */
    step(): void;
    result(): ScanResult;
}
/** What compares queries with vectors, by their type and the metric. */
export declare function distancesOf(task: Pick<ScanTask, 'vectors' | 'queries' | 'metric' | 'minhash'>): Distances;

// index/index-definition.d.ts
import { type MilvusError } from '../base/errors.ts';
import type { FieldSchema, Properties } from '../schema/collection-schema.ts';
import { type IndexMetric } from './metric-type.ts';
import { type Parameters } from './parameters.ts';
import { type IndexStructure } from './registry.ts';
export declare const INDEX_TYPE = "index_type";
export declare const METRIC_TYPE = "metric_type";
/** What is built of a field's vectors, and how; all defaults are filled in. */
export interface IndexBuild {
    /** The name by which it was asked for, AUTOINDEX resolved. */
    readonly name: string;
    readonly structure: IndexStructure;
    readonly metric: IndexMetric;
    readonly parameters: Parameters;
    readonly isMapped: boolean;
}
export interface CheckedIndex {
    /** What the catalog keeps and users are shown. */
    readonly params: Properties;
    /** False when the metric is the field's or the type's own. */
    readonly isMetricGiven: boolean;
}
/**
 * Checks a user's parameters for an index of a vector field; see scalar/scalar-definition.ts for others.
 * @throws MilvusError ParameterInvalid; Unimplemented for indexes of sparse vectors
 */
export declare function checkIndex(field: FieldSchema, given: Properties): CheckedIndex;
/**
 * A user's parameters, each by its name, as far as they are the same for every index.
 * @throws MilvusError ParameterInvalid
 */
export declare function givenParams(given: Properties): Properties;
/** Whether parameters say that the file of the index is mapped. */
export declare function saysMapped(params: Properties): boolean;
/**
 * What is to be built by parameters that `checkIndex` has checked.
 * @throws MilvusError ParameterInvalid, Unimplemented
 */
export declare function indexBuild(field: FieldSchema, params: Properties): IndexBuild;
/**
 * Checks a request's search parameters against the index of the field.
 * @param build null: the field has no index, and a search takes none
 * @param topK hits wanted of each query, offset included
 * @returns the parameters with which the index is searched, defaults filled in
 * @throws MilvusError ParameterInvalid
 */
export declare function checkSearchParameters(build: IndexBuild | null, given: Readonly<Record<string, unknown>>, topK: number): Parameters;
/**
 * Checks changes of how an index is kept.
 * @throws MilvusError ParameterInvalid
 */
export declare function checkIndexChange(params: Properties, change: {
    readonly set: Properties;
    readonly remove: readonly string[];
}): void;
export declare function unknownType(indexType: string): MilvusError;

// index/metric-type.d.ts
/** Metric types by Milvus's names, and which way is better. */
/** What the kernels measure. */
export declare const MetricType: {
    readonly L2: 'L2';
    readonly IP: 'IP';
    readonly COSINE: 'COSINE';
    readonly HAMMING: 'HAMMING';
    readonly JACCARD: 'JACCARD';
    readonly SUBSTRUCTURE: 'SUBSTRUCTURE';
    readonly SUPERSTRUCTURE: 'SUPERSTRUCTURE';
    readonly MHJACCARD: 'MHJACCARD';
};
export type MetricType = keyof typeof MetricType;
/** Metrics by which a row matches or is no hit, however many hits are wanted; of an index only. */
export type MatchMetric = 'SUBSTRUCTURE' | 'SUPERSTRUCTURE' | 'MHJACCARD';
/**
 * What an index may be defined with; for lists of vectors, how the best match of each query vector adds up
 * (MAX_SIM is MAX_SIM_COSINE).
 */
export type IndexMetric = MetricType | 'MAX_SIM' | 'MAX_SIM_COSINE' | 'MAX_SIM_IP' | 'MAX_SIM_L2' | 'MAX_SIM_HAMMING' | 'MAX_SIM_JACCARD';
export declare const FLOAT_INDEX_METRICS: readonly IndexMetric[];
export declare const BINARY_INDEX_METRICS: readonly IndexMetric[];
export declare const FLOAT_LIST_METRICS: readonly IndexMetric[];
export declare const BINARY_LIST_METRICS: readonly IndexMetric[];
/** Scores of similarity grow towards better; scores of distance shrink. */
export declare function largerIsBetter(metric: MetricType): boolean;
export declare function onlyMatches(metric: MetricType): metric is MatchMetric;
/** Of single vectors, not of lists. */
export declare function isMetricType(metric: IndexMetric): metric is MetricType;

// index/minhash-signature.d.ts
/**
 * MinHash signatures: binary vectors as elements of whole bytes, and what makes two of them alike.
 *
 *   share   of elements that are the same: the Jaccard similarity of the sets that were hashed, about
 *   bands   elements that stand side by side, as many a band as fit, one band behind the other; what is
 *           left over is in no band. Two signatures match when some band of them is the same
 *
 * native/src/signatures.h is the twin of this file.
 * Source: knowhere `src/index/minhash/minhash_util.cc`.
 */
import { type Parameters } from './parameters.ts';
export interface SignatureShape {
    readonly elementBytes: number;
    /** At most as many as there are elements. */
    readonly bandCount: number;
}
/** How MHJACCARD compares. */
export interface MinhashMeasure extends SignatureShape {
    /** By the share of equal elements, 0 being no hit; else matches alone are hits, all of score 1. */
    readonly isByShare: boolean;
}
/** What the parameters of an index say of signatures of `dim` bits. */
export declare function signatureShape(build: Parameters, dim: number): SignatureShape;
export declare function minhashMeasure(build: Parameters, search: Parameters, dim: number): MinhashMeasure;
/** Bytes of one band of a signature of `byteCount` bytes. */
export declare function bandByteCount(shape: SignatureShape, byteCount: number): number;

// index/parameter-rules.d.ts
import { type ParameterRules, type Parameters } from './parameters.ts';
export interface IndexRules {
    readonly build: ParameterRules;
    readonly search: ParameterRules;
    /** Rules that join a build parameter with the dimension of the field. */
    readonly checkBuild?: (parameters: Parameters, dim: number) => void;
    /**
     * Rules that join a search parameter with `topK`, and defaults that follow from it.
     * @returns the parameters with which the index is searched
     */
    readonly checkSearch?: (parameters: Parameters, topK: number) => Parameters;
}
/** Neighbours that a node of a graph has at most in an upper layer; in the lowest twice as many. */
export declare const GRAPH_M_MAX = 2048;
/** Candidates that a graph search keeps at least, when it is not said how many. */
export declare const CANDIDATES_MIN = 16;
export declare const FLAT: IndexRules;
export declare const IVF_FLAT: IndexRules;
export declare const IVF_SQ8: IndexRules;
export declare const IVF_PQ: IndexRules;
export declare const IVF_RABITQ: IndexRules;
export declare const SCANN: IndexRules;
export declare const HNSW: IndexRules;
export declare const HNSW_SQ: IndexRules;
export declare const HNSW_PQ: IndexRules;
export declare const HNSW_PRQ: IndexRules;
export declare const DISKANN: IndexRules;
export declare const AISAQ: IndexRules;
export declare const MINHASH_LSH: IndexRules;
/** A graph of fixed degree, built here as the layers of HNSW. */
export declare const GPU_CAGRA: IndexRules;
export declare const GPU_IVF_FLAT: IndexRules;
export declare const GPU_IVF_PQ: IndexRules;

// index/parameters.d.ts
import type { Properties } from '../schema/collection-schema.ts';
export declare const INT32_MAX = 2147483647;
export declare const FLOAT32_MAX = 3.4028234663852886e+38;
interface IntegerRule {
    readonly kind: 'integer';
    /** Both ends are allowed. */
    readonly range: readonly [number, number];
    readonly default: number | null;
    /** It must be given. */
    readonly isRequired?: true;
}
interface NumberRule {
    readonly kind: 'number';
    readonly range: readonly [number, number];
    readonly default: number | null;
}
interface BooleanRule {
    readonly kind: 'boolean';
    readonly default: boolean;
}
interface ChoiceRule {
    readonly kind: 'choice';
    /** In capitals; users may write them in any case. */
    readonly options: readonly string[];
    readonly default: string | null;
    /** What is said of any other text. */
    readonly refusal: (text: string) => string;
}
/** What is wrong with the value has the default instead: Milvus takes any value for it. */
interface LenientRule {
    readonly kind: 'lenient';
    readonly rule: IntegerRule | NumberRule;
}
export type ParameterRule = IntegerRule | NumberRule | BooleanRule | ChoiceRule | LenientRule;
export type ParameterRules = Readonly<Record<string, ParameterRule>>;
export type ParameterValue = number | boolean | string;
/** Checked values by name: those of every rule but the ones that have none. */
export type Parameters = Readonly<Record<string, ParameterValue>>;
/** @throws MilvusError ParameterInvalid */
export declare function buildParameters(rules: ParameterRules, given: Properties): Parameters;
/** @throws MilvusError ParameterInvalid */
export declare function searchParameters(rules: ParameterRules, given: Readonly<Record<string, unknown>>): Parameters;
/** The integer of a name that its rule gives a default. */
export declare function integerOf(parameters: Parameters, name: string): number;
export {};

// index/registry.d.ts
import { DataType } from '../schema/data-type.ts';
import type { IndexMetric } from './metric-type.ts';
import * as rules from './parameter-rules.ts';
import { type Parameters } from './parameters.ts';
/** What can be built over the vectors of a segment. */
export type IndexStructure = 'FLAT' | 'IVF_FLAT' | 'IVF_SQ8' | 'IVF_PQ' | 'IVF_RABITQ' | 'HNSW' | 'HNSW_SQ' | 'HNSW_PQ' | 'HNSW_PRQ' | 'SCANN' | 'DISKANN' | 'BIN_FLAT' | 'BIN_IVF_FLAT' | 'MINHASH_LSH';
/** What can be built over the scalars of a segment; HYBRID is BITMAP or another, as the values are. */
export type ScalarStructure = 'INVERTED' | 'BITMAP' | 'STL_SORT' | 'TRIE' | 'NGRAM' | 'RTREE' | 'HYBRID';
/** An index over scalars, by the name under which it can be created. */
export interface ScalarKind {
    readonly name: string;
    readonly structure: Exclude<ScalarStructure, 'HYBRID'>;
    readonly isMappable: boolean;
}
export interface IndexKind {
    readonly name: string;
    readonly structure: IndexStructure;
    readonly rules: rules.IndexRules;
    /** Vectors of which it can be built. */
    readonly types: readonly DataType[];
    /** Metrics of binary vectors that it has; null: all. */
    readonly binaryMetrics: readonly IndexMetric[] | null;
    readonly isMappable: boolean;
    /** It can be searched with a list of vectors by MAX_SIM. */
    readonly takesLists: boolean;
    /** Parameters of an alias in the words of its structure. */
    readonly translate?: (parameters: Parameters, dim: number) => Parameters;
}
/** What a name that is no vector index of this registry stands for. */
export type OtherIndex = 'scalar' | 'sparse' | 'unsupported';
export declare const AUTOINDEX = "AUTOINDEX";
/** The names under which a vector index can be created, AUTOINDEX beside them. */
export declare const VECTOR_INDEX_NAMES: readonly string[];
export declare function vectorIndexKind(name: string): IndexKind | undefined;
/** The names under which an index of scalars can be created, AUTOINDEX beside them. */
export declare const SCALAR_INDEX_NAMES: readonly string[];
export declare function scalarIndexKind(name: string): ScalarKind | undefined;
export declare function otherIndex(name: string): OtherIndex | undefined;
/** An index type and its parameters, as a user could have given them. */
export interface AutomaticIndex {
    readonly kind: IndexKind;
    readonly params: Readonly<Record<string, string>>;
}
/**
 * What AUTOINDEX stands for.
 * Source: Milvus `pkg/util/paramtable/autoindex_param.go`. Set relations, which Milvus's choice for
 * binary vectors does not have, get the index that has them; so do lists of vectors.
 */
export declare function automaticIndex(type: DataType, metric: IndexMetric): AutomaticIndex;
/**
 * What AUTOINDEX stands for, of a scalar field or the elements of an array.
 * @returns null for a type of which there is none
 * Source: Milvus `pkg/util/paramtable/autoindex_param.go`, scalarAutoIndex.params.build.
 */
export declare function automaticScalarIndex(type: DataType): ScalarStructure | null;

// index/score-range.d.ts
import { type MetricType } from './metric-type.ts';
export interface ScoreRange {
    readonly radius: number;
    /** null: no bound. */
    readonly rangeFilter: number | null;
}
/** Costs in range: from <= cost < end. */
export interface CostRange {
    readonly from: number;
    readonly end: number;
}
/**
 * The range of a request's search parameters; null when it has none.
 * @throws MilvusError ParameterInvalid
 */
export declare function scoreRange(params: Readonly<Record<string, unknown>>, metric: MetricType): ScoreRange | null;
export declare function costRange(range: ScoreRange | null, metric: MetricType): CostRange;

// index/vector-index.d.ts
/**
 * The port of every index over the vectors of one segment: how it is built, opened and searched.
 *
 *   build   a task -> one run of bytes, the image, which is kept as a file
 *   open    an image, and the vectors it was built of -> an index on this thread
 *   search  the best rows of each query
 *
 * Tasks and hits are plain data, so that they cross to a worker: vectors, images and controls lie in
 * shared memory then. An image is written once and never changes; any number of threads may have it open.
 * Rows are offsets in the segment. Range search and next batches are made of searches, for every index the
 * same: see src/search/window-index-search.ts.
 */
import type { Vectors, VectorValues } from './distances.ts';
import type { IndexMetric } from './metric-type.ts';
import type { Parameters } from './parameters.ts';
import type { IndexStructure } from './registry.ts';
/** What is built of which vectors. */
export interface IndexTask {
    readonly kind: 'build-index';
    readonly structure: IndexStructure;
    readonly metric: IndexMetric;
    readonly parameters: Parameters;
    readonly vectors: Vectors;
    /** At least 1. */
    readonly rowCount: number;
    /** How many threads may work on it, this one included; twins use this one only. */
    readonly threadCount: number;
    readonly control: BuildControl;
}
/** Two words of shared memory between a build and who waits for it: rows done, and 1 to cancel it. */
export type BuildControl = Int32Array;
export declare function newBuildControl(): BuildControl;
/** About; all of them when the build is done. */
export declare function rowsBuilt(control: BuildControl): number;
export declare function setRowsBuilt(control: BuildControl, rowCount: number): void;
/** The build ends within about a tenth of a second. */
export declare function cancelBuild(control: BuildControl): void;
export declare function isBuildCancelled(control: BuildControl): boolean;
export interface IndexQueries {
    /** Vectors of the type and dimension of the index. */
    readonly queries: VectorValues;
    readonly queryCount: number;
    readonly topK: number;
    /** Search parameters as parameter-rules.ts leaves them: all that the index needs are there. */
    readonly parameters: Parameters;
    /** Bit i: row i may be in the answer; null: all rows may. */
    readonly allowed: Uint32Array | null;
}
/**
 * Query i has `counts[i]` hits behind those of query i - 1, best first, equal scores by row, at most topK
 * and no row twice.
 */
export interface IndexHits {
    readonly counts: Uint32Array;
    readonly rows: Uint32Array;
    /** As reported: see metrics.ts. Exact, unless the index keeps no vectors. */
    readonly scores: Float32Array;
}
export interface VectorIndex {
    readonly metric: IndexMetric;
    readonly rowCount: number;
    /** Bytes of memory beside the vectors. */
    readonly byteLength: number;
    /** Runs from beginning to end: whoever must not wait gives few queries a call. */
    search(queries: IndexQueries): IndexHits;
    /** Gives native memory back without waiting for the garbage collector; nothing is searched after it. */
    close?(): void;
}
export interface OpenOptions {
    readonly image: Uint8Array;
    readonly vectors: Vectors;
    /** A thread of this process opened these very bytes before, so they need not be checked again. */
    readonly isChecked: boolean;
}
/** One structure of index; plain functions, so that each can be replaced. */
export interface IndexBuilder {
    /** @returns the image, in shared memory; null when it was cancelled */
    build(task: IndexTask): Uint8Array | null;
    /**
     * An image that is damaged is refused, or answers wrongly; it never does worse.
     * @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it
     */
    open(options: OpenOptions): VectorIndex;
}

// meta/log-point.d.ts
/** A place in a log as metadata keeps it: the shape of wal/position.ts, which is a level above. */
import type { RecordFields } from './record-fields.ts';
export interface LogPoint {
    readonly term: number;
    readonly sequence: number;
    readonly index: number;
}
/** Before every record of every log. */
export declare const LOG_BEGINNING: LogPoint;
export declare function compareLogPoints(a: LogPoint, b: LogPoint): number;
export declare function readLogPoint(fields: RecordFields): LogPoint;

// meta/manifest-pointer.d.ts
import { type LogPoint } from './log-point.ts';
import type { MetaStore } from './meta-store.ts';
import { type RecordFields } from './record-fields.ts';
/** The manifest object, and what must be true of its bytes. */
export interface ManifestReference {
    readonly key: string;
    readonly byteLength: number;
    /** CRC-32 of the whole object. */
    readonly checksum: number;
}
export interface ManifestPointer {
    readonly collectionId: number;
    readonly shardId: number;
    /** From 1 on. */
    readonly version: number;
    readonly manifest: ManifestReference;
    /** Records of the log up to here, and this one, are in the manifest. */
    readonly checkpoint: LogPoint;
    /** Of the leader that moved it; a lower one moves it no more. */
    readonly shardTerm: number;
}
export type MoveOutcome = {
    readonly moved: true;
    readonly pointer: ManifestPointer;
}
/** `current` is what stands there instead of the base; null: nothing. */
 | {
    readonly moved: false;
    readonly current: ManifestPointer | null;
};
export declare function readPointer(store: MetaStore, collectionId: number, shardId: number): Promise<ManifestPointer | null>;
/**
 * Moves a pointer one version on, from `next.version - 1`.
 *
 * When the answer of the store is lost, what stands there decides: `next` means moved, the base means
 * that nothing happened (and the error is thrown), anything else is a conflict.
 */
export declare function movePointer(store: MetaStore, next: ManifestPointer): Promise<MoveOutcome>;
/** What a leader knows of the manifest it publishes. */
export interface ManifestHead {
    readonly collectionId: number;
    readonly shardId: number;
    readonly version: number;
    readonly checkpoint: LogPoint;
}
/** The pointers of all shards, as their one mover knows them. */
export declare class ManifestPointers {
    #private;
    private constructor();
    /** @param shardTerm of the leaders that will move them */
    static load(store: MetaStore, shardTerm: number): Promise<ManifestPointers>;
    get all(): readonly ManifestPointer[];
    current(collectionId: number, shardId: number): ManifestPointer | null;
    /**
     * Makes a durable manifest the truth of its shard.
     * @param base what the manifest was made from; null for a shard's first
     * @throws MilvusError ChannelMisrouted when somebody else moved the pointer
     */
    move(base: ManifestPointer | null, to: {
        readonly manifest: ManifestHead;
        readonly reference: ManifestReference;
    }): Promise<ManifestPointer>;
    /** A pointer to the first manifest of a shard, for whoever stores it together with something else. */
    first(manifest: ManifestHead, reference: ManifestReference): ManifestPointer;
    /** Pointers that were stored together with something else. */
    adopt(pointers: readonly ManifestPointer[]): void;
    /** Forgets the shards of a dropped collection: their files are unreachable from here on. */
    remove(collectionId: number, shardIds: readonly number[]): Promise<void>;
}
export declare function readManifestReference(fields: RecordFields): ManifestReference;

// meta/meta-store.d.ts
/**
 * MetaStore port: a small transactional map of keys to checked values. It holds the catalog, pointers
 * and leases only; everything large is an immutable object that a value here points to.
 *
 * Promises, kept by every implementation (test/suites/meta-store-suite.ts): a transaction is atomic,
 * durable when it resolves, and its conditions hold at the moment it takes effect; revisions only grow.
 */
export interface MetaEntry {
    readonly key: string;
    readonly value: Uint8Array;
    /** Of the last change to this key; unique in the store and growing. */
    readonly revision: number;
}
/** A key must be absent (`revision: 0`) or unchanged since it was read. */
export interface MetaCondition {
    readonly key: string;
    readonly revision: number;
}
export interface MetaTransaction {
    readonly conditions?: readonly MetaCondition[];
    readonly puts?: ReadonlyArray<{
        readonly key: string;
        readonly value: Uint8Array;
    }>;
    readonly removes?: readonly string[];
}
export interface MetaStore extends AsyncDisposable {
    get(key: string): Promise<MetaEntry | null>;
    /** All entries whose key starts with `prefix`, sorted by key (code units). */
    range(prefix: string): Promise<MetaEntry[]>;
    /**
     * @returns the revision given to the puts, or null when a condition does not hold and nothing was done
     * @throws MilvusError IoFailed, DiskLimitExceeded: the outcome is unknown, re-read to decide
     */
    transact(transaction: MetaTransaction): Promise<number | null>;
}

// meta/record-fields.d.ts
import { type RecordValue } from './record.ts';
export declare class RecordFields {
    #private;
    readonly key: string;
    constructor(key: string, value: RecordValue);
    /** Any member, for whoever knows its form; absent is an error. */
    value(name: string): RecordValue;
    text(name: string): string;
    /** A safe integer from 0 on. */
    integer(name: string): number;
    big(name: string): bigint;
    object(name: string): RecordFields;
    /** A list of objects, each read by `read`. */
    objects<T>(name: string, read: (fields: RecordFields) => T): readonly T[];
    /** As `objects`, some of which may be null. */
    nullableObjects<T>(name: string, read: (fields: RecordFields) => T): ReadonlyArray<T | null>;
    integers(name: string): number[];
    texts(name: string): string[];
    /** An object whose members are all text. */
    textMap(name: string): Readonly<Record<string, string>>;
    /** One of `allowed`. */
    choice<T extends string>(name: string, allowed: readonly T[]): T;
}
/** The members of the record that `bytes` hold. */
export declare function decodeFields(key: string, bytes: Uint8Array): RecordFields;

// meta/record.d.ts
/** Plain data; members that are undefined count as absent. */
export type RecordValue = null | boolean | number | bigint | string | readonly RecordValue[] | {
    readonly [member: string]: RecordValue | undefined;
};
/**
 * @param value plain data of one of our record types
 * @throws MilvusError ParameterTooLarge when it takes more than META_VALUE_BYTES_MAX bytes
 */
export declare function encodeRecord(key: string, value: unknown): Uint8Array;
/**
 * @throws MilvusError DataIntegrity when the checksum does not fit key and bytes, FormatNotSupported
 *         when a newer version wrote it
 */
export declare function decodeRecord(key: string, bytes: Uint8Array): RecordValue;
/** Whether two pieces of plain data are the same; the order of members does not matter. */
export declare function sameRecord(a: unknown, b: unknown): boolean;
/** The error for a value that was read whole and says something impossible. */
export declare function damaged(key: string, message: string, cause?: unknown): Error;

// query/ast.d.ts
/**
 * What the text of a filter says, before any schema is known: frozen plain nodes told apart by `kind`.
 *
 * - `at` is the offset of the token an error should point at; it carries no meaning, and two
 *   expressions are the same when they differ in nothing else.
 * - `and` and `or` hold all operands of a chain, so that a long chain is not a deep tree.
 * - A list holds its plain constants as values: bigint is an integer, number a floating constant.
 * - Parentheses leave no node: the tree has the shape they asked for.
 */
/** A constant as text can write it. */
export type Literal = bigint | number | string | boolean;
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '**';
export type BitOperator = '&' | '|' | '^' | '<<' | '>>';
export type UnaryOperator = '+' | '-' | '~' | 'not';
interface Node {
    readonly at: number;
}
export interface LiteralNode extends Node {
    readonly kind: 'literal';
    readonly value: Literal;
}
/** `[1, 2, 3]`; an item that is not a plain constant stays an expression. */
export interface ListNode extends Node {
    readonly kind: 'list';
    /** Long lists of int64 are typed arrays. */
    readonly items: readonly (Literal | Expression)[] | BigInt64Array;
}
/** `{name}`, filled in when the filter is bound. */
export interface ParameterNode extends Node {
    readonly kind: 'parameter';
    readonly name: string;
}
/**
 * `f`, `f["k"][0]`, `struct[sub]`, `struct[0][sub]`; inside element contexts `$[sub]`, whose name is `$`.
 * A step that is text is a quoted key, one that is a number an index.
 */
export interface FieldNode extends Node {
    readonly kind: 'field';
    readonly name: string;
    readonly path: readonly (string | number)[];
    readonly subField: string | null;
}
export interface UnaryNode extends Node {
    readonly kind: 'unary';
    readonly operator: UnaryOperator;
    readonly operand: Expression;
}
export interface ArithmeticNode extends Node {
    readonly kind: 'arithmetic';
    readonly operator: ArithmeticOperator | BitOperator;
    readonly left: Expression;
    readonly right: Expression;
}
export interface ComparisonNode extends Node {
    readonly kind: 'comparison';
    readonly operator: ComparisonOperator;
    readonly left: Expression;
    readonly right: Expression;
}
/** `1 < f <= 9`; `descending` for `9 >= f > 1`, whose `first` is still what is written first. */
export interface RangeNode extends Node {
    readonly kind: 'range';
    readonly first: Expression;
    readonly firstInclusive: boolean;
    readonly field: FieldNode;
    readonly last: Expression;
    readonly lastInclusive: boolean;
    readonly descending: boolean;
}
export interface MembershipNode extends Node {
    readonly kind: 'in';
    readonly negated: boolean;
    readonly operand: Expression;
    readonly list: Expression;
}
/** `like`, and the regular expressions `=~` and `!~`, whose pattern keeps its backslashes. */
export interface PatternNode extends Node {
    readonly kind: 'pattern';
    readonly operator: 'like' | '=~' | '!~';
    readonly operand: Expression;
    readonly pattern: Expression;
}
export interface NullNode extends Node {
    readonly kind: 'null';
    readonly negated: boolean;
    readonly field: FieldNode;
}
export interface ExistsNode extends Node {
    readonly kind: 'exists';
    readonly operand: Expression;
}
export interface LogicalNode extends Node {
    readonly kind: 'and' | 'or';
    /** Two or more. */
    readonly operands: readonly Expression[];
}
/** `name(a, b, option = 1)`; the name in lower case. */
export interface CallNode extends Node {
    readonly kind: 'call';
    readonly name: string;
    readonly args: readonly Expression[];
    readonly options: readonly {
        readonly name: string;
        readonly value: Literal;
    }[];
}
/** `ISO '2025-01-01T00:00:00Z'` and `INTERVAL 'P1D'`. */
export interface TimeNode extends Node {
    readonly kind: 'iso' | 'interval';
    readonly text: string;
}
export type Expression = LiteralNode | ListNode | ParameterNode | FieldNode | UnaryNode | ArithmeticNode | ComparisonNode | RangeNode | MembershipNode | PatternNode | NullNode | ExistsNode | LogicalNode | CallNode | TimeNode;
export {};

// query/bind.d.ts
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { Expression } from './ast.ts';
import type { MatchPredicate, Predicate } from './predicate.ts';
import type { ParameterValues } from './template.ts';
import type { InPieces } from './value-set.ts';
/** A filter that can be evaluated: plain data, structured-cloneable. */
export interface BoundFilter {
    readonly predicate: Predicate;
    /** `random_sample`: of the rows that the predicate accepts, this share, between 0 and 1. */
    readonly sample?: number;
    /** `element_filter`: which elements are asked for, of the rows that the predicate accepts. */
    readonly elements?: MatchPredicate;
}
/** Reads a filter. An empty one is `true`. @throws MilvusError */
export declare function parseFilter(text: string): Expression;
/**
 * Settles names and types of a tree.
 * @param timeZone IANA zone of times without an offset
 * @throws MilvusError
 */
export declare function bindFilter(expression: Expression, schema: CollectionSchema, parameters?: ParameterValues, timeZone?: string): BoundFilter;
/** parseFilter and bindFilter in one, with the place of an error marked in the text. @throws MilvusError */
export declare function compileFilter(text: string, schema: CollectionSchema, parameters?: ParameterValues, timeZone?: string): BoundFilter;
export interface LongFilterOptions {
    readonly parameters?: ParameterValues | undefined;
    readonly timeZone: string;
    /** Lets others have their turn between two pieces. */
    readonly inPieces: InPieces;
}
/** compileFilter of a text or of parameters with a million values, in pieces. @throws MilvusError */
export declare function compileLongFilter(text: string, schema: CollectionSchema, { parameters, timeZone, inPieces }: LongFilterOptions): Promise<BoundFilter>;

// query/predicate.d.ts
/**
 * A filter with its names and types settled: plain data that crosses ports and worker boundaries.
 *
 * Every node is TRUE, FALSE or UNKNOWN of a row. UNKNOWN is what a value gives that is null, absent
 * or of another class than the node asks for; `not` keeps it, and a row matches only when TRUE.
 * Constants stand in the form their column compares in: bigint against integers, number against
 * floating columns (rounded to float32 against Float, as Milvus does), either against JSON.
 * Operands of `and` and `or` stand cheapest first.
 */
import type { DataType } from '../schema/data-type.ts';
import type { ComparisonOperator } from './ast.ts';
/** A constant: integer, floating, text or boolean. */
export type Scalar = bigint | number | string | boolean;
/** A field's value. `type` is the field's. */
export interface ValueColumn {
    readonly access: 'value';
    readonly fieldId: number;
    readonly type: DataType;
}
/** Element `index` of an array; `type` is the element's. Past the end it is absent. */
export interface ElementColumn {
    readonly access: 'element';
    readonly fieldId: number;
    readonly type: DataType;
    readonly index: number;
}
/** What stands at `path` of a JSON value; each step is a key, or an index when it meets an array. */
export interface JsonColumn {
    readonly access: 'json';
    readonly fieldId: number;
    readonly type: DataType;
    readonly path: readonly string[];
}
/** How many elements an array has: the whole field's, or the one at `path` of a JSON value. */
export interface LengthColumn {
    readonly access: 'length';
    readonly fieldId: number;
    readonly type: typeof DataType.Int64;
    /** Null: the field is an array itself. */
    readonly path: readonly string[] | null;
}
/** A value that is stored. */
export type FieldColumn = ValueColumn | ElementColumn | JsonColumn;
export type ColumnRef = FieldColumn | LengthColumn;
/** The same for every row. */
export interface ConstantPredicate {
    readonly kind: 'constant';
    readonly value: boolean;
}
export interface NotPredicate {
    readonly kind: 'not';
    readonly operand: Predicate;
}
export interface LogicalPredicate {
    readonly kind: 'and' | 'or';
    readonly operands: readonly Predicate[];
}
/** lower <= value <= upper where a bound is inclusive and present; both bounds of one class. */
export interface RangePredicate {
    readonly kind: 'range';
    readonly column: ColumnRef;
    readonly lower: Scalar | null;
    readonly lowerInclusive: boolean;
    readonly upper: Scalar | null;
    readonly upperInclusive: boolean;
}
/** The value is one of these. Of JSON, a class of which the list has no value is UNKNOWN. */
export interface MembershipPredicate {
    readonly kind: 'in';
    readonly column: ColumnRef;
    readonly values: ValueSet;
}
/** Sorted ascending without duplicates, but for texts, which are only without duplicates. */
export interface ValueSet {
    readonly integers: BigInt64Array;
    readonly doubles: Float64Array;
    readonly texts: readonly string[];
    readonly booleans: readonly boolean[];
}
export interface LikePredicate {
    readonly kind: 'like';
    readonly column: ColumnRef;
    readonly pattern: string;
}
/** Somewhere in the text the regular expression matches; see regex.ts. */
export interface RegexPredicate {
    readonly kind: 'regex';
    readonly column: ColumnRef;
    readonly pattern: string;
}
/** The left text begins with the right one. */
export interface PrefixPredicate {
    readonly kind: 'prefix';
    readonly left: ValueColumn | ElementColumn;
    readonly right: ValueColumn | ElementColumn;
}
/** Never UNKNOWN. */
export interface NullPredicate {
    readonly kind: 'null';
    readonly fieldId: number;
}
/** There is something other than null and hollow objects and lists at the path. Never UNKNOWN. */
export interface ExistsPredicate {
    readonly kind: 'exists';
    readonly column: JsonColumn;
}
/**
 * lower <= value ⊕ operand <= upper. Integers divide towards zero; a remainder has the sign of the value;
 * bits are those of int64 in two's complement.
 */
export interface ArithmeticPredicate {
    readonly kind: 'arithmetic';
    readonly operator: '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
    readonly operand: bigint | number;
    readonly range: RangePredicate;
}
export interface ColumnsPredicate {
    readonly kind: 'columns';
    readonly left: ValueColumn | ElementColumn;
    readonly operator: ComparisonOperator;
    readonly right: ValueColumn | ElementColumn;
}
/** A list inside a list, as JSON has them. */
export type ListValue = readonly (Scalar | ListValue)[];
/** A whole array, or a JSON array, equals this list, element by element. */
export interface ListPredicate {
    readonly kind: 'list';
    readonly column: ValueColumn | JsonColumn;
    readonly values: ListValue;
}
/** Of these values and lists any, or all, are among the elements of an array. At least one is asked for. */
export interface ContainsPredicate {
    readonly kind: 'contains';
    readonly mode: 'any' | 'all';
    readonly column: ValueColumn | JsonColumn;
    readonly values: ValueSet;
    /** Of JSON only. */
    readonly lists: readonly ListValue[];
}
/**
 * How many elements of a struct array the operand is TRUE of; its columns are sub-fields, whose values are those
 * of one element. Elements of which it is UNKNOWN do not count. UNKNOWN where the struct is null.
 */
export interface MatchPredicate {
    readonly kind: 'match';
    readonly quantifier: 'any' | 'all' | 'least' | 'most' | 'exact';
    /** Of `least`, `most` and `exact`. */
    readonly threshold: number;
    /** A sub-field, which is as long as the others in every row. */
    readonly fieldId: number;
    readonly operand: Predicate;
}
export type GeometryRelation = 'equals' | 'touches' | 'overlaps' | 'crosses' | 'contains' | 'intersects' | 'within';
/** How a Geometry stands to a constant one, in WKB as storage has it. */
export interface GeometryPredicate {
    readonly kind: 'geometry';
    readonly column: ValueColumn;
    readonly test: {
        readonly kind: GeometryRelation;
        readonly wkb: Uint8Array;
    }
    /** No more than so many meters from a point. */
     | {
        readonly kind: 'dwithin';
        readonly wkb: Uint8Array;
        readonly meters: number;
    } | {
        readonly kind: 'isvalid';
    };
}
/** lower <= value moved by an interval <= upper: by months of the calendar first, then by microseconds. */
export interface ShiftedPredicate {
    readonly kind: 'shifted';
    readonly months: number;
    readonly micros: bigint;
    readonly range: RangePredicate;
}
export type Predicate = ConstantPredicate | NotPredicate | LogicalPredicate | RangePredicate | MembershipPredicate | LikePredicate | RegexPredicate | PrefixPredicate | NullPredicate | ExistsPredicate | ArithmeticPredicate | ColumnsPredicate | ListPredicate | ContainsPredicate | MatchPredicate | GeometryPredicate | ShiftedPredicate;

// query/template.d.ts
import type { ListValue, Scalar } from './predicate.ts';
/** A double that stays one also where it is integral: `{ floating: 2 }` is the `2.0` of a filter's text. */
export interface FloatingValue {
    readonly floating: number;
}
/** Values of a parameter's list; lists inside it are for JSON. */
export type ParameterList = readonly (Scalar | Uint8Array | FloatingValue | ParameterList)[];
/** One value of a parameter; bytes are a text in UTF-8. */
export type ParameterValue = Scalar | Uint8Array | FloatingValue | ParameterList | BigInt64Array | Int32Array | Float64Array | Float32Array;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;
/** A constant of a filter: one value, or the values of a list. Typed arrays are used as they are. */
export type Constant = Scalar | ListConstant;
export type ListConstant = ListValue | BigInt64Array | Float64Array;
/** @throws FilterProblem when there is no such parameter or its value is none that a filter knows */
export declare function parameterValue(values: ParameterValues, name: string, at: number): Constant;
export declare function isFloating(value: unknown): value is FloatingValue;

// query/value-set.d.ts
import type { ListValue, Scalar, ValueSet } from './predicate.ts';
import type { ListConstant } from './template.ts';
/** Calls `work` on consecutive pieces of [0, count). */
export type InPieces = (count: number, work: (start: number, end: number) => void) => Promise<void>;
/** A value of the list as the column compares with it. @throws FilterProblem */
export type ListCast = (value: Scalar | ListValue) => Scalar;
/** Whether the set is to be made yet, so that nobody may look at its values. */
export declare function isUnfinished(set: ValueSet): boolean;
/** The set of a list. An integer outside int64, which moved bounds can be, equals no value and is left out. */
export declare function valueSet(values: ListConstant, cast?: ListCast | null): ValueSet;
export declare class ValueSetMaker {
    readonly set: ValueSet;
    private readonly made;
    private readonly list;
    private readonly cast;
    private integers;
    private integerCount;
    private doubles;
    private doubleCount;
    private readonly texts;
    private readonly booleans;
    /** @param cast  null: the values are those of the list */
    constructor(list: ListConstant, cast: ListCast | null);
    /** @throws what `cast` throws */
    make(): ValueSet;
    /** As make, giving turns. */
    makeInPieces(inPieces: InPieces): Promise<void>;
    private stages;
    private collect;
    private take;
}

// scalar/column-terms.d.ts
import type { Column, Validity } from '../schema/column.ts';
import { type GramLengths } from './grams.ts';
import type { TermKind } from './scalar-image.ts';
import { type TermRows } from './term-rows.ts';
/** How values of JSON are taken. Arrays by their elements, JSON by everything inside. */
export type JsonCast = 'BOOL' | 'DOUBLE' | 'VARCHAR' | 'ARRAY_BOOL' | 'ARRAY_DOUBLE' | 'ARRAY_VARCHAR' | 'JSON';
export interface JsonPlace {
    readonly path: readonly string[];
    readonly cast: JsonCast;
    /** STRING_TO_DOUBLE: texts that are numbers, too. */
    readonly castsTexts: boolean;
}
export interface TermSource {
    readonly column: Column;
    readonly rowCount: number;
    /** Null: not JSON. */
    readonly json: JsonPlace | null;
    /** Texts are looked up by their parts; null: as a whole. */
    readonly grams: GramLengths | null;
    /** Asked now and then with how many rows are done; false gives it up. */
    readonly goesOn: (rowsDone: number) => boolean;
}
export interface ColumnTerms {
    readonly kind: TermKind;
    readonly found: TermRows;
    readonly known: Validity;
    readonly present: Uint32Array | null;
    readonly open: Uint32Array | null;
    readonly cast: Uint32Array | null;
}
/** @returns null when it was given up */
export declare function termsOf(source: TermSource): ColumnTerms | null;
/** The number that a text is cast to; null when it is none. */
export declare function castText(text: string): number | null;

// scalar/grams.d.ts
/**
 * Grams: parts of a text of some characters (code points) each, as UTF-8. A text that has a part of `min`
 * characters or more has all grams of that part.
 */
import type { TextVisitor } from './term-rows.ts';
export interface GramLengths {
    readonly min: number;
    readonly max: number;
}
/** Shows the grams of every length in the place of each text. */
export declare function gramVisitor({ min, max }: GramLengths, visit: TextVisitor): TextVisitor;
/**
 * The longest grams that cover a text: it is in another only if all of these are.
 * @returns none when the text is shorter than any gram
 */
export declare function coveringGrams(text: Uint8Array, { min, max }: GramLengths): Uint8Array[];

// scalar/number-order.d.ts
/** Numbers with their rows in ascending order: a radix sort, stable, so that equal numbers keep the order of rows. */
/** Numbers and the row of each. */
export interface NumberRows {
    readonly values: BigInt64Array | Float64Array;
    readonly rows: Uint32Array;
}
/** Sorted by value; of one value, rows as they were. There is no NaN, and -0 is 0. */
export declare function sortNumbers({ values, rows }: NumberRows): NumberRows;

// scalar/scalar-build.d.ts
import { type Parameters } from '../index/parameters.ts';
import type { ScalarStructure } from '../index/registry.ts';
import { type BuildControl } from '../index/vector-index.ts';
import type { Column } from '../schema/column.ts';
import { type JsonPlace } from './column-terms.ts';
/** What is built of which column. */
export interface ScalarTask {
    readonly kind: 'build-scalar-index';
    readonly structure: ScalarStructure;
    readonly parameters: Parameters;
    /** Null: not JSON. */
    readonly json: JsonPlace | null;
    readonly column: Column;
    /** At least 1. */
    readonly rowCount: number;
    readonly control: BuildControl;
}
/** @returns the file, in shared memory; null when it was cancelled */
export declare function buildScalarIndex(task: ScalarTask): Uint8Array | null;

// scalar/scalar-definition.d.ts
import { type ScalarStructure } from '../index/registry.ts';
import { type CheckedIndex } from '../index/index-definition.ts';
import type { Parameters } from '../index/parameters.ts';
import type { CollectionSchema, FieldSchema, Properties } from '../schema/collection-schema.ts';
import type { JsonPlace } from './column-terms.ts';
export declare const JSON_PATH = "json_path";
/** What is built of a field's values, and how. */
export interface ScalarBuild {
    readonly kind: 'scalar';
    /** The name by which it was asked for, AUTOINDEX resolved. */
    readonly name: string;
    readonly structure: ScalarStructure;
    readonly parameters: Parameters;
    readonly json: JsonPlace | null;
    readonly isMapped: boolean;
}
/**
 * Checks a user's parameters for an index of a scalar field.
 * @param fieldName as it was given: a key of `$meta` may stand for it
 * @throws MilvusError ParameterInvalid, ParameterMissing
 */
export declare function checkScalarIndex({ field, fieldName }: {
    readonly field: FieldSchema;
    readonly fieldName: string;
}, given: Properties, schema: CollectionSchema): CheckedIndex;
/**
 * What is to be built by parameters that `checkScalarIndex` has checked.
 * @throws MilvusError ParameterInvalid, ParameterMissing
 */
export declare function scalarBuild(field: FieldSchema, params: Properties): ScalarBuild;
/**
 * The keys of a path as filters write it: of `json["a"][0]` they are `a` and `0`. It stays what it is when a field
 * is added later whose name is a key of the dynamic field.
 * @throws MilvusError ParameterInvalid when it is no path, or one into another field
 */
export declare function jsonPathOf(text: string, field: FieldSchema): readonly string[];
/** A path as one text, in which no two paths are the same. */
export declare function jsonPointer(path: readonly string[]): string;

// scalar/scalar-image.d.ts
export declare const Section: {
    readonly known: 0;
    readonly present: 1;
    readonly open: 2;
    readonly numbers: 3;
    readonly places: 4;
    readonly texts: 5;
    readonly starts: 6;
    readonly rows: 7;
    readonly nodes: 8;
    readonly boxes: 9;
    readonly cast: 10;
};
export type SectionName = keyof typeof Section;
/** What is built for one segment. HYBRID is one of these, chosen by the values. */
export declare const IMAGE_STRUCTURES: readonly ['STL_SORT', 'INVERTED', 'BITMAP', 'TRIE', 'NGRAM', 'RTREE'];
export type ImageStructure = (typeof IMAGE_STRUCTURES)[number];
export declare const TERM_KINDS: readonly ['int64', 'float64', 'texts', 'members', 'boxes'];
export type TermKind = (typeof TERM_KINDS)[number];
export interface ImageShape {
    readonly structure: ImageStructure;
    readonly terms: TermKind;
    readonly rowCount: number;
    readonly termCount: number;
    readonly minGram: number;
    readonly maxGram: number;
}
export type Sections = Partial<Record<SectionName, ArrayBufferView | null>>;
/** The file of these sections, in shared memory. */
export declare function writeImage(shape: ImageShape, sections: Sections): Uint8Array;
/** A file whose header holds; sections are looked at when they are asked for. */
export declare class ScalarImage {
    #private;
    readonly shape: ImageShape;
    readonly bytes: Uint8Array;
    /** @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it */
    constructor(bytes: Uint8Array);
    /** @throws MilvusError DataIntegrity */
    section(name: SectionName): Uint8Array | null;
    /** As 32-bit words. @throws MilvusError DataIntegrity */
    words(name: SectionName, length?: number | null): Uint32Array | null;
    /** A bitmap of the segment's rows. @throws MilvusError DataIntegrity */
    bitmap(name: SectionName): Uint32Array | null;
    /** As `words`, of a section that has to be there. @throws MilvusError DataIntegrity */
    mustWords(name: SectionName, length?: number | null): Uint32Array;
    /** As `section`, of one that has to be there. @throws MilvusError DataIntegrity */
    mustSection(name: SectionName): Uint8Array;
}
export declare function damagedImage(reason: string): Error;

// scalar/term-rows.d.ts
import { type NumberRows } from './number-order.ts';
export interface NumberTerms {
    readonly kind: 'numbers';
    readonly values: BigInt64Array | Float64Array;
}
/** Text i is bytes[offsets[i], offsets[i + 1]). */
export interface TextTerms {
    readonly kind: 'texts';
    readonly offsets: Uint32Array;
    readonly bytes: Uint8Array;
}
export interface TermRows<Terms extends NumberTerms | TextTerms = NumberTerms | TextTerms> {
    readonly terms: Terms;
    /** Rows of term i are rows[starts[i], starts[i + 1]). */
    readonly starts: Uint32Array;
    readonly rows: Uint32Array;
}
export declare function termCount({ starts }: TermRows): number;
/** @param found rows ascend */
export declare function rowsOfNumbers(found: NumberRows): TermRows<NumberTerms>;
/** Takes the text bytes[start, end) of a row. */
export type TextVisitor = (bytes: Uint8Array, start: number, end: number, row: number) => void;
/** How much of a column goes into one index. */
export interface TermLimits {
    readonly entriesMax: number;
    readonly bytesMax: number;
}
export declare const TERM_LIMITS: TermLimits;
export interface TextRows extends TermRows<TextTerms> {
    /** From this row on, not all texts are there; null: they all are. */
    readonly cutRow: number | null;
}
/**
 * @param walk shows every text, rows ascending; called twice, and shows the same both times. False: it was given up
 * @returns null when it was given up
 */
export declare function rowsOfTexts(walk: (visit: TextVisitor) => boolean, { entriesMax, bytesMax }?: TermLimits): TextRows | null;

// schema/array-operations.d.ts
import type { CollectionSchema, FieldSchema } from './collection-schema.ts';
import type { Column, ColumnBatch, ListColumn } from './column.ts';
/** By Milvus's names. REPLACE is what happens to a field without an operation. */
export type FieldOperation = 'REPLACE' | 'ARRAY_APPEND' | 'ARRAY_REMOVE';
/** As a request names it. */
export interface GivenFieldOperation {
    readonly fieldName: string;
    readonly op: FieldOperation;
}
/** Operations on arrays by field id. */
export type ArrayOperations = ReadonlyMap<number, 'ARRAY_APPEND' | 'ARRAY_REMOVE'>;
export declare const NO_ARRAY_OPERATIONS: ArrayOperations;
/** @throws MilvusError ParameterInvalid for an operation that its field cannot carry */
export declare function arrayOperations(schema: CollectionSchema, given: readonly GivenFieldOperation[]): ArrayOperations;
/** The schema that operands are checked by: more elements may be removed than an array can hold. */
export declare function operandSchema(schema: CollectionSchema, operations: ArrayOperations): CollectionSchema;
/** @throws MilvusError ParameterInvalid when rows lack an operand */
export declare function requireOperands(schema: CollectionSchema, operations: ArrayOperations, { columns }: ColumnBatch): void;
export interface ArrayChange {
    readonly op: 'ARRAY_APPEND' | 'ARRAY_REMOVE';
    /** One a row. */
    readonly operands: Column;
    readonly stored: Column;
    /** Row of `stored` that each row changes; `storedCount`: it is new. */
    readonly sources: Uint32Array;
    readonly storedCount: number;
}
/**
 * The arrays after the operation.
 * @throws MilvusError ParameterInvalid when one gets longer than the field's `max_capacity`, or all too much
 */
export declare function changedArrays(field: FieldSchema, change: ArrayChange): ListColumn;

// schema/collection-schema.d.ts
/**
 * Immutable descriptions of a collection and its fields, as the catalog keeps them: plain JSON but for
 * int64 ids and defaults, which are bigint in memory and decimal text at rest.
 */
import type { DataType } from './data-type.ts';
/** Field ids: RowID 0, Timestamp 1, the user's from 100 on; never given twice in a collection. */
export declare const TIMESTAMP_FIELD = 1;
export declare const FIRST_USER_FIELD = 100;
/** Name of the hidden JSON field that holds what is not in the schema. */
export declare const DYNAMIC_FIELD_NAME = "$meta";
export declare const DEFAULT_PARTITION_NAME = "_default";
export type DefaultValue = boolean | number | bigint | string;
export interface FieldSchema {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly type: DataType;
    /** Array: type of its elements. ArrayOfVector: type of its vectors. */
    readonly elementType?: DataType;
    readonly isPrimaryKey: boolean;
    readonly autoId: boolean;
    readonly isPartitionKey: boolean;
    readonly isClusteringKey: boolean;
    /** The `$meta` field. */
    readonly isDynamic: boolean;
    readonly nullable: boolean;
    /** In the form its column holds: Timestamptz as bigint microseconds, Geometry as WKT text. */
    readonly defaultValue?: DefaultValue;
    /** Dimensions of a vector. */
    readonly dim?: number;
    /** Bytes of a VarChar (or of each VarChar of an Array). */
    readonly maxLength?: number;
    /** Elements of an Array or of a struct's sub-field. */
    readonly maxCapacity?: number;
    /** Further type parameters, as given (`enable_analyzer`, `mmap.enabled`, `warmup` …). */
    readonly params: Readonly<Record<string, string>>;
    /** Name of the struct this is a sub-field of; its own name is then `struct[sub]`. */
    readonly structName?: string;
}
/** A struct array: its sub-fields stand in `CollectionSchema.fields` under `struct[sub]`. */
export interface StructFieldSchema {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly nullable: boolean;
    readonly maxCapacity: number;
    /** Ids of its sub-fields, in order. */
    readonly fieldIds: readonly number[];
}
export interface CollectionSchema {
    readonly name: string;
    readonly description: string;
    /** In the user's order; `$meta` last; sub-fields of structs included. */
    readonly fields: readonly FieldSchema[];
    readonly structs: readonly StructFieldSchema[];
    readonly enableDynamicField: boolean;
    /** The highest id that a field or a struct ever had, whether or not it is still there. */
    readonly lastFieldId: number;
    /** Grows by one with each change of the fields; a write made for another version is refused (109). */
    readonly version: number;
    /**
     * The version in which a field was last dropped: segments of earlier ones may hold its values. Absent when
     * none ever was.
     */
    readonly fieldsDroppedVersion?: number;
}
export type Properties = Readonly<Record<string, string>>;

// schema/column.d.ts
/**
 * The one in-memory form of rows, from the log to the answer: one column a field, typed arrays inside.
 * Everything here is plain data: it crosses a port or a worker boundary as it is.
 *
 * A row that is null has its validity bit clear and a zero (an empty range) in its place.
 */
import type { DataType } from './data-type.ts';
/** Bit i says that row i is not null; absent when no row is. Words as in base/bitmap.ts. */
export type Validity = Uint32Array | null;
/** Bool (0 or 1), Int8, Int16, Int32, Int64, Float, Double, Timestamptz (microseconds since 1970, UTC). */
export interface FixedColumn {
    readonly kind: 'fixed';
    readonly type: DataType;
    readonly values: Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
    readonly validity: Validity;
}
/** VarChar, Text, JSON (UTF-8) and Geometry (WKB). Row i is bytes[offsets[i], offsets[i + 1]). */
export interface BytesColumn {
    readonly kind: 'bytes';
    readonly type: DataType;
    /** rowCount + 1 ascending offsets; the first need not be 0. */
    readonly offsets: Uint32Array;
    readonly bytes: Uint8Array;
    readonly validity: Validity;
}
/** Array and ArrayOfVector. Row i is the elements [offsets[i], offsets[i + 1]) of `elements`. */
export interface ListColumn {
    readonly kind: 'list';
    readonly type: DataType;
    readonly offsets: Uint32Array;
    readonly elements: FixedColumn | BytesColumn | VectorColumn;
    readonly validity: Validity;
}
/**
 * Dense vectors, row-major. Elements a row: dim, but dim / 8 bytes for binary.
 * Float16 and BFloat16 hold their bits in a Uint16Array.
 */
export interface VectorColumn {
    readonly kind: 'vector';
    readonly type: DataType;
    readonly dim: number;
    readonly values: Float32Array | Uint16Array | Int8Array | Uint8Array;
    readonly validity: Validity;
}
/** Sparse vectors. Row i is the pairs [offsets[i], offsets[i + 1]), indices ascending. */
export interface SparseColumn {
    readonly kind: 'sparse';
    readonly type: DataType;
    readonly offsets: Uint32Array;
    readonly indices: Uint32Array;
    readonly values: Float32Array;
    readonly validity: Validity;
}
export type Column = FixedColumn | BytesColumn | ListColumn | VectorColumn | SparseColumn;
/** Rows of one collection: equally long columns by field id. */
export interface ColumnBatch {
    readonly rowCount: number;
    readonly columns: ReadonlyMap<number, Column>;
}

// schema/data-type.d.ts
/** DataType codes as on Milvus's wire (`schema.proto`), and what each type is. */
export declare const DataType: {
    readonly Bool: 1;
    readonly Int8: 2;
    readonly Int16: 3;
    readonly Int32: 4;
    readonly Int64: 5;
    readonly Float: 10;
    readonly Double: 11;
    /** Named by Milvus and refused by it; VarChar is the text type. */
    readonly String: 20;
    readonly VarChar: 21;
    readonly Array: 22;
    readonly JSON: 23;
    readonly Geometry: 24;
    readonly Text: 25;
    readonly Timestamptz: 26;
    readonly BinaryVector: 100;
    readonly FloatVector: 101;
    readonly Float16Vector: 102;
    readonly BFloat16Vector: 103;
    readonly SparseFloatVector: 104;
    readonly Int8Vector: 105;
    /** Vectors of the elements of a struct array; only inside a struct. */
    readonly ArrayOfVector: 106;
    readonly ArrayOfStruct: 200;
};
export type DataTypeName = keyof typeof DataType;
export type DataType = (typeof DataType)[DataTypeName];
/** The name Milvus prints for a type, `DataType(n)` for a code it does not know. */
export declare function dataTypeName(type: number): string;
export type DenseVectorType = typeof DataType.BinaryVector | typeof DataType.FloatVector | typeof DataType.Float16Vector | typeof DataType.BFloat16Vector | typeof DataType.Int8Vector;
export declare function isDenseVector(type: DataType): type is DenseVectorType;
export declare function isVector(type: DataType): boolean;
/** Bytes of one dense vector of `dim` dimensions. */
export declare function vectorByteLength(type: DenseVectorType, dim: number): number;

// schema/default-value.d.ts
import type { DefaultValue, FieldSchema } from './collection-schema.ts';
export type GivenDefault = boolean | number | bigint | string;
/**
 * @param timeZone IANA zone of a Timestamptz default without an offset
 * @throws MilvusError ParameterInvalid
 */
export declare function normalizeDefault(field: FieldSchema, value: GivenDefault, timeZone: string): DefaultValue;

// schema/definition.d.ts
import { type CollectionSchema, type FieldSchema, type StructFieldSchema } from './collection-schema.ts';
import { DataType, type DataTypeName } from './data-type.ts';
import { type GivenDefault } from './default-value.ts';
import { type GivenProperties } from './properties.ts';
export interface FieldDefinition {
    readonly name: string;
    readonly type: DataType | DataTypeName;
    readonly description?: string;
    /** Array: type of its elements. ArrayOfVector: type of its vectors. */
    readonly elementType?: DataType | DataTypeName;
    readonly isPrimaryKey?: boolean;
    readonly autoId?: boolean;
    readonly isPartitionKey?: boolean;
    readonly isClusteringKey?: boolean;
    readonly nullable?: boolean;
    /** Timestamptz as ISO text, Geometry as WKT. */
    readonly defaultValue?: GivenDefault;
    readonly dim?: number;
    readonly maxLength?: number;
    readonly maxCapacity?: number;
    /** Further parameters; `dim`, `max_length` and `max_capacity` are also taken from here. */
    readonly params?: GivenProperties;
}
/** A struct array. A sub-field has the type of one element: `Int64`, or `Array` of Int64, mean the same. */
export interface StructDefinition {
    readonly name: string;
    readonly description?: string;
    readonly nullable?: boolean;
    /** Elements of a row; may be left out when the sub-fields say it. */
    readonly maxCapacity?: number;
    readonly fields: readonly FieldDefinition[];
}
export interface CollectionDefinition {
    readonly name: string;
    readonly description?: string;
    readonly fields: readonly FieldDefinition[];
    readonly structs?: readonly StructDefinition[];
    readonly enableDynamicField?: boolean;
    readonly properties?: GivenProperties;
    /** 1 when left out. */
    readonly shardCount?: number;
    /** Of a collection with a partition key. */
    readonly partitionCount?: number;
    readonly consistencyLevel?: 'Strong' | 'Session' | 'Bounded' | 'Eventually';
    /** Every request names its namespace then: a value of the hidden `$namespace_id`, or a partition. */
    readonly enableNamespace?: boolean;
}
/**
 * @param timeZone IANA zone of Timestamptz defaults without an offset, unless the definition's properties say
 * @throws MilvusError ParameterInvalid, ParameterMissing, FieldNameInvalid, IllegalCollectionSchema
 */
export declare function buildSchema(definition: CollectionDefinition, timeZone?: string): CollectionSchema;
/** Names of the partitions that a new collection begins with. */
export declare function firstPartitionNames(schema: CollectionSchema, definition: Pick<CollectionDefinition, 'partitionCount'>): string[];
export interface FieldContext {
    readonly collectionName: string;
    readonly timeZone: string;
}
/** One field as described; its rules are checked by validate-schema. */
export declare function buildField(definition: FieldDefinition, id: number, context: FieldContext): FieldSchema;
export interface BuiltStruct {
    readonly struct: StructFieldSchema;
    readonly subFields: readonly FieldSchema[];
}
/** A struct with id `id` and its sub-fields with the ids behind it. */
export declare function buildStruct(definition: StructDefinition, id: number, context: FieldContext): BuiltStruct;
export declare function dynamicFieldSchema(id: number): FieldSchema;
/** `max_length` of a field. @throws MilvusError ParameterInvalid when it is out of range */
export declare function parseMaxLength(name: string, type: DataType, value: unknown): number;
/** `max_capacity` of a list. @throws MilvusError ParameterInvalid when it is out of range */
export declare function parseMaxCapacity(name: string, value: unknown): number;

// schema/drop-field.d.ts
import { type CollectionSchema, type Properties } from './collection-schema.ts';
/** A field, or a whole struct array, by one of the two. */
export type DroppedField = {
    readonly fieldName: string;
    readonly fieldId?: never;
} | {
    readonly fieldId: number;
    readonly fieldName?: never;
};
/**
 * @param properties of the collection, which may name the field
 * @throws MilvusError ParameterInvalid when it is not there, or the collection cannot be without it
 */
export declare function dropField(schema: CollectionSchema, dropped: DroppedField, properties: Properties): CollectionSchema;
/** The schema without `$meta`; itself when it has none. */
export declare function disableDynamicField(schema: CollectionSchema): CollectionSchema;

// schema/given-columns.d.ts
import type { CollectionSchema } from './collection-schema.ts';
import type { ColumnBatch } from './column.ts';
import { DataType } from './data-type.ts';
import type { RowsOptions } from './rows.ts';
/** Numbers side by side; bool as 0 and 1. */
export interface GivenNumbers {
    readonly kind: 'numbers';
    readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;
}
/** UTF-8 texts side by side: value i is bytes[offsets[i], offsets[i + 1]). */
export interface GivenTexts {
    readonly kind: 'texts';
    readonly offsets: Uint32Array;
    readonly bytes: Uint8Array;
}
/** Anything that a row object may have as the value of the field. */
export interface GivenValues {
    readonly kind: 'values';
    readonly values: readonly unknown[];
}
export interface GivenColumn {
    /** `struct[sub]` for a sub-field; `$meta` for the dynamic field. */
    readonly name: string;
    readonly type: DataType;
    /** Of vectors; null where the values say it. */
    readonly dim: number | null;
    readonly data: GivenNumbers | GivenTexts | GivenValues;
    /** Row i is not null; null: none is. Values stand for all rows, or only for those. */
    readonly isValid: Uint8Array | null;
}
export interface GivenColumns {
    readonly rowCount: number;
    readonly columns: readonly GivenColumn[];
}
export interface GivenOptions extends RowsOptions {
    /** Fields without a column keep their values; the primary key must be there. */
    readonly partial?: boolean;
}
/** @throws MilvusError ParameterInvalid, ParameterTooLarge */
export declare function columnsToBatch(schema: CollectionSchema, given: GivenColumns, options?: GivenOptions): ColumnBatch;
/** @throws MilvusError ParameterTooLarge */
export declare function checkRowCount(rowCount: number): void;

// schema/primary-key.d.ts
import type { FieldSchema } from './collection-schema.ts';
import type { BytesColumn, Column, FixedColumn } from './column.ts';
export type PrimaryKey = bigint | string;
/**
 * Keys as users give them, as a column. Int64 keys are bigints or safe integers, VarChar keys are strings.
 * @throws MilvusError ParameterInvalid with the place of the wrong one
 */
export declare function keyColumn(field: FieldSchema, keys: readonly unknown[]): FixedColumn | BytesColumn;
/** One key in its own type. @throws MilvusError ParameterInvalid */
export declare function normalizePrimaryKey(field: FieldSchema, key: unknown): PrimaryKey;
/** @throws MilvusError ParameterInvalid with the place of the wrong one */
export declare function normalizePrimaryKeys(field: FieldSchema, keys: readonly unknown[]): PrimaryKey[];
/** The key of row `row` of a key column. */
export declare function keyAt(column: Column, row: number): PrimaryKey;
/** All keys of a key column. */
export declare function keysOf(column: Column): PrimaryKey[];
/** @throws MilvusError ParameterInvalid when two rows have the same key */
export declare function refuseDuplicateKeys(column: Column, fieldName: string): void;
/** Finds two rows with the same key; the rows may be looked at in pieces. */
export declare class DistinctKeys {
    #private;
    constructor(column: Column, fieldName: string);
    /** Looks at rows [start, end). @throws MilvusError ParameterInvalid when one has the key of an earlier one */
    add(start: number, end: number): void;
}

// schema/properties.d.ts
import type { CollectionSchema, FieldSchema, Properties } from './collection-schema.ts';
/** As users give it; kept as text. */
export type PropertyValue = string | number | boolean | bigint;
export type GivenProperties = Readonly<Record<string, PropertyValue>>;
export interface PropertyChanges {
    readonly set?: GivenProperties;
    readonly remove?: readonly string[];
}
export interface CollectionPropertyChange {
    readonly properties: Properties;
    /** What `dynamicfield.enabled` was set to: it becomes a field or takes it away. Null: it was not set. */
    readonly dynamicField: boolean | null;
}
declare const TIME_ZONE = "timezone";
/**
 * Properties of a new collection.
 * @throws MilvusError ParameterInvalid, IllegalCollectionSchema
 */
export declare function collectionProperties(schema: CollectionSchema, given?: GivenProperties): Properties;
/**
 * Properties of a collection after a change, which either sets or removes.
 * @throws MilvusError ParameterInvalid, IllegalCollectionSchema
 */
export declare function alterCollectionProperties(schema: CollectionSchema, current: Properties, changes: PropertyChanges): CollectionPropertyChange;
/** Properties of a new database. @throws MilvusError ParameterInvalid */
export declare function databaseProperties(given?: GivenProperties): Properties;
/** Properties of a database after a change, which either sets or removes. @throws MilvusError ParameterInvalid */
export declare function alterDatabaseProperties(current: Properties, changes: PropertyChanges): Properties;
/** @throws MilvusError ParameterInvalid */
export declare function partitionProperties(given?: GivenProperties): Properties;
/** Parameters of a field but for its dimensions, length and capacity. @throws MilvusError ParameterInvalid */
export declare function fieldParams(fieldName: string, given: GivenProperties): Properties;
/** Vectors of the field stay in their files, which are mapped instead of read. */
export declare function isKeptMapped({ params }: FieldSchema): boolean;
/** As `isKeptMapped`, of an index. @param properties of its collection, which hold where it says nothing */
export declare function isIndexKeptMapped(params: Properties, properties: Properties): boolean;
/**
 * The schema with what the collection says of mapping said of each field that says nothing itself.
 * @param inFiles ids of fields that are mapped whatever is said
 */
export declare function schemaAsKept(schema: CollectionSchema, properties: Properties, inFiles?: readonly number[]): CollectionSchema;
/** Seconds after which rows expire; null when they never do. */
export declare function ttlSeconds(properties: Properties): number | null;
/** Seconds for which rows that are deleted stay readable at moments when they were there. */
export declare function retentionSeconds(properties: Properties): number;
/** Name of the Timestamptz field that says when a row expires. */
export declare function ttlFieldName(properties: Properties): string | null;
/** The first zone that is set: the request's, the collection's, the database's; else UTC. */
export declare function effectiveTimeZone(requested: string | undefined, ...levels: readonly Properties[]): string;
/** A collection begins with the zone of its database unless it says one, and keeps it whatever becomes of that. */
export declare function inTimeZone<Definition extends {
    readonly properties?: GivenProperties;
}>({ [TIME_ZONE]: timeZone }: Properties, definition: Definition): Definition;
/** Whether rows may bring their own values for a generated key. */
export declare function allowsInsertAutoId(properties: Properties): boolean;
/** Whether the collection is compacted in the background; it is unless said otherwise. */
export declare function isAutoCompacted(properties: Properties): boolean;
/** Whether every search names one partition key. */
export declare function isPartitionKeyIsolated(properties: Properties): boolean;
/** Whether a search may ask for up to a million hits. */
export declare function hasLargeTopK(properties: Properties): boolean;
/** Replicas that loading makes, when the request does not say. */
export declare function replicaNumber(properties: Properties): number;
/** Collections that a database may hold; null when only the system's limit counts. */
export declare function maxCollections(properties: Properties): number | null;
export {};

// schema/rows.d.ts
import type { CollectionSchema } from './collection-schema.ts';
import type { ColumnBatch } from './column.ts';
/** A row as users write it: values by field name. */
export type RowObject = Readonly<Record<string, unknown>>;
export interface RowsOptions {
    /** IANA zone of Timestamptz text without an offset; UTC when left out. */
    readonly timeZone?: string;
    /** An upsert needs the key, generated or not, and refuses two rows with the same. Default: insert. */
    readonly operation?: 'insert' | 'upsert';
    /** The collection's property `allow_insert_auto_id`. */
    readonly allowInsertAutoId?: boolean;
    /** Where the rows belong, in a collection with namespaces. */
    readonly namespace?: string;
}
/** @throws MilvusError ParameterInvalid */
export declare function rowsToBatch(schema: CollectionSchema, rows: readonly RowObject[], options?: RowsOptions): ColumnBatch;
/**
 * The columns that the rows carry, for an upsert that keeps the values of all others. Every row has the same
 * fields, the key among them; an explicit null sets null. `$meta` is there when a row has dynamic keys.
 * @throws MilvusError ParameterInvalid
 */
export declare function partialRowsToBatch(schema: CollectionSchema, rows: readonly RowObject[], options?: RowsOptions): ColumnBatch;

// search/aggregate-names.d.ts
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import type { AggregatePlan } from './plan.ts';
export type AggregateOperator = 'count' | 'sum' | 'avg' | 'min' | 'max';
/** An aggregate as it is written. */
export interface AggregateName {
    readonly operator: AggregateOperator;
    /** `*` for rows as such. */
    readonly fieldName: string;
}
/** Null when the name is none of an aggregate. */
export declare function aggregateName(name: string): AggregateName | null;
/** A column of the answer. */
export interface AggregateOutput {
    /** As the user wrote it. */
    readonly name: string;
    readonly type: DataType;
    /** Position among the groups' values; or of one measure; or of the sums and the count of an average. */
    readonly from: {
        readonly by: number;
    } | {
        readonly measure: number;
    } | AveragePlace;
}
interface AveragePlace {
    readonly sum: number;
    readonly count: number;
    /** Null: no sum is beyond a double. */
    readonly scaled: number | null;
}
export interface AggregateRequest {
    readonly plan: AggregatePlan;
    readonly outputs: readonly AggregateOutput[];
    /** Names of the fields of `plan.by`. */
    readonly groupNames: readonly string[];
}
/**
 * @param names what the answer shows
 * @throws MilvusError ParameterInvalid
 */
export declare function resolveAggregates(names: readonly string[], groupNames: readonly string[], schema: CollectionSchema): AggregateRequest;
/** @throws MilvusError ParameterInvalid when values of the type have no such aggregate */
export declare function checkAggregateType(operator: AggregateOperator, type: DataType): void;
/** What a sum, an average, a count or an extreme of values of a type is. */
export declare function resultType(operator: AggregateOperator, type: DataType): DataType;
export {};

// search/bucket-names.d.ts
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { type AggregateOperator } from './aggregate-names.ts';
import { type ValueReference } from './row-values.ts';
/** Hits by the values of some fields: a bucket for each, as many as `size` says, and buckets inside of each. */
export interface BucketRequest {
    readonly fields: readonly string[];
    /** Buckets wanted inside each one above. Default: 1. */
    readonly size?: number;
    /** Buckets that are looked at, of which `size` stay by `order`. Default: `size`. */
    readonly searchSize?: number;
    /** By name: what is told of the hits of a bucket. `_score` and, to count, `*` stand for fields. */
    readonly metrics?: Readonly<Record<string, MetricRequest>>;
    /** Default: by the best hit. */
    readonly order?: readonly BucketOrderRequest[];
    /** Hits told of each bucket. Default: none. */
    readonly topHits?: TopHitsRequest;
    readonly sub?: BucketRequest;
}
export interface MetricRequest {
    readonly operator: string;
    readonly field: string;
}
export interface BucketOrderRequest {
    /** `_count`, `_key` or the name of a metric. */
    readonly key: string;
    /** Default: `desc`. */
    readonly order?: string;
}
export interface TopHitsRequest {
    /** Default: 1. */
    readonly size?: number;
    /** Default: by score. */
    readonly sort?: readonly HitOrderRequest[];
}
export interface HitOrderRequest {
    /** `_score` or a field. */
    readonly field: string;
    /** Default: `desc`. */
    readonly order?: string;
    readonly nullFirst?: boolean;
}
/** Null: the score. */
export type BucketValue = ValueReference | null;
export interface BucketMetric {
    readonly name: string;
    readonly operator: AggregateOperator;
    /** `rows`: hits as such. */
    readonly of: BucketValue | 'rows';
}
export interface BucketOrder {
    readonly key: string;
    readonly isDescending: boolean;
}
export interface HitOrder {
    readonly of: BucketValue;
    readonly isDescending: boolean;
    readonly isNullsFirst: boolean;
}
export interface BucketLevel {
    readonly fields: readonly FieldSchema[];
    readonly size: number;
    readonly metrics: readonly BucketMetric[];
    readonly order: readonly BucketOrder[];
    /** Null: none are told. */
    readonly topHits: {
        readonly size: number;
        readonly sort: readonly HitOrder[];
    } | null;
}
export interface BucketPlan {
    readonly levels: readonly BucketLevel[];
    /** Groups of hits, by the fields of all levels, that the buckets are made of. */
    readonly groupCount: number;
    /** Hits of each such group. */
    readonly groupSize: number;
    /** Fields that are read besides those of the levels. */
    readonly fieldIds: readonly number[];
}
/** @throws MilvusError ParameterInvalid */
export declare function resolveBuckets(request: BucketRequest, schema: CollectionSchema, queryCount: number): BucketPlan;

// search/group-numbers.d.ts
/**
 * Numbers for groups of rows, in the order in which they are met. Rows are of one group when all their values
 * are the same; null is a value like another.
 */
import type { Column } from '../schema/column.ts';
import { type RowValue, type ValueReference } from './row-values.ts';
/** The values that the rows of a group have in common, one a reference. */
export type GroupValues = readonly RowValue[];
export declare class GroupNumbers {
    #private;
    constructor(countMax?: number);
    get count(): number;
    /**
     * The number of a group; a new one when it was not met.
     * @throws MilvusError ParameterInvalid when there are too many
     */
    numberOf(values: GroupValues): number;
    /** -1 when it was not met. */
    find(values: GroupValues): number;
}
/** Reads the values of the rows of some columns. The list that it returns is filled again by the next call. */
export declare function groupReader(references: readonly ValueReference[], columns: ReadonlyMap<number, Column>): (row: number) => GroupValues;

// search/plan.d.ts
/**
 * A read as immutable plain data: names are resolved, the filter is bound, the timestamp is chosen.
 * It crosses ports and worker boundaries as it is; vectors of the collection never do.
 */
import type { MetricType } from '../index/metric-type.ts';
import type { MinhashMeasure } from '../index/minhash-signature.ts';
import type { Parameters } from '../index/parameters.ts';
import type { IndexStructure } from '../index/registry.ts';
import type { ScoreRange } from '../index/score-range.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { MatchPredicate } from '../query/predicate.ts';
import type { JsonPlace } from '../scalar/column-terms.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ColumnBatch, VectorColumn } from '../schema/column.ts';
import type { IndexName, KeyList } from '../segments/segment.ts';
import type { GroupValues } from './group-numbers.ts';
import type { OrderTerm } from './row-order.ts';
import type { RowValue, ValueReference } from './row-values.ts';
interface ReadPlan {
    readonly schema: CollectionSchema;
    /** Null: all partitions. */
    readonly partitionIds: readonly number[] | null;
    readonly filter: BoundFilter | null;
    /**
     * Filters of one collection that have the same name accept the same rows; null, and left out: it has none, and
     * nobody remembers which rows it accepted.
     */
    readonly filterName?: string | null;
    /** Indexes that may answer conditions of the filter. Left out: there are none. */
    readonly scalarIndexes?: readonly ScalarIndexPlan[];
    /** Of a filter with `random_sample`: 32 bits that decide which rows are taken. */
    readonly sampleSeed?: number;
    /** Fields that the answer carries, primary key included. */
    readonly outputFieldIds: readonly number[];
    /** The read sees exactly the rows of this hybrid timestamp. */
    readonly timestamp: bigint;
    /** Rows written before this hybrid timestamp have outlived the collection's TTL; 0 when it has none. */
    readonly expiredBefore: bigint;
    /** Rows that are not sealed are left out. */
    readonly ignoreGrowing: boolean;
}
/** An index of scalars that the filter names, where segments are built one. */
export interface ScalarIndexPlan extends IndexName {
    readonly fieldId: number;
    /** Null: not JSON. */
    readonly json: JsonPlace | null;
}
/** The index of the field, where segments are built one: those that have it answer by it. */
export interface IndexPlan extends IndexName {
    readonly structure: IndexStructure;
    /** Of the definition: `nlist`. */
    readonly build: Parameters;
    /** Of the search: `ef`, `nprobe`. */
    readonly parameters: Parameters;
}
/** How a field inside a struct array, whose rows are lists of vectors, is searched. */
export type StructSearch = 
/** Hits are elements: of those that `match` accepts, null: of all. */
{
    readonly kind: 'elements';
    readonly match: MatchPredicate | null;
}
/** Query i is the list of vectors [offsets[i], offsets[i + 1]) of `queries`, none of them empty; hits are rows. */
 | {
    readonly kind: 'lists';
    readonly offsets: Uint32Array;
};
/** The last hit of a page. */
export interface PageEnd {
    readonly score: number;
    /** One key; null: every hit of the score lies before. */
    readonly key: KeyList | null;
    /** Where hits are elements: the place in its row. */
    readonly element?: number;
    /** Hits of its score so far, itself included. */
    readonly tieCount: number;
    /** Hits so far. */
    readonly hitCount: number;
}
export interface SearchWindow {
    readonly range: ScoreRange | null;
    /** null: from the best on. With one query only. */
    readonly after: PageEnd | null;
}
export interface SearchPlan extends ReadPlan {
    readonly kind: 'search';
    readonly fieldId: number;
    readonly metric: MetricType;
    /** Of a field inside a struct array, and of no other. `metric` is that of single vectors. */
    readonly struct?: StructSearch;
    /** Of MHJACCARD: how it compares. */
    readonly minhash?: MinhashMeasure;
    /** Null: every segment is scanned. */
    readonly index: IndexPlan | null;
    /** nq rows of the field's own type; of a search by lists, the vectors of all lists. */
    readonly queries: VectorColumn;
    readonly queryCount: number;
    /** Hits, or groups, wanted of each query: limit + offset. */
    readonly topK: number;
    /** Hits of it count; null: all hits. */
    readonly window: SearchWindow | null;
    /** The filter is asked about what was found. Default: about all rows before. */
    readonly isFilterLate?: boolean;
    /** Groups are wanted, `topK` of them. */
    readonly group?: GroupPlan;
}
/** Groups of rows that have the same values, each by its best hits. */
export interface GroupPlan {
    /** Fields of them are output fields. */
    readonly by: readonly ValueReference[];
    /** Hits of each group. */
    readonly size: number;
    /** An index goes on until every group has all its hits. */
    readonly isStrict: boolean;
    /** By query: the groups that are wanted; null: those with the best hits. */
    readonly chosen: readonly (readonly GroupValues[])[] | null;
}
/** What is counted or summed up. */
export interface Measure {
    /** `scaled`: the sum of the values times MEAN_SCALE, for averages of doubles. */
    readonly operator: 'count' | 'sum' | 'scaled' | 'min' | 'max';
    /** Null: rows as such, which are counted. */
    readonly reference: ValueReference | null;
}
export interface AggregatePlan {
    /** Empty: all rows are one group. */
    readonly by: readonly ValueReference[];
    readonly measures: readonly Measure[];
}
/** Plain data, so that it crosses ports. */
export interface AggregateTable {
    readonly keys: readonly GroupValues[];
    /**
     * By measure, then by group: a count is a number, a sum of integers a bigint, any other a value of the
     * field; null where no row had a value.
     */
    readonly states: readonly (readonly RowValue[])[];
}
export interface QueryPlan extends ReadPlan {
    readonly kind: 'query';
    /** Rows are answered with those of their elements that match, and counted by them. */
    readonly elements?: MatchPredicate;
    /** What is wanted is no row, but what the filter does. */
    readonly explain?: boolean;
    /** Only the number of rows is wanted. */
    readonly countOnly: boolean;
    /** Rows with one of these keys, and the filter holds: get, and filters on the key. */
    readonly keys: KeyList | null;
    /** Rows wanted in order of the primary key, offset included; null: all. */
    readonly rowLimit: number | null;
    /** Rows behind the key `after` (one key; null: from the first on), found in the order of keys. Has a limit. */
    readonly page: {
        readonly after: KeyList | null;
    } | null;
    /** Rows in this order instead of that of keys; their fields are output fields. */
    readonly order?: readonly OrderTerm[];
    /** No rows are wanted, but what they add up to. */
    readonly aggregate?: AggregatePlan;
}
/**
 * Hits of one shard or of all. Query i has `counts[i]` hits, best first, behind those of query i - 1:
 * hit h is row `rows[h]` of `batch` with `scores[h]`. A row that several queries hit stands once in `batch`.
 * Scores are as Milvus reports them; equal scores are ordered by primary key.
 */
export interface SearchAnswer {
    readonly counts: Uint32Array;
    readonly rows: Uint32Array;
    readonly scores: Float32Array;
    readonly batch: ColumnBatch;
    /** By hit, where hits are elements: the place of the element in its row. */
    readonly elements?: Uint32Array;
    /** Rows of the chunks that were searched, whether or not the filter accepts them. Absent: none was. */
    readonly searchedRows?: number;
}
/** Of each row some elements: row i has places[offsets[i]] to places[offsets[i + 1] - 1], ascending. */
export interface ElementLists {
    readonly offsets: Uint32Array;
    readonly places: Uint32Array;
}
/** A condition of a filter, and what it did. */
export interface ExplainedStep {
    /** In the words of the filter language, lists and texts cut short. */
    readonly condition: string;
    /** 0: the whole filter; an operand stands one deeper than what it is one of, in the order of asking. */
    readonly depth: number;
    /** Segments that this condition by itself excludes without a look at a row. */
    readonly prunedSegments: number;
    /** Rows whose answer was still open when it was asked. */
    readonly rowsAsked: number;
    /** Of those, rows of which it is TRUE, and rows of which it is UNKNOWN. */
    readonly rowsTrue: number;
    readonly rowsUnknown: number;
    /** Rows of the parts of segments in which an index answered it. */
    readonly rowsIndexed: number;
    readonly tookMs: number;
}
export interface Explanation {
    readonly segments: number;
    /** Of them, those that the whole filter excludes without a look at a row. */
    readonly prunedSegments: number;
    /** Visible rows of the others. */
    readonly rows: number;
    /** Of them, those that match. */
    readonly matched: number;
    /** Milliseconds to get the columns that the filter names. */
    readonly loadMs: number;
    /** Share of the matching rows that `random_sample` takes. */
    readonly sample?: number;
    /** The whole filter first, then its operands, each followed by its own. */
    readonly steps: readonly ExplainedStep[];
}
/** Rows in the order of the plan; `count` is their number even when `batch` is empty. */
export interface QueryAnswer {
    readonly count: number;
    readonly batch: ColumnBatch;
    /** Of a plan with an aggregate. */
    readonly table?: AggregateTable;
    /** Where elements are asked for, whose number `count` then is. */
    readonly elements?: ElementLists;
    /** Where that is what is wanted. */
    readonly explanation?: Explanation;
}
export {};

// search/read-context.d.ts
/** What a read is given besides its plan, and how it stays polite: it gives turns and hears a cancellation. */
import type { Clock } from '../base/clock.ts';
import { MilvusError } from '../base/errors.ts';
import type { Workers } from '../base/workers.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import type { Vectors } from '../index/distances.ts';
import type { IndexStructure } from '../index/registry.ts';
import type { IndexHits, IndexQueries, IndexTask, OpenOptions } from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import type { RowMasks } from './row-masks.ts';
/** A search of an index that lies in shared memory, as are the vectors. */
export interface IndexSearchTask extends OpenOptions, IndexQueries {
    readonly structure: IndexStructure;
    readonly vectors: Vectors;
}
export interface SearchWorkers extends Workers<ScanTask, ScanResult> {
    /** @throws MilvusError Cancelled when `signal` aborts first; DataIntegrity for a damaged image */
    searchIndex(task: IndexSearchTask, signal?: AbortSignal): Promise<IndexHits>;
    /**
     * Builds an image on a thread of its own, so that no search waits for it.
     * @throws MilvusError Cancelled when `signal` aborts first
     */
    buildIndex(task: IndexTask | ScalarTask, signal?: AbortSignal): Promise<Uint8Array>;
}
export interface ReadContext {
    readonly workers: SearchWorkers;
    readonly clock: Clock;
    readonly signal?: AbortSignal;
    /** Masks of sealed segments that were made before. Default: none is kept. */
    readonly masks?: RowMasks;
    /** Rows below which a scan is as good as an index. Default: what production has. */
    readonly indexRowsMin?: number;
}
/** Why a signal aborted, as the error the caller gets. */
export declare function cancellation(signal: AbortSignal): MilvusError;
/** @throws MilvusError Cancelled or DeadlineExceeded when `signal` has aborted */
export declare function checkSignal(signal: AbortSignal | undefined): void;
/** A stretch of work on the serving thread, cut into turns: of TURN_MS_MAX, and LONG_TURN_MS_MAX of a long call. */
export declare class Turn {
    #private;
    constructor({ clock, signal }: Pick<ReadContext, 'clock' | 'signal'>);
    get nowMs(): number;
    /** True when others should have their turn: then `await yield()`. Asked between small pieces of work. */
    get isOver(): boolean;
    /** @throws MilvusError Cancelled or DeadlineExceeded when the caller gave up */
    yield(): Promise<void>;
}
/**
 * Searches that find everything at hand wait for nothing, so that a caller who does one after the other would keep
 * all others from their turn: after TURN_MS_MAX of them everybody gets one.
 */
export declare class SearchTurns {
    #private;
    constructor(clock: Clock);
    run<Answer>(search: () => Promise<Answer>): Promise<Answer>;
}
/** Calls `work` on consecutive pieces of [0, count), each a few milliseconds long, and gives turns in between. */
export declare function inPieces(count: number, turn: Turn, work: (start: number, end: number) => void): Promise<void>;

// search/row-masks.d.ts
/**
 * Masks that reads made, kept for the reads that come: of a repeated filter nothing is evaluated again.
 * Invariants:
 *  - a mask is kept under names that say everything it hangs on, and stands for the same rows as long as its
 *    segment is there: what was deleted, looked at another moment or filtered otherwise has another name;
 *  - a mask that is kept never changes;
 *  - all of them together take at most so many bytes; the least recently used go first.
 */
import type { Bitmap } from '../base/bitmap.ts';
/** Some rows of a chunk. */
export interface RowMask {
    /** Null: all rows. */
    readonly allowed: Bitmap | null;
    /** How many they are. */
    readonly rowCount: number;
}
export declare class RowMasks {
    #private;
    constructor(byteLengthMax: number);
    get byteLength(): number;
    get(segmentId: number, name: string): RowMask | undefined;
    set(segmentId: number, name: string, mask: RowMask): void;
    /** Forgets every mask of a segment. */
    drop(segmentId: number): void;
}

// search/row-order.d.ts
import type { Column } from '../schema/column.ts';
import { type RowValue, type ValueReference } from './row-values.ts';
export interface OrderTerm {
    readonly reference: ValueReference;
    readonly isDescending: boolean;
    /** Rows without a value come before all others, whatever the direction. */
    readonly isNullsFirst: boolean;
}
/** Values of a row, one a term. */
export type OrderValues = readonly RowValue[];
/** Negative when a row with the values `left` comes first, 0 when the terms leave it open. */
export declare function compareByTerms(terms: readonly OrderTerm[], left: OrderValues, right: OrderValues): number;
export declare function compareByTerm({ reference, isDescending, isNullsFirst }: OrderTerm, left: RowValue, right: RowValue): number;
/** Reads the values of rows of some columns, a fresh list a row. */
export declare class OrderReader {
    #private;
    constructor(terms: readonly OrderTerm[], columns: ReadonlyMap<number, Column>);
    read(row: number): OrderValues;
    /** The value of the first term alone. */
    readFirst(row: number): RowValue;
}

// search/row-values.d.ts
import type { Column } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
/** Plain data, so that it crosses ports. Null: the row has none. */
export type RowValue = bigint | number | string | boolean | null;
/** What a value of JSON must be to count. */
export type JsonCast = typeof DataType.Bool | typeof DataType.Int8 | typeof DataType.Int16 | typeof DataType.Int32 | typeof DataType.Int64 | typeof DataType.VarChar;
export interface ValueReference {
    readonly fieldId: number;
    /** Of the field. */
    readonly type: DataType;
    /** Keys and indexes inside JSON; null: the field is none. */
    readonly path: readonly string[] | null;
    /**
     * `order`: values of JSON as they compare, see `compareValues`; `text`: each as its text; a type: those of
     * that type, all others are null or, when it is strict, an error.
     */
    readonly form: 'order' | 'text' | JsonCast;
    readonly isStrict: boolean;
}
/** A field as a whole. */
export declare function fieldReference(field: {
    readonly id: number;
    readonly type: DataType;
}): ValueReference;
export type ValueReader = (row: number) => RowValue;
/** Reads rows of a column of the reference's field. @throws MilvusError Unexpected by a strict cast */
export declare function valueReader(reference: ValueReference, column: Column): ValueReader;
/**
 * Negative when `left` comes first. Values of one reference compare; of JSON, numbers by value, texts by their
 * bytes, and what is of different kinds by the kind. Neither is null.
 */
export declare function compareValues(left: RowValue, right: RowValue, reference: ValueReference): number;

// search/value-columns.d.ts
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column } from '../schema/column.ts';
import type { DataType } from '../schema/data-type.ts';
import type { RowValue } from './row-values.ts';
/** A column of an answer that is no field's. */
export interface NamedColumn {
    /** What it would be a field as. */
    readonly field: FieldSchema;
    readonly column: Column;
}
export declare function namedColumn({ id, name, type }: {
    readonly id: number;
    readonly name: string;
    readonly type: DataType;
}, values: readonly RowValue[]): NamedColumn;
/** @param values of that type, which is one of numbers or of text */
export declare function columnOfValues(type: DataType, values: readonly RowValue[]): Column;

// search/value-names.d.ts
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import type { GroupPlan } from './plan.ts';
import type { OrderTerm } from './row-order.ts';
/** Groups as users ask for them. */
export interface GroupRequest {
    /** One name or several; a path or a dynamic key only alone. */
    readonly fields: readonly string[];
    /** Hits of each group, 1 to 10. Default: 1. */
    readonly size?: number;
    /** An index goes on until every group has all its hits. Default: it stops when it has the groups. */
    readonly isStrict?: boolean;
    /** Inside a JSON field that is named as a whole: `meta["colour"]`. */
    readonly jsonPath?: string;
    /** What values of JSON must be: `Bool`, `Int8` to `Int64`, `VarChar`. Default: anything, as its text. */
    readonly jsonType?: string;
    /** A value of JSON that is something else is an error. Default: the row is of the group of null. */
    readonly strictCast?: boolean;
}
/** One field to order by, as users name it. */
export interface OrderRequest {
    readonly field: string;
    /** Default: `asc`. */
    readonly order?: 'asc' | 'desc';
    /** Where rows without a value come. Default: `last` of ascending, `first` of descending order. */
    readonly nulls?: 'first' | 'last';
}
/** @throws MilvusError ParameterInvalid, FieldNotFound */
export declare function resolveGroups(request: GroupRequest, schema: CollectionSchema): GroupPlan;
/** @throws MilvusError ParameterInvalid */
export declare function checkFieldCount(name: string, fields: readonly unknown[]): void;
/** @throws MilvusError ParameterInvalid when rows cannot be grouped by values of the field */
export declare function checkGroupType({ type }: FieldSchema): void;
/**
 * @param read `search` may order by paths and dynamic keys, and says so
 * @throws MilvusError ParameterInvalid
 */
export declare function resolveOrder(requests: readonly OrderRequest[], schema: CollectionSchema, read: 'search' | 'query'): OrderTerm[];

// segments/build-index.d.ts
import type { BuildControl, IndexTask } from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import { type WantedIndex } from './index-policy.ts';
import type { SegmentIndex, SegmentInfo } from './segment-info.ts';
import type { SegmentWorld } from './write-segment.ts';
export interface IndexBuilding {
    readonly segment: SegmentInfo;
    readonly indexId: number;
    readonly fieldId: number;
    readonly build: WantedIndex['build'];
    /** Fresh: an earlier attempt may have left its objects. */
    readonly fileId: number;
}
export interface BuildWorld extends SegmentWorld {
    /** Of the build, the one that runs it included. */
    readonly threadCount: number;
    readonly control: BuildControl;
    /** @throws MilvusError Cancelled */
    readonly run: (task: IndexTask | ScalarTask) => Promise<Uint8Array>;
}
/**
 * @throws MilvusError Cancelled; DataIntegrity when the segment is damaged; DiskLimitExceeded, IoFailed
 */
export declare function buildSegmentIndex({ segment, indexId, fieldId, build, fileId }: IndexBuilding, world: BuildWorld): Promise<SegmentIndex>;

// segments/column-cache.d.ts
/** A value in use; `release` when it may go again. */
export interface Lease<Value> {
    readonly value: Value;
    release(): void;
}
/** What a load brings, and the bytes it holds. */
export interface Loaded<Value> {
    readonly value: Value;
    readonly byteLength: number;
}
export declare class ColumnCache {
    #private;
    constructor(byteLengthMax: number);
    /** Bytes of all values. */
    get byteLength(): number;
    /** The value of `owner` under `name`, loaded when it is not there. It stays at least until it is released. */
    acquire<Value>(owner: number, name: string, load: () => Promise<Loaded<Value>>): Promise<Lease<Value>>;
    /**
     * The value when it is there without loading, as used just now; undefined else. It may go when others run:
     * whoever needs it for longer has a lease, or holds the value itself.
     */
    peek(owner: number, name: string): unknown;
    /** Whether the value is there without loading. */
    has(owner: number, name: string): boolean;
    /** Forgets one value; who uses it keeps it. */
    forget(owner: number, name: string): void;
    /** Forgets everything of `owner`; what is in use stays with those who use it. */
    drop(owner: number): void;
}

// segments/delete-bitmap.d.ts
import { Bitmap } from '../base/bitmap.ts';
/** Some marks, oldest first. */
export interface DeleteMarks {
    readonly rows: Uint32Array;
    readonly timestamps: BigInt64Array;
}
export declare class DeleteBitmap {
    #private;
    /** Marks so far; `marks(from)` with an earlier value gives what came since. */
    get count(): number;
    /** Of the newest mark; 0 while there is none. */
    get lastTimestamp(): bigint;
    /** Bytes held. */
    get byteLength(): number;
    has(row: number): boolean;
    /** @returns false when the row was marked before: the first mark counts */
    mark(row: number, timestamp: bigint): boolean;
    /** Marks from the `from`-th on; views that stay as they are unless an older mark is put in between. */
    marks(from?: number): DeleteMarks;
    /** How many marks are at or before `timestamp`. */
    countAt(timestamp: bigint): number;
    /** Those of the first `rowCount` rows that are not marked at `timestamp`; null when it is all of them. */
    visible(rowCount: number, timestamp: bigint): Bitmap | null;
    /** The delete file with the marks at or before `timestamp`. */
    encode(rowCount: number, timestamp: bigint): Uint8Array;
    /**
     * @throws MalformedBytes when the bytes are not the delete file of a segment of `rowCount` rows
     * @throws MilvusError FormatNotSupported when a newer version wrote them
     */
    static decode(bytes: Uint8Array, rowCount: number): DeleteBitmap;
}

// segments/index-policy.d.ts
/**
 * Which index is built next, and which ones go: a pure function of the manifest and the definitions. The
 * largest segment comes first: it is what searches wait for. Small segments are left to the exact scan, and
 * so are vectors of rows that were written before the field was.
 */
import type { IndexBuild } from '../index/index-definition.ts';
import type { ScalarBuild } from '../scalar/scalar-definition.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { SegmentIndex, SegmentInfo } from './segment-info.ts';
/** An index of scalars, of rows that may be older than their field. */
export interface FieldScalarBuild extends ScalarBuild {
    readonly field: FieldSchema;
}
export declare function isScalarBuild(build: WantedIndex['build']): build is FieldScalarBuild;
/** A definition for which segments get files. */
export interface WantedIndex {
    readonly indexId: number;
    readonly fieldId: number;
    readonly build: IndexBuild | FieldScalarBuild;
    readonly fingerprint: string;
}
export interface IndexSituation {
    readonly wanted: readonly WantedIndex[];
    /** Keys of images that turned out to be damaged. */
    readonly damaged: ReadonlySet<string>;
    /** Rows below which a segment is left to the scan. */
    readonly rowsMin: number;
    /** Names of builds that failed: others come before them. */
    readonly failed: ReadonlySet<string>;
}
export interface NextIndex {
    readonly segment: SegmentInfo;
    readonly wanted: WantedIndex;
}
/** What it is called among those that failed. */
export declare function buildName(segmentId: number, indexId: number): string;
/** The most useful build; null when every segment has what it needs, but for what failed. */
export declare function planIndex(segments: readonly SegmentInfo[], situation: IndexSituation): NextIndex | null;
/** Whether a search by the index needs nothing more of the segment: it has it, or is scanned for good. */
export declare function isCovered(segment: SegmentInfo, wanted: WantedIndex, { damaged, rowsMin }: Pick<IndexSituation, 'damaged' | 'rowsMin'>): boolean;
/** Indexes of each segment without those whose definition is gone; segments that keep all are left out. */
export declare function planDrops(segments: readonly SegmentInfo[], wanted: readonly WantedIndex[]): ReadonlyMap<number, readonly SegmentIndex[]>;

// segments/row-expiry.d.ts
import { Bitmap } from '../base/bitmap.ts';
import type { Column } from '../schema/column.ts';
import type { SegmentInfo } from './segment-info.ts';
export interface RowExpiry {
    readonly fieldId: number;
    /** Microseconds since 1970: rows whose point in time is not later are gone. */
    readonly atMicros: bigint;
}
/** The rows that live. @param column of the field */
export declare function livingRows(column: Column, rowCount: number, { atMicros }: RowExpiry): Bitmap;
/** Which part of the rows is gone, taken as if their ends came evenly; never more than there may be. */
export declare function goneRatio({ zones, rowCount }: SegmentInfo, { fieldId, atMicros }: RowExpiry): number;

// segments/row-source.d.ts
/**
 * Rows on their way into a sealed segment: columns piece by piece, so that no column has to be in memory
 * as a whole. The pieces of every field cover the same rows in the same order; each call starts again.
 */
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
export interface RowSource {
    readonly rowCount: number;
    pieces(field: FieldSchema): AsyncIterable<Column>;
    timestamps(): AsyncIterable<BigInt64Array>;
}
export interface TimedBatch {
    readonly batch: ColumnBatch;
    /** One a row. */
    readonly timestamps: BigInt64Array;
}
/** Rows that are in memory, in the order given; fields they lack come as their default or null. */
export declare function rowsOfBatches(batches: readonly TimedBatch[]): RowSource;

// segments/segment-info.d.ts
/** What a manifest says of a sealed segment. Plain data; bigint in memory, decimal text at rest. */
import type { Zone } from './segment.ts';
/** One immutable object and what must be true of its bytes. */
export interface ObjectReference {
    readonly key: string;
    readonly byteLength: number;
    /** CRC-32 of the whole object. Objects read in parts have block checksums in their descriptor. */
    readonly checksum: number;
}
/** Rows of a segment that are deleted or superseded, as of a timestamp. */
export interface DeleteReference extends ObjectReference {
    readonly rowCount: number;
    /** Every mark of this shard at or before it is in the file. */
    readonly timestamp: bigint;
}
/** An index that is built over one vector column of a segment; its files are those of segment-index.ts. */
export interface SegmentIndex {
    /** Of the definition in the catalog. */
    readonly indexId: number;
    readonly fieldId: number;
    /** What it is built as: structure, metric, parameters. */
    readonly fingerprint: string;
    readonly rowCount: number;
    /** The kernels that built it. */
    readonly builder: string;
    readonly image: ObjectReference;
    /** Checksums of the blocks of the image. */
    readonly descriptor: ObjectReference;
}
export interface SegmentInfo {
    readonly id: number;
    readonly partitionId: number;
    /** 0: flushed from a growing segment; higher: result of compaction. */
    readonly level: number;
    readonly rowCount: number;
    /** Bytes of all its objects but indexes. */
    readonly byteLength: number;
    readonly schemaVersion: number;
    /** Of its rows. */
    readonly minTimestamp: bigint;
    readonly maxTimestamp: bigint;
    /** Where its columns lie and the checksums of their blocks: segments/descriptor.ts. */
    readonly descriptor: ObjectReference;
    /** All its objects but the descriptor, the delete file and indexes, for garbage collection and verify. */
    readonly objects: readonly ObjectReference[];
    readonly deletes: DeleteReference | null;
    /** Those that are ready, at most one a definition. */
    readonly indexes: readonly SegmentIndex[];
    /** By field id; primary key included. */
    readonly zones: ReadonlyMap<number, Zone>;
}

// segments/segment.d.ts
/**
 * What a read sees of a segment, growing or sealed: rows in chunks, columns on demand, who is visible.
 * Row offsets are local to the segment and never change while the segment lives.
 */
import type { Bitmap } from '../base/bitmap.ts';
import type { Clock } from '../base/clock.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column } from '../schema/column.ts';
/** What is known of a column without reading it. Bounds are absent when all rows are null or the type has no order. */
export interface Zone {
    readonly min?: bigint | number | string;
    readonly max?: bigint | number | string;
    readonly nullCount: number;
    readonly rowCount: number;
}
/** Primary keys as a column: int64, or UTF-8 by offsets. */
export type KeyList = {
    readonly kind: 'int64';
    readonly values: BigInt64Array;
} | {
    readonly kind: 'text';
    readonly offsets: Uint32Array;
    readonly bytes: Uint8Array;
};
/** Rows [rowStart, rowStart + rowCount) of a segment. */
export interface Chunk {
    readonly rowStart: number;
    readonly rowCount: number;
    /**
     * Whole, verified columns of this chunk by field id; a field younger than the rows comes as its
     * default or null. Dense vectors lie in shared memory.
     */
    load(fields: readonly FieldSchema[], onRows?: RowsWatcher): Promise<ReadonlyMap<number, Column>>;
    /** As `load`, without the fields that are younger than the rows: for whoever takes some rows only. */
    loadWritten?(fields: readonly FieldSchema[]): Promise<ReadonlyMap<number, Column>>;
    /**
     * Shows the rows of a dense vector column that is not in memory, without keeping them: what is read once
     * only need not push out what is in use. False, and nothing shown, where `load` is the better way: the
     * column is there, or this is not the first time.
     */
    pass?(field: FieldSchema, use: RowsUser): Promise<boolean>;
    /** Where rows are elements of arrays: the place of one in the array of its row. */
    placeOf?(row: number): number;
    /** A column that `load` would give without reading anything; null when that is not so. */
    peek?(field: FieldSchema): Column | null;
    /** The index over all rows of the chunk, told without reading; null when there is none. */
    index?(name: IndexName): ChunkIndex | null;
    /** The same, of an index over scalars. */
    scalarIndex?(name: IndexName): ChunkScalarIndex | null;
}
/** Which index a search goes by; a segment that has it under this fingerprint may answer with it. */
export interface IndexName {
    readonly indexId: number;
    readonly fingerprint: string;
    /** Its file is mapped instead of read. */
    readonly isMapped?: boolean;
}
/**
 * The image of an index, checked: one object as long as the cache keeps it. What is made of the bytes may
 * hold them from native memory, where no cycle is found, and hangs on this object therefore.
 */
export interface IndexImage {
    /** In shared memory, or mapped. */
    readonly bytes: Uint8Array;
}
/** What a search by an index needs, all of it checked. */
export interface IndexFiles {
    readonly image: IndexImage;
    readonly vectors: Column;
}
/** An index of a chunk that may be read. */
export interface ChunkIndex {
    /** Null, and never offered again, when it is damaged: it will be built anew. */
    open(field: FieldSchema): Promise<IndexFiles | null>;
    /** What `open` would give without reading anything; null when that is not so. */
    peek?(field: FieldSchema): IndexFiles | null;
    /** It turned out to be damaged. */
    reportDamage(failure: unknown): void;
}
/** An index of scalars of a chunk that may be read; as `ChunkIndex`, but for the column, which nobody needs. */
export interface ChunkScalarIndex {
    open(): Promise<IndexImage | null>;
    reportDamage(failure: unknown): void;
}
/** Uses rows [rowStart, rowStart + those of `column`) of a chunk; `column` is theirs until it resolves. */
export type RowsUser = (column: Column, rowStart: number) => Promise<void>;
/**
 * Sees the first `rowCount` rows of a dense vector column, verified, while the rest is being read; each
 * call has more of them. A column that is there already comes without any.
 */
export type RowsWatcher = (column: Column, rowCount: number) => void;
/** Walks the rows of a segment in ascending order of their keys. */
export interface KeyCursor {
    /** The next rows, visible or not, at most `count`, and their keys; none at the end. */
    next(count: number): Promise<{
        readonly rows: Uint32Array;
        readonly keys: KeyList;
    }>;
}
/** When a read looks, and which rows are too old for it; 0: none is. */
export interface ReadMoment {
    readonly timestamp: bigint;
    readonly expiredBefore: bigint;
}
export interface SegmentReader {
    readonly id: number;
    readonly partitionId: number;
    /** Rows in all chunks; some of them may not be visible. */
    readonly rowCount: number;
    readonly chunks: readonly Chunk[];
    zone(fieldId: number): Zone | undefined;
    /**
     * Rows that a read at `timestamp` sees: written at or before it and not before `expiredBefore`
     * (0 when nothing expires), and neither deleted nor superseded by a newer row of the same key at or
     * before `timestamp`. A fresh bitmap, or null when it sees all.
     */
    visible(timestamp: bigint, expiredBefore: bigint): Promise<Bitmap | null>;
    /**
     * What `visible` would answer, by a name: as long as the segment is there the same name stands for the same
     * rows, ALL_ROWS of row-set.ts for all of them. Null: it has no name, or something has to be read first.
     */
    visibleName?(timestamp: bigint, expiredBefore: bigint): string | null;
    /** Whether `visible` would answer null, told without reading; false when it is not known. */
    seesAll?(timestamp: bigint, expiredBefore: bigint): boolean;
    /** Offsets of every row, visible or not, whose primary key is one of `keys`; ascending. */
    rowsOfKeys(keys: KeyList): Promise<Uint32Array>;
    /**
     * Those of `rowsOfKeys` that a read sees, as `visible` has it, told without reading; null when something has to
     * be read first, or more has to be looked at than the keys.
     */
    peekRowsOfKeys?(keys: KeyList, moment: ReadMoment): Uint32Array | null;
    /** From the first key behind that of `after`, a list of one; null: from the first of all. */
    rowsByKey(after: KeyList | null, clock: Pick<Clock, 'yieldTurn'>): Promise<KeyCursor>;
}

// segments/write-segment.d.ts
import type { Clock } from '../base/clock.ts';
import { type CollectionSchema } from '../schema/collection-schema.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { DeleteBitmap } from './delete-bitmap.ts';
import type { RowSource } from './row-source.ts';
import type { SegmentInfo } from './segment-info.ts';
export interface SegmentContent {
    /** Fresh: no object of a segment of this id was ever written. */
    readonly id: number;
    readonly partitionId: number;
    readonly level: number;
    readonly schema: CollectionSchema;
    /** At least one. */
    readonly rows: RowSource;
    /** Which of the rows are deleted; marks up to `timestamp` are written. */
    readonly deletes: {
        readonly marks: DeleteBitmap;
        readonly timestamp: bigint;
    } | null;
}
export interface SegmentWorld {
    readonly store: ObjectStore;
    readonly clock: Clock;
}
/** @throws MilvusError DiskLimitExceeded, IoFailed; nothing refers to what was written */
export declare function writeSegment(content: SegmentContent & SegmentWorld): Promise<SegmentInfo>;

// storage/disk.d.ts
/**
 * Disk port: files by path, with nothing hidden. Paths use '/' and are relative to the root that the
 * implementation was given. Names come from ids only, never from a user.
 *
 * What a crash may undo: bytes written and not synced (in whole, in part, in any order), and names
 * created, renamed or removed in a directory that was not synced since.
 * Failures are MilvusErrors: IoKeyNotFound, DiskLimitExceeded (no space), StoragePermissionDenied, IoFailed.
 */
export type OpenMode = 
/** The file must exist. */
'read'
/** The file must exist; reads and writes. */
 | 'write'
/** The file must not exist. */
 | 'create';
export interface DiskFile {
    /** Fills `target` from `offset`; @returns the bytes read, fewer than asked only at the end of the file. */
    read(target: Uint8Array, offset: number): Promise<number>;
    /** Writes all of `chunks`, one behind the other, from `offset`. */
    write(chunks: readonly Uint8Array[], offset: number): Promise<void>;
    /** Bytes written before this call survive a crash after it (fdatasync). */
    sync(): Promise<void>;
    truncate(byteLength: number): Promise<void>;
    byteLength(): Promise<number>;
    close(): Promise<void>;
}
export interface Disk {
    open(path: string, mode: OpenMode): Promise<DiskFile>;
    /** Atomic; replaces `to` when it exists. */
    rename(from: string, to: string): Promise<void>;
    remove(path: string): Promise<void>;
    /** Names in a directory, sorted; empty when it does not exist. */
    list(directory: string): Promise<string[]>;
    /** Creates a directory ('' is the root) and its missing parents, each made durable in its own parent. */
    makeDirectory(directory: string): Promise<void>;
    /** Names created, renamed or removed in `directory` before this call survive a crash after it. */
    syncDirectory(directory: string): Promise<void>;
    /** Bytes of a file, or null when there is none. */
    byteLength(path: string): Promise<number | null>;
    /**
     * All bytes of a file that never changes, mapped into memory; null where that cannot be. Absent where no
     * file of the system stands behind it.
     */
    map?(path: string): Promise<Uint8Array | null>;
    /** Wall-clock milliseconds of the last write to a file, or null when there is none. */
    modifiedMs(path: string): Promise<number | null>;
}

// storage/object-store.d.ts
/**
 * Object store port: immutable objects by key, the same over a local disk and over S3.
 * A key is written once; `create` followed by `commit` makes the object visible and durable as a whole.
 */
export interface ObjectInfo {
    readonly key: string;
    readonly byteLength: number;
    /** Wall-clock milliseconds at which it was stored. */
    readonly modifiedMs: number;
}
export interface ObjectWriter {
    /** Appends; resolves when the next chunk may come (back-pressure). */
    write(chunk: Uint8Array): Promise<void>;
    /** Durable and visible under its key from here on. @throws MilvusError IoFailed when the key exists */
    commit(): Promise<void>;
    /** Forgets what was written; safe after a failed write or commit. */
    abort(): Promise<void>;
}
export interface ObjectStore {
    create(key: string): Promise<ObjectWriter>;
    /**
     * Bytes [offset, offset + target.length) into `target`.
     * @throws MilvusError DataIntegrity when there is no such object, or it is shorter
     */
    readInto(key: string, offset: number, target: Uint8Array): Promise<void>;
    byteLength(key: string): Promise<number | null>;
    /** All bytes of an object, mapped into memory; null where that cannot be. Absent where objects are no files. */
    map?(key: string): Promise<Uint8Array | null>;
    /**
     * Objects whose key starts with `prefix` (which ends with '/'), sorted by key.
     * @param isWanted others are left out: where each object has to be asked about, they are not
     */
    list(prefix: string, isWanted?: (key: string) => boolean): Promise<ObjectInfo[]>;
    /** Keys that are not there are no error. */
    remove(keys: readonly string[]): Promise<void>;
    /** Moves an object nobody refers to out of the way, so that a person can look at it. */
    quarantine(key: string): Promise<void>;
}

// testing.d.ts
/// <reference lib="esnext.disposable" preserve="true" />
/** A server for the tests of other programs: started in a moment, gone with all it held. */
export { type MilvusServer, startMilvus, type StartOptions } from './testing/milvus-server.ts';

// testing/milvus-server.d.ts
export interface StartOptions {
    /** Default 0: any that is free. */
    readonly port?: number;
}
export interface MilvusServer extends AsyncDisposable {
    /** `host:port`, as the Node SDK takes it. */
    readonly address: string;
    /** `http://host:port`, as pymilvus takes it. */
    readonly uri: string;
    readonly host: string;
    readonly port: number;
    /** The directory of the database, which is removed at the end. */
    readonly path: string;
    /** Ends the server and removes its directory; may be called twice. */
    close(): Promise<void>;
}
/**
 * Starts a server over an empty database.
 * @example
 *   await using server = await startMilvus();
 *   const client = new MilvusClient({ address: server.address });
 * @throws MilvusError ServiceUnavailable when the port is taken
 */
export declare function startMilvus(options?: StartOptions): Promise<MilvusServer>;

// wal/log.d.ts
import { type Position } from './position.ts';
/** When an append is acknowledged. */
export type Durability = 
/** After the bytes are on the device. */
'sync'
/** After the operating system has them; synced in the background, at most a second later. */
 | 'os'
/** At once; for logs in memory and for tests. */
 | 'memory';
/** What a record is to its shard; the payload's meaning is in wal/message.ts. */
export interface LogRecord {
    readonly kind: number;
    /** Numeric id of the shard it belongs to. */
    readonly shardId: number;
    /** Hybrid timestamp; never decreases within a shard. */
    readonly timestamp: bigint;
    /** Chunks, one behind the other; they must not change until the append has resolved. */
    readonly payload: readonly Uint8Array[];
}
/** A record as it was read. Its payload is a view, 8-byte aligned, that keeps the whole file's bytes alive. */
export interface LogEntry extends Omit<LogRecord, 'payload'> {
    readonly payload: Uint8Array;
    readonly position: Position;
}
export interface LogWriter {
    readonly term: number;
    /**
     * Appends in call order; resolves with the record's position when durable.
     * @throws MilvusError WriterPoisoned, DiskLimitExceeded, IoFailed (then nothing more is accepted), EntityTooLarge
     */
    append(record: LogRecord): Promise<Position>;
    /** Bytes accepted and not yet durable: the caller slows down above LOG_QUEUE_BYTES_MAX. */
    readonly queuedBytes: number;
    /**
     * Every record below it is acknowledged, and every one that is not, or is still to come, is at or after
     * it: never behind the durable end, so it may be kept as a place to read from.
     */
    readonly end: Position;
    /** Waits for what is queued, records the log's durable end, and accepts nothing more. */
    seal(): Promise<void>;
}
/** What reading the log found at its end; part of the recovery report. */
export interface LogTail {
    /** Where the valid log ends: position the next record would have had; of a sealed one that of its seal. */
    readonly end: Position;
    /** The last writer sealed it. */
    readonly sealed: boolean;
    /** Bytes cut off behind the last valid block; never more than one unacknowledgeable group of blocks. */
    readonly cutBytes: number;
    /** Bytes held from where reading began, to a file's precision. */
    readonly heldBytes: number;
}
export interface Log extends AsyncDisposable {
    /**
     * Opens a new term, higher than every earlier one, and fences those.
     * @param end where the caller found the log's end; left out: wherever it is
     * @throws MilvusError ServiceUnavailable when a term as high was opened before, or the log ends elsewhere
     */
    open(term: number, end?: Position): Promise<LogWriter>;
    /**
     * Every record at or after `from`, in order, up to the end as of the call. LOG_START means everything
     * that is still held; any other position must still be held or be where the held part begins.
     * @returns when it is read to its end: how it ended
     * @throws MilvusError DataIntegrity with file and byte offset for anything but a torn tail
     */
    read(from: Position): AsyncGenerator<LogEntry, LogTail>;
    /** Where the log ends and how; checks every block from `from` on. */
    tail(from: Position): Promise<LogTail>;
    /** Forgets records before `before`; a no-op when they are gone. The caller made them superfluous. */
    truncate(before: Position): Promise<void>;
    /** Bytes held at or after `from`, to a file's precision, for the policy that bounds the log. */
    byteLength(from: Position): Promise<number>;
}
/**
 * A log that goes on behind the place up to which its opener read it was written by another since.
 * @param expected undefined: any end will do
 */
export declare function checkEnd(end: Position, expected: Position | undefined): void;

// wal/position.d.ts
/** A place in a log: totally ordered, and the same in every kind of log. */
export interface Position {
    /** Reign of the writer; grows with each opening. */
    readonly term: number;
    /** Number of the block, from 0 in each term. */
    readonly sequence: number;
    /** Record in the block. */
    readonly index: number;
}
/** Before every record of every log. */
export declare const LOG_START: Position;
export declare function comparePositions(a: Position, b: Position): number;
export declare function maxPosition(a: Position, b: Position): Position;
/** `term/sequence/index`, for messages and for JSON. */
export declare function formatPosition(position: Position): string;
