/** The members of a decoded record, each checked as it is taken; what does not fit is DataIntegrity. */
import { must } from '../base/assert.ts';
import { damaged, decodeRecord, type RecordValue } from './record.ts';

export class RecordFields {
  readonly key: string;
  readonly #members: Readonly<Record<string, RecordValue | undefined>>;

  constructor(key: string, value: RecordValue) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw damaged(key, 'an object was expected');
    }
    this.key = key;
    this.#members = value as Readonly<Record<string, RecordValue | undefined>>;
  }

  /** Any member, for whoever knows its form; absent is an error. */
  value(name: string): RecordValue {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
    if (value === undefined) throw damaged(this.key, `"${name}" is missing`);
    return value;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'text');
    return value;
  }

  /** A safe integer from 0 on. */
  integer(name: string): number {
    const value = this.value(name);
    if (!isInteger(value)) throw this.#wrong(name, 'a non-negative integer');
    return value;
  }

  big(name: string): bigint {
    const value = this.value(name);
    if (typeof value !== 'bigint') throw this.#wrong(name, 'a bigint');
    return value;
  }

  object(name: string): RecordFields {
    return new RecordFields(this.key, this.value(name));
  }

  /** A list of objects, each read by `read`. */
  objects<T>(name: string, read: (fields: RecordFields) => T): readonly T[] {
    return Object.freeze(this.nullableObjects(name, read).map((one) => must(one, name)));
  }

  /** As `objects`, some of which may be null. */
  nullableObjects<T>(name: string, read: (fields: RecordFields) => T): ReadonlyArray<T | null> {
    const value = this.value(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    const items = value as readonly RecordValue[];
    return Object.freeze(
      items.map((item) =>
        item === null ? null : Object.freeze(read(new RecordFields(this.key, item))),
      ),
    );
  }

  integers(name: string): number[] {
    const value = this.value(name);
    if (!Array.isArray(value) || !value.every(isInteger)) {
      throw this.#wrong(name, 'a list of non-negative integers');
    }
    return value;
  }

  texts(name: string): string[] {
    const value = this.value(name);
    if (!Array.isArray(value) || !value.every(isText)) throw this.#wrong(name, 'a list of texts');
    return value;
  }

  /** An object whose members are all text. */
  textMap(name: string): Readonly<Record<string, string>> {
    const value = this.value(name);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw this.#wrong(name, 'an object');
    }
    if (!Object.values(value).every(isText)) throw this.#wrong(name, 'an object of texts');
    return Object.freeze(value as Record<string, string>);
  }

  /** One of `allowed`. */
  choice<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.value(name);
    const found = allowed.find((choice) => choice === value);
    if (found === undefined) throw this.#wrong(name, `one of ${allowed.join(', ')}`);
    return found;
  }

  #wrong(name: string, expected: string): Error {
    return damaged(this.key, `"${name}" is not ${expected}`);
  }
}

/** The members of the record that `bytes` hold. */
export function decodeFields(key: string, bytes: Uint8Array): RecordFields {
  return new RecordFields(key, decodeRecord(key, bytes));
}

function isInteger(value: RecordValue): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
