/**
 * Reads JSON that this package wrote: every name must be there, no other may be, every value is of its type.
 * Anything else is MalformedBytes with the path of the value.
 */
import { MalformedBytes } from '../base/bytes.ts';

/** A value and where it stands in the document. */
export class JsonValue {
  readonly #value: unknown;
  readonly #parent: JsonValue | null;
  readonly #name: string | number;

  private constructor(value: unknown, parent: JsonValue | null, name: string | number) {
    this.#value = value;
    this.#parent = parent;
    this.#name = name;
  }

  /** @throws MalformedBytes when `text` is not JSON */
  static parse(text: string): JsonValue {
    try {
      return new JsonValue(JSON.parse(text), null, '$');
    } catch (cause) {
      throw new MalformedBytes('not JSON', { cause });
    }
  }

  /** The members of an object; exactly `names`, those that end in '?' may be absent. */
  object<Name extends string>(...names: readonly Name[]): JsonObject<Name> {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong('an object');
    }
    const members = new Map<string, JsonValue>();
    let missing: string | null = null;
    for (const wanted of names) {
      const isOptional = wanted.endsWith('?');
      const name = isOptional ? wanted.slice(0, -1) : wanted;
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) members.set(name, new JsonValue(member, this, name));
      else if (!isOptional) missing ??= name;
    }
    for (const name of Object.keys(value)) {
      if (!members.has(name)) throw new MalformedBytes(`${this.#path}.${name} is not known`);
    }
    if (missing !== null) throw new MalformedBytes(`${this.#path}.${missing} is missing`);
    return members as unknown as JsonObject<Name>;
  }

  list(): JsonValue[] {
    if (!Array.isArray(this.#value)) throw this.#wrong('a list');
    return this.#value.map((item, i) => new JsonValue(item, this, i));
  }

  /** An integer from 0 to 2^53 - 1. */
  count(): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw this.#wrong('a count');
    }
    return value;
  }

  number(): number {
    if (typeof this.#value !== 'number') throw this.#wrong('a number');
    return this.#value;
  }

  text(): string {
    if (typeof this.#value !== 'string') throw this.#wrong('a text');
    return this.#value;
  }

  /** An int64 in decimal. */
  big(): bigint {
    const text = this.text();
    if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) throw this.#wrong('an integer in decimal');
    const value = BigInt(text);
    if (BigInt.asIntN(64, value) !== value) throw this.#wrong('an int64');
    return value;
  }

  /** One of `values`. */
  oneOf<Value extends string | number>(values: readonly Value[]): Value {
    const found = values.find((value) => value === this.#value);
    if (found === undefined) throw this.#wrong(`one of ${values.join(', ')}`);
    return found;
  }

  isNull(): boolean {
    return this.#value === null;
  }

  isText(): boolean {
    return typeof this.#value === 'string';
  }

  isNumber(): boolean {
    return typeof this.#value === 'number';
  }

  get #path(): string {
    const parent = this.#parent;
    if (parent === null) return String(this.#name);
    const name = this.#name;
    return typeof name === 'number' ? `${parent.#path}[${name}]` : `${parent.#path}.${name}`;
  }

  #wrong(expected: string): MalformedBytes {
    return new MalformedBytes(`${this.#path} is not ${expected}`);
  }
}

/** Members by name; an optional one may be undefined. */
export interface JsonObject<Name extends string> {
  get(name: Exclude<Name, `${string}?`>): JsonValue;
  get(name: Name extends `${infer Optional}?` ? Optional : never): JsonValue | undefined;
}
