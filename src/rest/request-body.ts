/**
 * The members of a request, each of the type that it should have. What is absent or null has its default; what
 * has another type is refused with its name. As in Milvus, whose parser is Go's, a name in other cases will do
 * where the exact one is absent: clients write `jobID` and `jobId`. Keys of rows are not read here.
 */
import { isObject, type JsonObject } from '../imports/given-rows.ts';
import { missingParameter, restError } from './rest-errors.ts';

/** Milvus reads limits and offsets as int32. */
const INT32_MAX = 2 ** 31 - 1;
/** No request has as many members by itself; of what has more, names are exact. */
const FOLDED_MEMBERS_MAX = 256;

export class RequestBody {
  readonly #object: JsonObject;
  #folded: ReadonlyMap<string, unknown> | null = null;

  constructor(object: JsonObject) {
    this.#object = object;
  }

  /** Whatever it is; undefined when absent. */
  value(name: string): unknown {
    if (Object.hasOwn(this.#object, name)) return this.#object[name];
    this.#folded ??= foldedMembers(this.#object);
    return this.#folded.get(name.toLowerCase());
  }

  has(name: string): boolean {
    return (this.value(name) ?? null) !== null;
  }

  text(name: string, fallback = ''): string {
    const value = this.value(name) ?? fallback;
    if (typeof value === 'string') return value;
    throw wrongType(name, 'a string');
  }

  /** An empty text counts as absent. */
  filledText(name: string, fallback: string): string {
    const text = this.text(name);
    return text === '' ? fallback : text;
  }

  /** @throws MilvusError RestParameterMissing also when it is empty */
  requiredText(name: string): string {
    const text = this.text(name);
    if (text === '') throw missingParameter(name);
    return text;
  }

  texts(name: string, fallback: readonly string[] = []): readonly string[] {
    const value = this.value(name) ?? fallback;
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    throw wrongType(name, 'a list of strings');
  }

  requiredTexts(name: string): readonly string[] {
    if (!this.has(name)) throw missingParameter(name);
    return this.texts(name);
  }

  integer(name: string, fallback = 0): number {
    const value = this.value(name) ?? fallback;
    if (Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX) return value as number;
    throw wrongType(name, 'an integer of 32 bits');
  }

  /** Of 64 bits; text too. */
  long(name: string): bigint {
    const value = this.value(name) ?? 0;
    if (typeof value === 'bigint') return value;
    if (Number.isSafeInteger(value)) return BigInt(value as number);
    if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) {
      const integer = BigInt(value);
      if (BigInt.asIntN(64, integer) === integer) return integer;
    }
    throw wrongType(name, 'an integer of 64 bits');
  }

  boolean(name: string, fallback = false): boolean {
    const value = this.value(name) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw wrongType(name, 'true or false');
  }

  /** Empty when absent. */
  object(name: string): JsonObject {
    const value = this.value(name) ?? {};
    if (isObject(value)) return value;
    throw wrongType(name, 'an object');
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name) ?? [];
    if (Array.isArray(value)) return value;
    throw wrongType(name, 'a list');
  }

  /** The objects of a list. */
  bodies(name: string): readonly RequestBody[] {
    return this.list(name).map((each) => {
      if (isObject(each)) return new RequestBody(each);
      throw wrongType(name, 'a list of objects');
    });
  }

  /** An object inside; empty when absent. */
  body(name: string): RequestBody {
    return new RequestBody(this.object(name));
  }
}

/** By names in lower case; of several the last one counts. */
function foldedMembers(object: JsonObject): ReadonlyMap<string, unknown> {
  const members = Object.entries(object);
  if (members.length > FOLDED_MEMBERS_MAX) return new Map();
  return new Map(members.map(([name, value]) => [name.toLowerCase(), value]));
}

function wrongType(name: string, expected: string): Error {
  return restError('JsonFormatRequired', `${name} should be ${expected}`);
}
