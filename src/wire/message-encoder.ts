/**
 * A plain object -> bytes of its message, in two walks over the same fields: the first measures, and notes the
 * length of every part inside in the order in which it meets them; the second writes, and takes them in turn.
 */
import { must, unreachable } from '../base/assert.ts';
import type { ByteList } from './byte-lists.ts';
import {
  type AnyMessageType,
  defaultOf,
  type Field,
  type FieldKind,
  type FieldValue,
  type Init,
  messageOf,
  type MessageType,
  type MessageValue,
  type NumberList,
  wireTypeOf,
} from './message-type.ts';
import { WireType } from './wire-reader.ts';
import { int32Length, varint64Length, varintLength, WireWriter } from './wire-writer.ts';

export function encodeMessage<T>(type: MessageType<T>, value: Init<T>): Uint8Array {
  const sizes: number[] = [];
  const byteLength = measureFields(type, value as MessageValue, sizes);
  const writer = new WireWriter(byteLength);
  writeFields(type, value as MessageValue, { writer, sizes, next: 0 });
  return writer.finish();
}

interface Writing {
  readonly writer: WireWriter;
  readonly sizes: readonly number[];
  /** Of `sizes`. */
  next: number;
}

type Entry = readonly [FieldValue, FieldValue];

/** Bytes of the tags of the two fields of an entry of a map. */
const ENTRY_TAGS = 2;

function tagOf({ number }: Field, wireType: number): number {
  return (number << 3) | wireType;
}

function tagLength({ number }: Field): number {
  return varintLength(number << 3);
}

// ── Measuring ──────────────────────────────────────────────────────────────────────────────────────

function measureFields(type: AnyMessageType, message: MessageValue, sizes: number[]): number {
  let total = 0;
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    total += measureField(field, value, sizes);
  }
  return total;
}

function measureField(field: Field, value: FieldValue, sizes: number[]): number {
  switch (field.rule) {
    case 'single':
    case 'optional': {
      if (field.rule === 'single' && isDefault(field.kind, value)) return 0;
      return tagLength(field) + measureValue(field, field.kind, value, sizes);
    }
    case 'list':
      return ArrayBuffer.isView(value)
        ? measureNumbers(field, value as NumberList, sizes)
        : measureList(field, value as readonly FieldValue[], sizes);
    case 'texts':
    case 'blobs':
      return measureByteList(field, value as ByteList);
    case 'map': {
      let total = 0;
      for (const entry of value as ReadonlyMap<FieldValue, FieldValue>) {
        total += tagLength(field) + withLength(sizes, () => measureEntry(field, entry, sizes));
      }
      return total;
    }
    default:
      return unreachable(field.rule);
  }
}

function measureList(field: Field, values: readonly FieldValue[], sizes: number[]): number {
  let total = values.length * tagLength(field);
  for (const value of values) total += measureValue(field, field.kind, value, sizes);
  return total;
}

function measureByteList(field: Field, { offsets }: ByteList): number {
  const count = offsets.length - 1;
  let total = count * tagLength(field) + offsets[count]! - offsets[0]!;
  for (let i = 0; i < count; i++) total += varintLength(offsets[i + 1]! - offsets[i]!);
  return total;
}

function measureNumbers(field: Field, values: NumberList, sizes: number[]): number {
  if (values.length === 0) return 0;
  return tagLength(field) + withLength(sizes, () => packedLength(field.kind, values));
}

function packedLength(kind: FieldKind, values: NumberList): number {
  if (kind === 'float' || kind === 'double') return values.byteLength;
  if (kind === 'bool') return values.length;
  let total = 0;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (const value of values) total += varint64Length(value);
  } else for (const value of values) total += int32Length(value);
  return total;
}

function measureEntry(field: Field, [key, value]: Entry, sizes: number[]): number {
  return (
    ENTRY_TAGS +
    measureValue(field, field.keyKind, key, sizes) +
    measureValue(field, field.kind, value, sizes)
  );
}

/** Notes what `measure` finds, in its place before what it notes itself. */
function withLength(sizes: number[], measure: () => number): number {
  const place = sizes.length;
  sizes.push(0);
  const byteLength = measure();
  sizes[place] = byteLength;
  return varintLength(byteLength) + byteLength;
}

function measureValue(field: Field, kind: FieldKind, value: FieldValue, sizes: number[]): number {
  switch (kind) {
    case 'message':
      return withLength(sizes, () => measureFields(messageOf(field), value as MessageValue, sizes));
    case 'string':
      return withLength(sizes, () => Buffer.byteLength(value as string));
    case 'bytes': {
      const { length } = value as Uint8Array;
      return varintLength(length) + length;
    }
    case 'int64':
    case 'uint64':
      return varint64Length(value as bigint);
    case 'int32':
    case 'uint32':
      return int32Length(value as number);
    case 'bool':
      return 1;
    case 'float':
      return 4;
    case 'double':
      return 8;
    default:
      return unreachable(kind);
  }
}

function isDefault(kind: FieldKind, value: FieldValue): boolean {
  if (kind === 'message') return false;
  if (kind === 'bytes') return (value as Uint8Array).length === 0;
  // Minus zero is not the default.
  return Object.is(value, defaultOf(kind));
}

// ── Writing ────────────────────────────────────────────────────────────────────────────────────────

function writeFields(type: AnyMessageType, message: MessageValue, writing: Writing): void {
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    writeField(field, value, writing);
  }
}

function writeField(field: Field, value: FieldValue, writing: Writing): void {
  switch (field.rule) {
    case 'single':
    case 'optional':
      if (field.rule === 'single' && isDefault(field.kind, value)) return;
      writing.writer.varint(tagOf(field, wireTypeOf(field.kind)));
      writeValue(field, field.kind, value, writing);
      return;
    case 'list':
      if (ArrayBuffer.isView(value)) writeNumbers(field, value as NumberList, writing);
      else writeList(field, value as readonly FieldValue[], writing);
      return;
    case 'texts':
    case 'blobs':
      writeByteList(field, value as ByteList, writing.writer);
      return;
    case 'map':
      for (const entry of value as ReadonlyMap<FieldValue, FieldValue>) {
        writeEntry(field, entry, writing);
      }
      return;
    default:
      unreachable(field.rule);
  }
}

function writeList(field: Field, values: readonly FieldValue[], writing: Writing): void {
  const tag = tagOf(field, wireTypeOf(field.kind));
  for (const value of values) {
    writing.writer.varint(tag);
    writeValue(field, field.kind, value, writing);
  }
}

function writeByteList(field: Field, { offsets, bytes }: ByteList, writer: WireWriter): void {
  const tag = tagOf(field, WireType.Bytes);
  for (let i = 0; i + 1 < offsets.length; i++) {
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    writer.varint(tag);
    writer.varint(end - start);
    writer.raw(bytes.subarray(start, end));
  }
}

function writeNumbers(field: Field, values: NumberList, writing: Writing): void {
  if (values.length === 0) return;
  const { writer } = writing;
  writer.varint(tagOf(field, WireType.Bytes));
  writer.varint(takeSize(writing));
  if (values instanceof Float32Array || values instanceof Float64Array) {
    writer.raw(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (const value of values) writer.varint64(value);
  } else if (field.kind === 'bool') writer.raw(values as Uint8Array);
  else for (const value of values) writer.int32(value);
}

function writeEntry(field: Field, [key, value]: Entry, writing: Writing): void {
  const { writer } = writing;
  writer.varint(tagOf(field, WireType.Bytes));
  writer.varint(takeSize(writing));
  writer.varint((1 << 3) | wireTypeOf(field.keyKind));
  writeValue(field, field.keyKind, key, writing);
  writer.varint((2 << 3) | wireTypeOf(field.kind));
  writeValue(field, field.kind, value, writing);
}

function writeValue(field: Field, kind: FieldKind, value: FieldValue, writing: Writing): void {
  const { writer } = writing;
  switch (kind) {
    case 'message':
      writer.varint(takeSize(writing));
      writeFields(messageOf(field), value as MessageValue, writing);
      return;
    case 'string': {
      const byteLength = takeSize(writing);
      writer.varint(byteLength);
      writer.text(value as string, byteLength);
      return;
    }
    case 'bytes':
      writer.varint((value as Uint8Array).length);
      writer.raw(value as Uint8Array);
      return;
    case 'int64':
    case 'uint64':
      writer.varint64(value as bigint);
      return;
    case 'int32':
    case 'uint32':
      writer.int32(value as number);
      return;
    case 'bool':
      writer.varint(value === true ? 1 : 0);
      return;
    case 'float':
      writer.float(value as number);
      return;
    case 'double':
      writer.double(value as number);
      return;
    default:
      unreachable(kind);
  }
}

function takeSize(writing: Writing): number {
  const size = must(writing.sizes[writing.next], 'what is written was measured');
  writing.next += 1;
  return size;
}
