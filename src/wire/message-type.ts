/**
 * Messages of a protocol as plain objects: what the generated tables (generated/milvus.ts) say of a message
 * is enough to read and to write it.
 *
 *   in the schema                 as a value
 *   int32, uint32, enum, float,   number
 *   double
 *   int64, uint64                 bigint
 *   bool, string, bytes           boolean, string, Uint8Array (a view of the message)
 *   message                       object, null when it is not there
 *   optional, part of a oneof     undefined when it is not there; a message: null
 *   repeated number, bool         typed array, of bool 0 and 1
 *   repeated text of a column     ByteList
 *   repeated anything else        array
 *   map                           Map
 *
 * What is not set has its default (0, '', false, nothing), and defaults are not written. Unknown fields are
 * skipped; a value of another wire type than the table's is refused. Repeated numbers are read packed or not.
 */
import { must } from '../base/assert.ts';
import { type ByteList, EMPTY_BYTE_LIST } from './byte-lists.ts';
import { WireType } from './wire-reader.ts';

export type ScalarKind =
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'float'
  | 'double'
  | 'string'
  | 'bytes';

export type FieldKind = ScalarKind | 'message';

/** `list`: repeated; `texts`, `blobs`: repeated, as a ByteList; `optional`: says whether it is there. */
export type FieldRule = 'single' | 'optional' | 'list' | 'texts' | 'blobs' | 'map';

export interface Field {
  readonly number: number;
  readonly name: string;
  readonly rule: FieldRule;
  readonly kind: FieldKind;
  /** Of a message, or of the values of a map of messages. */
  readonly message: AnyMessageType | null;
  /** Of a map. */
  readonly keyKind: ScalarKind;
}

/** A row of a generated table. */
export function row(
  [number, name]: readonly [number, string],
  rule: FieldRule,
  kind: FieldKind,
  more: { readonly message?: AnyMessageType; readonly keyKind?: ScalarKind } = {},
): Field {
  const { message = null, keyKind = 'string' } = more;
  return { number, name, rule, kind, message, keyKind };
}

/** A call of a service. */
export interface MethodType<Request, Response> {
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
  readonly isStream: boolean;
}

export type FieldValue = unknown;
export type MessageValue = Record<string, FieldValue>;

/** Numbers that a repeated field is kept as. */
export type NumberList =
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | Float32Array
  | Float64Array;

/** A message to write: whatever is left out has its default. */
export type Init<T> = T extends string | number | bigint | boolean | null | undefined
  ? T
  : T extends NumberList | ByteList
    ? T
    : T extends readonly (infer E)[]
      ? readonly Init<E>[]
      : T extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<K, Init<V>>
        : { readonly [K in keyof T]?: Init<T[K]> | undefined };

export class MessageType<T> {
  readonly name: string;
  /** Only for the compiler: what its messages are. */
  declare readonly type: T;
  readonly #describe: () => readonly Field[];
  #fields: readonly Field[] | null = null;
  #byNumber: ReadonlyMap<number, Field> | null = null;
  #template: Readonly<MessageValue> | null = null;

  /** @param describe called when the message is first met, so that types may refer to each other */
  constructor(name: string, describe: () => readonly Field[]) {
    this.name = name;
    this.#describe = describe;
  }

  get fields(): readonly Field[] {
    this.#fields ??= this.#describe();
    return this.#fields;
  }

  field(number: number): Field | undefined {
    this.#byNumber ??= new Map(this.fields.map((field) => [field.number, field]));
    return this.#byNumber.get(number);
  }

  /** A message of which nothing is set. */
  template(): Readonly<MessageValue> {
    this.#template ??= Object.fromEntries(
      this.fields.map((field) => [field.name, absentValue(field)]),
    );
    return this.#template;
  }
}

export type AnyMessageType = MessageType<unknown>;

const EMPTY_LIST: readonly never[] = Object.freeze([]);
const EMPTY_MAP: ReadonlyMap<never, never> = new Map<never, never>();

function absentValue(field: Field): FieldValue {
  if (field.rule === 'texts' || field.rule === 'blobs') return EMPTY_BYTE_LIST;
  if (field.rule === 'map') return EMPTY_MAP;
  if (field.rule === 'list') return newNumberList(field.kind, 0) ?? EMPTY_LIST;
  if (field.kind === 'message') return null;
  return field.rule === 'optional' ? undefined : defaultOf(field.kind);
}

export function defaultOf(kind: ScalarKind): FieldValue {
  switch (kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'bytes':
      return EMPTY_BYTE_LIST.bytes;
    case 'int64':
    case 'uint64':
      return 0n;
    default:
      return 0;
  }
}

/** `length` zeros of a kind of number or bool; null for the other kinds. */
export function newNumberList(kind: FieldKind, length: number): NumberList | null {
  switch (kind) {
    case 'int32':
      return new Int32Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint64':
      return new BigUint64Array(length);
    case 'bool':
      return new Uint8Array(length);
    case 'float':
      return new Float32Array(length);
    case 'double':
      return new Float64Array(length);
    default:
      return null;
  }
}

export function messageOf({ name, message }: Field): AnyMessageType {
  return must(message, `field ${name} has a message`);
}

export function wireTypeOf(kind: FieldKind): number {
  switch (kind) {
    case 'float':
      return WireType.Fixed32;
    case 'double':
      return WireType.Fixed64;
    case 'string':
    case 'bytes':
    case 'message':
      return WireType.Bytes;
    default:
      return WireType.Varint;
  }
}
