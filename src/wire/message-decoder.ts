/** Bytes of a message -> the plain object that message-type.ts says. */
import { assert, must } from '../base/assert.ts';
import { MalformedBytes } from '../base/bytes.ts';
import { ByteListBuilder } from './byte-lists.ts';
import {
  type AnyMessageType,
  defaultOf,
  type Field,
  type FieldKind,
  type FieldValue,
  messageOf,
  type MessageType,
  type MessageValue,
  newNumberList,
  type NumberList,
  type ScalarKind,
  wireTypeOf,
} from './message-type.ts';
import { WireReader, WireType } from './wire-reader.ts';

/** Messages inside messages, deep enough for any that Milvus has. */
const DEPTH_MAX = 64;

/**
 * @param bytes a whole message; values of bytes are views of it
 * @throws MalformedBytes
 */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
  return decodeFields(type, new WireReader(bytes), DEPTH_MAX) as T;
}

/** What of a message was met in pieces, by field. */
interface Growing {
  readonly lists: Map<Field, FieldValue[]>;
  readonly numbers: Map<Field, NumberList[]>;
  readonly byteLists: Map<Field, ByteListBuilder>;
}

function decodeFields(type: AnyMessageType, reader: WireReader, depth: number): MessageValue {
  if (depth === 0) throw new MalformedBytes(`messages nest deeper than ${DEPTH_MAX}`);
  reader.countPart();
  const message: MessageValue = { ...type.template() };
  let growing: Growing | null = null;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const wireType = tag & 7;
    const field = type.field(tag >>> 3);
    if (field === undefined) {
      if (tag < 8) throw new MalformedBytes('field number 0');
      reader.skip(wireType);
      continue;
    }
    if (field.rule === 'single' || field.rule === 'optional') {
      message[field.name] = readSingle(field, wireType, { reader, depth, message });
      continue;
    }
    growing ??= { lists: new Map(), numbers: new Map(), byteLists: new Map() };
    readRepeated(field, wireType, { reader, depth, growing });
  }
  if (growing !== null) settle(message, growing);
  return message;
}

function readSingle(
  field: Field,
  wireType: number,
  { reader, depth, message }: { reader: WireReader; depth: number; message: MessageValue },
): FieldValue {
  checkWireType(field, field.kind, wireType);
  if (field.kind !== 'message') return readScalar(field.kind, reader);
  const value = reader.inside(() => decodeFields(messageOf(field), reader, depth - 1));
  const earlier = message[field.name] as MessageValue | null;
  // A message that comes twice is one whose later fields win.
  return earlier === null ? value : mergeMessages(messageOf(field), earlier, value);
}

function mergeMessages(
  type: AnyMessageType,
  earlier: MessageValue,
  later: MessageValue,
): MessageValue {
  const merged = { ...earlier };
  const template = type.template();
  for (const { name } of type.fields) {
    if (later[name] !== template[name]) merged[name] = later[name];
  }
  return merged;
}

function readRepeated(
  field: Field,
  wireType: number,
  { reader, depth, growing }: { reader: WireReader; depth: number; growing: Growing },
): void {
  if (field.rule === 'map') {
    checkWireType(field, 'message', wireType);
    push(
      growing.lists,
      field,
      reader.inside(() => readEntry(field, reader, depth - 1)),
    );
    return;
  }
  if (field.rule === 'texts' || field.rule === 'blobs') {
    checkWireType(field, field.kind, wireType);
    const list = growing.byteLists.get(field) ?? new ByteListBuilder(reader);
    growing.byteLists.set(field, list);
    list.add();
    return;
  }
  if (newNumberList(field.kind, 0) !== null) {
    push(growing.numbers, field, readNumbers(field, wireType, reader));
    return;
  }
  checkWireType(field, field.kind, wireType);
  const value =
    field.kind === 'message'
      ? reader.inside(() => decodeFields(messageOf(field), reader, depth - 1))
      : readScalar(field.kind, reader);
  push(growing.lists, field, value);
}

function push<T>(lists: Map<Field, T[]>, field: Field, value: T): void {
  const list = lists.get(field);
  if (list === undefined) lists.set(field, [value]);
  else list.push(value);
}

function settle(message: MessageValue, { lists, numbers, byteLists }: Growing): void {
  for (const [field, values] of lists) {
    message[field.name] =
      field.rule === 'map' ? new Map(values as (readonly [unknown, unknown])[]) : values;
  }
  for (const [field, pieces] of numbers) message[field.name] = joined(field.kind, pieces);
  for (const [field, list] of byteLists) message[field.name] = list.build(field.rule === 'texts');
}

function joined(kind: FieldKind, pieces: readonly NumberList[]): NumberList {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const values = must(newNumberList(kind, length), 'numbers are kept in a list of numbers');
  let at = 0;
  for (const piece of pieces) {
    (values as Float64Array).set(piece as Float64Array, at);
    at += piece.length;
  }
  return values;
}

function readEntry(field: Field, reader: WireReader, depth: number): readonly [unknown, unknown] {
  if (depth <= 0) throw new MalformedBytes(`messages nest deeper than ${DEPTH_MAX}`);
  reader.countPart();
  let key = defaultOf(field.keyKind);
  let value: FieldValue =
    field.kind === 'message' ? { ...messageOf(field).template() } : defaultOf(field.kind);
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const wireType = tag & 7;
    if (tag >>> 3 === 1) {
      checkWireType(field, field.keyKind, wireType);
      key = readScalar(field.keyKind, reader);
    } else if (tag >>> 3 === 2) {
      checkWireType(field, field.kind, wireType);
      value =
        field.kind === 'message'
          ? reader.inside(() => decodeFields(messageOf(field), reader, depth))
          : readScalar(field.kind, reader);
    } else reader.skip(wireType);
  }
  return [key, value];
}

function checkWireType(field: Field, kind: FieldKind, wireType: number): void {
  if (wireType === wireTypeOf(kind)) return;
  throw new MalformedBytes(`field ${field.name} has wire type ${wireType}`);
}

function readScalar(kind: ScalarKind, reader: WireReader): FieldValue {
  switch (kind) {
    case 'int32':
      return reader.int32();
    case 'uint32':
      return reader.uint32();
    case 'int64':
      return reader.int64();
    case 'uint64':
      return reader.uint64();
    case 'bool':
      return reader.bool();
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'string':
      return reader.string();
    default:
      return reader.bytes();
  }
}

/** One value of a repeated number, or a packed run of them. */
function readNumbers(field: Field, wireType: number, reader: WireReader): NumberList {
  const { kind } = field;
  assert(kind !== 'message', 'numbers are no messages');
  if (wireType !== WireType.Bytes) {
    checkWireType(field, kind, wireType);
    reader.countPart();
    const one = must(newNumberList(kind, 1), 'numbers are kept in a list of numbers');
    const value = readScalar(kind, reader);
    one[0] = (kind === 'bool' ? Number(value) : value) as never;
    return one;
  }
  if (kind === 'float') return new Float32Array(reader.packedFixed(4));
  if (kind === 'double') return new Float64Array(reader.packedFixed(8));
  return reader.inside(() => readVarints(kind, reader));
}

function readVarints(kind: ScalarKind, reader: WireReader): NumberList {
  const count = reader.countVarints();
  const values = must(newNumberList(kind, count), 'numbers are kept in a list of numbers');
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    reader.varintWords(new Int32Array(values.buffer, values.byteOffset, count * 2));
  } else if (kind === 'bool') {
    for (let i = 0; i < count; i++) values[i] = reader.bool() ? 1 : 0;
  } else {
    for (let i = 0; i < count; i++) values[i] = reader.uint32();
  }
  return values;
}
