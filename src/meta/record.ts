/**
 * A value in the MetaStore: plain data with its own checksum and version.
 *
 *   0  u8   format version (RECORD_VERSION)
 *   1  u8 x 3  zero
 *   4  u32  CRC-32 of the key (UTF-8), of bytes [0, 4) and of the body: a value under a key it was
 *           not written for is noticed like a damaged one
 *   8  ...  body: JSON in UTF-8
 *
 * JSON holds null, booleans, strings, arrays and plain objects as they are, finite numbers likewise.
 * What it cannot hold is an object with one key: `{"$int": "123"}` is a bigint and
 * `{"$float": "NaN"}` one of NaN, Infinity, -Infinity and -0. A key that itself starts with `$` is
 * written with one more `$`. Members that are undefined are left out.
 */
import { assert } from '../base/assert.ts';
import { crc32 } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';
import { META_VALUE_BYTES_MAX } from '../base/limits.ts';

/** Plain data; members that are undefined count as absent. */
export type RecordValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly RecordValue[]
  | { readonly [member: string]: RecordValue | undefined };

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

const RECORD_VERSION = 1;
const HEADER_BYTES = 8;
const FLOATS: Readonly<Record<string, number>> = Object.freeze({
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
});
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * @param value plain data of one of our record types
 * @throws MilvusError ParameterTooLarge when it takes more than META_VALUE_BYTES_MAX bytes
 */
export function encodeRecord(key: string, value: unknown): Uint8Array {
  const body = utf8Encoder.encode(JSON.stringify(toJson(value)));
  const byteLength = HEADER_BYTES + body.length;
  if (byteLength > META_VALUE_BYTES_MAX) {
    throw milvusError('ParameterTooLarge', {
      message: 'metadata is too large to store',
      fields: { key, bytes: byteLength, max: META_VALUE_BYTES_MAX },
    });
  }
  const bytes = new Uint8Array(byteLength);
  bytes[0] = RECORD_VERSION;
  bytes.set(body, HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(4, checksumOf(key, bytes), true);
  return bytes;
}

/**
 * @throws MilvusError DataIntegrity when the checksum does not fit key and bytes, FormatNotSupported
 *         when a newer version wrote it
 */
export function decodeRecord(key: string, bytes: Uint8Array): RecordValue {
  if (bytes.length < HEADER_BYTES) throw damaged(key, `${bytes.length} bytes are too few`);
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  if (stored !== checksumOf(key, bytes)) throw damaged(key, 'checksum does not match');
  const version = bytes[0];
  if (version !== RECORD_VERSION) {
    throw milvusError('FormatNotSupported', {
      fields: { key, version: version ?? 0, supported: RECORD_VERSION },
    });
  }
  try {
    return fromJson(JSON.parse(utf8Decoder.decode(bytes.subarray(HEADER_BYTES))) as Json);
  } catch (cause) {
    throw damaged(key, 'not a record', cause);
  }
}

/** Whether two pieces of plain data are the same; the order of members does not matter. */
export function sameRecord(a: unknown, b: unknown): boolean {
  return canonical(toJson(a)) === canonical(toJson(b));
}

/** The error for a value that was read whole and says something impossible. */
export function damaged(key: string, message: string, cause?: unknown): Error {
  return milvusError('DataIntegrity', { message: `metadata: ${message}`, fields: { key } }, cause);
}

function checksumOf(key: string, bytes: Uint8Array): number {
  const head = crc32(bytes.subarray(0, 4), crc32(utf8Encoder.encode(key)));
  return crc32(bytes.subarray(HEADER_BYTES), head);
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { $int: value.toString() };
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $float: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Array.isArray(value)) return value.map(toJson);
  assert(typeof value === 'object', 'a record is plain data');
  const members: { [member: string]: Json } = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) setMember(members, escapeMember(name), toJson(member));
  }
  return members;
}

function fromJson(json: Json): RecordValue {
  if (Array.isArray(json)) return json.map(fromJson);
  if (json === null || typeof json !== 'object') return json;
  const { $int: int, $float: float } = json;
  if (typeof int === 'string') return BigInt(int);
  if (typeof float === 'string') {
    const value = FLOATS[float];
    assert(value !== undefined, 'a float outside JSON is one of four');
    return value;
  }
  const members: { [member: string]: RecordValue } = {};
  for (const name of Object.keys(json)) {
    setMember(members, unescapeMember(name), fromJson(json[name] as Json));
  }
  return members;
}

/** As a member of its own, whatever the name. */
function setMember<Value>(members: { [member: string]: Value }, name: string, value: Value): void {
  if (name !== '__proto__') members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true, writable: true });
}

function escapeMember(name: string): string {
  return name.startsWith('$') ? `$${name}` : name;
}

function unescapeMember(name: string): string {
  return name.startsWith('$$') ? name.slice(1) : name;
}

function canonical(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(canonical).join(',')}]`;
  if (json === null || typeof json !== 'object') return JSON.stringify(json);
  const members = Object.entries(json)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
