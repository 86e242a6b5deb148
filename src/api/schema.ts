/**
 * Typed schemas, and the types that follow from them: rows to insert, rows as read, hits narrowed to
 * their output fields. None of these types exists at run time.
 */
import type { PrimaryKey } from '../schema/primary-key.ts';
import { requireMembers, requireObject } from './checks.ts';
import { type FieldShapes, requireField } from './field.ts';
import type { ElementVectorInput } from './values.ts';

/** Fields by name and what else makes a collection's rows; made by {@link defineSchema}. */
export class Schema<
  out Shapes extends FieldShapes = FieldShapes,
  out Dynamic extends boolean = boolean,
> {
  readonly fields: Shapes;
  /** Rows may hold fields that are not in the schema. */
  readonly dynamic: Dynamic;

  /** @throws MilvusError ParameterInvalid for a field that no builder made */
  constructor(fields: Shapes, dynamic: Dynamic) {
    requireObject('schema', fields);
    for (const [name, field] of Object.entries(fields)) requireField(name, field);
    this.fields = fields;
    this.dynamic = dynamic;
  }
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
export function defineSchema<
  const Shapes extends FieldShapes,
  const Dynamic extends boolean = false,
>(fields: Shapes, options?: { readonly dynamic?: Dynamic }): Schema<Shapes, Dynamic> {
  requireMembers('options', options ?? {}, { dynamic: true });
  return new Schema(fields, (options?.dynamic ?? false) as Dynamic);
}

/** The schema of a collection that was opened by name only: every row is a record of unknown values. */
export type AnySchema = Schema<FieldShapes, true>;

type ShapesOf<S extends Schema> = S['fields'];

type Traits<S extends Schema, Name extends keyof ShapesOf<S>> = ShapesOf<S>[Name]['traits'];

/** Makes editors show the members instead of the recipe. */
type Flat<T> = { [Name in keyof T]: T[Name] };

/** Fields beside the schema's, where the schema lets them in. */
type DynamicFields<S extends Schema> = true extends S['dynamic']
  ? { readonly [name: string]: unknown }
  : unknown;

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
}> &
  DynamicFields<S>;

/** A row to insert. Automatic keys and fields that are nullable or have a default may be left out. */
export type InsertRow<S extends Schema> = Flat<
  Given<S, Exclude<keyof ShapesOf<S>, OptionalNames<S>>> & Omittable<S, OptionalNames<S>>
> &
  DynamicFields<S>;

/** A row of an upsert, whose key must be given even where inserts get one by themselves. */
export type UpsertRow<S extends Schema> = InsertRow<S> & Given<S, KeyNames<S>>;

/** A row of a partial upsert: the key, and the fields that change. */
export type PartialRow<S extends Schema> = Flat<
  Given<S, KeyNames<S>> & Omittable<S, Exclude<keyof ShapesOf<S>, KeyNames<S>>>
> &
  DynamicFields<S>;

/** The primary key as reads give it. */
export type KeyOf<S extends Schema> = [KeyNames<S>] extends [never]
  ? PrimaryKey
  : Extract<Traits<S, KeyNames<S>>['out'], PrimaryKey>;

/** The primary key as calls accept it: an int64 also as a safe integer. */
export type KeyInput<S extends Schema> = [KeyNames<S>] extends [never]
  ? PrimaryKey | number
  : Extract<Traits<S, KeyNames<S>>['in'], PrimaryKey | number>;

type PlainVectorName<S extends Schema> = {
  [Name in keyof ShapesOf<S>]: [Traits<S, Name>['query']] extends [never] ? never : Name;
}[keyof ShapesOf<S>] &
  string;

type VectorKeys<Element> = {
  [Key in keyof Element]: Element[Key] extends Float32Array | Int8Array | Uint8Array ? Key : never;
}[keyof Element] &
  string;

/** Names of the vectors inside struct arrays: `struct[sub]`. */
type ElementVectorName<S extends Schema> = {
  [Name in keyof ShapesOf<S> & string]: NonNullable<Traits<S, Name>['out']> extends ReadonlyArray<
    infer Element
  >
    ? Element extends Record<string, unknown>
      ? `${Name}[${VectorKeys<Element>}]`
      : never
    : never;
}[keyof ShapesOf<S> & string];

/** Names of the vector fields, and `struct[sub]` of those inside struct arrays. */
export type VectorName<S extends Schema> = PlainVectorName<S> | ElementVectorName<S>;

type ElementQuery<S extends Schema, Query> = [ElementVectorName<S>] extends [never] ? never : Query;

/** A vector to search with, for any vector field of the schema. */
export type QueryVector<S extends Schema> =
  | Traits<S, PlainVectorName<S>>['query']
  | ElementQuery<S, ElementVectorInput>;

/** A list of vectors to search a struct array with, by a MAX_SIM metric. */
export type QueryList<S extends Schema> = ElementQuery<S, readonly ElementVectorInput[]>;

type SubFieldNames<S extends Schema> = {
  [Name in keyof ShapesOf<S> & string]: Traits<S, Name>['out'] extends ReadonlyArray<
    infer Element
  > | null
    ? Element extends Record<string, unknown>
      ? `${Name}[${keyof Element & string}]`
      : never
    : never;
}[keyof ShapesOf<S> & string];

/** What `outputFields` may name: fields, `*`, `struct[sub]`, and any key where fields are dynamic. */
export type OutputName<S extends Schema> =
  | '*'
  | (keyof ShapesOf<S> & string)
  | SubFieldNames<S>
  | (true extends S['dynamic'] ? string & Record<never, never> : never);

type FieldOfOutput<Name extends string> = Name extends `${infer Struct}[${string}` ? Struct : Name;

type OutputValue<S extends Schema, Name extends string> = Name extends keyof ShapesOf<S>
  ? Traits<S, Name>['out']
  : unknown;

type SubFieldsOf<
  Names extends string,
  Struct extends string,
> = Names extends `${Struct}[${infer Sub}]` ? Sub : never;

type StructPart<Whole, Sub extends string> =
  Whole extends ReadonlyArray<infer Element> ? Array<Pick<Element, Sub & keyof Element>> : Whole;

/** The part of a row that these output fields select. */
export type Selected<S extends Schema, Names extends string> = '*' extends Names
  ? Row<S>
  : {
      [Name in FieldOfOutput<Names>]: [Name] extends [Names]
        ? OutputValue<S, Name>
        : StructPart<OutputValue<S, Name>, SubFieldsOf<Names, Name>>;
    };

/** A row as `get`, `query` and `iterate` give it: the key, and what these output fields select. */
export type FoundRow<S extends Schema, Names extends string> = Selected<
  S,
  Names | (KeyNames<S> & string)
>;

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
