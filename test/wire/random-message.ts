/** Random messages of any type, from its table. */
import fc from 'fast-check';
import { byteListOf } from '../../src/wire/byte-lists.ts';
import {
  type AnyMessageType,
  type Field,
  type FieldKind,
  messageOf,
  type MessageValue,
} from '../../src/wire/message-type.ts';

const DEPTH = 3;

export function randomMessage(type: AnyMessageType, depth = DEPTH): fc.Arbitrary<MessageValue> {
  const fields = type.fields.filter(({ kind }) => kind !== 'message' || depth > 0);
  const model = Object.fromEntries(fields.map((field) => [field.name, ofField(field, depth)]));
  return fc.record(model, { requiredKeys: [] });
}

function ofField(field: Field, depth: number): fc.Arbitrary<unknown> {
  const short = { maxLength: 3 };
  switch (field.rule) {
    case 'texts':
    case 'blobs':
      return fc.array(fc.string({ unit: 'binary' }), short).map(byteListOf);
    case 'map':
      return fc
        .array(
          fc.tuple(ofKind(field, field.keyKind, depth), ofKind(field, field.kind, depth)),
          short,
        )
        .map((entries) => new Map(entries));
    case 'list':
      return listOf(field, depth);
    default:
      return ofKind(field, field.kind, depth);
  }
}

function listOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  const short = { maxLength: 3 };
  switch (field.kind) {
    case 'int32':
      return fc.int32Array(short);
    case 'uint32':
      return fc.uint32Array(short);
    case 'int64':
      return fc.bigInt64Array(short);
    case 'uint64':
      return fc.bigUint64Array(short);
    case 'float':
      return fc.float32Array({ ...short, noNaN: true });
    case 'double':
      return fc.float64Array({ ...short, noNaN: true });
    case 'bool':
      return fc.array(fc.nat(1), short).map((bits) => Uint8Array.from(bits));
    default:
      return fc.array(ofKind(field, field.kind, depth), short);
  }
}

function ofKind(field: Field, kind: FieldKind, depth: number): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.nat();
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'bool':
      return fc.boolean();
    case 'float':
      return fc.float({ noNaN: true });
    case 'double':
      return fc.double({ noNaN: true });
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 40 });
    case 'bytes':
      return fc.uint8Array({ maxLength: 40 });
    default:
      return randomMessage(messageOf(field), depth - 1);
  }
}

/** What of a message differs from nothing, with bytes and lists as plain arrays. */
export function essence(type: AnyMessageType, value: MessageValue): unknown {
  const parts: [string, unknown][] = [];
  for (const field of type.fields) {
    const part = value[field.name];
    if (part === undefined || part === null) continue;
    const plain = essenceOf(field, part);
    const isDefault = field.rule === 'single' && JSON.stringify(plain) === DEFAULTS[field.kind];
    const isNothing = Array.isArray(plain) && plain.length === 0 && field.rule !== 'optional';
    if (!isDefault && !isNothing) parts.push([field.name, plain]);
  }
  return Object.fromEntries(parts);
}

const DEFAULTS: Readonly<Partial<Record<FieldKind, string>>> = {
  int32: '0',
  uint32: '0',
  int64: '"0"',
  uint64: '"0"',
  bool: 'false',
  float: '0',
  double: '0',
  string: '""',
  bytes: '[]',
};

function essenceOf(field: Field, part: unknown): unknown {
  switch (field.rule) {
    case 'map':
      return [...(part as Map<unknown, unknown>)]
        .map(([key, value]) => [scalar(key), single(field, value)])
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    case 'texts':
    case 'blobs': {
      const { offsets, bytes } = part as { offsets: Uint32Array; bytes: Uint8Array };
      return Array.from({ length: offsets.length - 1 }, (_, i) =>
        Array.from(bytes.subarray(offsets[i], offsets[i + 1])),
      );
    }
    case 'list':
      return Array.from(part as ArrayLike<unknown>, (one) => single(field, one));
    default:
      return single(field, part);
  }
}

function single(field: Field, value: unknown): unknown {
  return field.kind === 'message'
    ? essence(messageOf(field), value as MessageValue)
    : scalar(value, field.kind === 'bool');
}

function scalar(value: unknown, isBool = false): unknown {
  if (typeof value === 'bigint') return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Object.is(value, -0)) return '-0';
  return isBool ? value === true || value === 1 : value;
}
