/**
 * Reads JSON that this package wrote: every name must be there, no other may be, every value is of its type.
 * Anything else is MalformedBytes with the path of the value.
 */
import { MalformedBytes } from '../base/bytes.ts';

/** A value and where it stands in the document. */
export class JsonValue {
  readonly #value: unknown;
  readonly #path: string;

  private constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  /** @throws MalformedBytes when `text` is not JSON */
  static parse(text: string): JsonValue {
    try {
      return new JsonValue(JSON.parse(text), '$');
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
    const wanted = new Map(names.map((name) => [name.replace('?', ''), name.endsWith('?')]));
    for (const name of Object.keys(value)) {
      if (!wanted.has(name)) throw new MalformedBytes(`${this.#path}.${name} is not known`);
    }
    const members = new Map<string, JsonValue>();
    for (const [name, isOptional] of wanted) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) members.set(name, new JsonValue(member, `${this.#path}.${name}`));
      else if (!isOptional) throw new MalformedBytes(`${this.#path}.${name} is missing`);
    }
    return members as unknown as JsonObject<Name>;
  }

  list(): JsonValue[] {
    if (!Array.isArray(this.#value)) throw this.#wrong('a list');
    return this.#value.map((item, i) => new JsonValue(item, `${this.#path}[${i}]`));
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

  #wrong(expected: string): MalformedBytes {
    return new MalformedBytes(`${this.#path} is not ${expected}`);
  }
}

/** Members by name; an optional one may be undefined. */
export interface JsonObject<Name extends string> {
  get(name: Exclude<Name, `${string}?`>): JsonValue;
  get(name: Name extends `${infer Optional}?` ? Optional : never): JsonValue | undefined;
}
