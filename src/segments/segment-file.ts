/**
 * Columns of a sealed segment as one Arrow IPC file with one record batch, uncompressed, that any Arrow
 * program reads. Arrow writes the metadata; the body is streamed from memory that is there already.
 *
 *   "ARROW1" 0 0
 *   schema message      its metadata holds spaces, so many that the body begins at a multiple of 4,096
 *   record batch message
 *   body                buffers in the order of column-buffers.ts, each from a multiple of 64 on
 *   end of stream, footer, u32 length of the footer, "ARROW1"
 *
 *   Bool · Int8 … Int64 · Float, Double    Bool · Int · FloatingPoint
 *   Timestamptz                            Timestamp[us, UTC]
 *   VarChar, Text · JSON                   Utf8 · Utf8, extension arrow.json
 *   Geometry                               Binary (WKB), extension geoarrow.wkb
 *   Array · ArrayOfVector                  List of the element's type
 *   FloatVector, Float16Vector, Int8Vector FixedSizeList[dim] of float32, float16, int8
 *   BinaryVector · BFloat16Vector          FixedSizeBinary[dim / 8] · FixedSizeBinary[2 dim]
 *   SparseFloatVector                      List of Struct { index: uint32, value: float32 }
 *
 * Field metadata say what it is in the collection: milvus.field_id, milvus.data_type.
 * Reading needs no Arrow: the descriptor keeps the place of every buffer.
 */
import type { DataType as ArrowType } from 'apache-arrow/type';
import type { Schema } from 'apache-arrow/schema';
import { assert, must } from '../base/assert.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { type ColumnShape, elementShape } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { CheckedWriter } from './checked-writer.ts';
import {
  BufferCutter,
  bufferByteLength,
  type BufferKind,
  bufferKinds,
  bytesOf,
  type ColumnSize,
  valueWidth,
} from './column-buffers.ts';
import type { BufferRange, ColumnDescriptor } from './descriptor.ts';
import { fieldPlace, follow, rootTable, setInt64, vectorItems } from './flatbuffer.ts';

const BODY_ALIGNMENT = 4096;
const BUFFER_ALIGNMENT = 64;
const MESSAGE_ALIGNMENT = 8;
/** Continuation mark and length. */
const MESSAGE_PREFIX_BYTES = 8;
const CONTINUATION = -1;
const MAGIC = Buffer.from('ARROW1');

/** A column on its way into a file. */
export interface FileColumn {
  readonly field: FieldSchema;
  readonly size: ColumnSize;
  /** Its rows, from the start with each call. */
  readonly pieces: () => AsyncIterable<Column>;
}

/**
 * Writes all of `columns`, which have `rowCount` rows, as one file.
 * @param fileIndex what the descriptors name as their file
 */
export async function writeArrowFile(
  writer: CheckedWriter,
  columns: readonly FileColumn[],
  fileIndex: number,
): Promise<ColumnDescriptor[]> {
  assert(writer.byteLength === 0, 'a file holds one record batch');
  const plans = planBody(columns);
  const frame = await arrowFrame(plans);
  for (const part of frame.head) await writer.write(part);
  const bodyStart = writer.byteLength;
  assert(bodyStart % BODY_ALIGNMENT === 0, 'the body is aligned');
  const descriptors: ColumnDescriptor[] = [];
  for (const plan of plans) {
    const buffers = await writeColumn(writer, plan, bodyStart);
    descriptors.push({ ...describe(plan.column), file: fileIndex, buffers });
  }
  await writer.write(frame.tail);
  return descriptors;
}

interface ColumnPlan {
  readonly column: FileColumn;
  readonly kinds: readonly BufferKind[];
  /** Ranges in the body. */
  readonly ranges: readonly BufferRange[];
}

function planBody(columns: readonly FileColumn[]): ColumnPlan[] {
  let offset = 0;
  return columns.map((column) => {
    const kinds = bufferKinds(column.field);
    const ranges = kinds.map((kind) => {
      const byteLength = bufferByteLength(column.field, kind, column.size);
      const range = { offset, byteLength };
      offset += Math.ceil(byteLength / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT;
      return range;
    });
    return { column, kinds, ranges };
  });
}

async function writeColumn(
  writer: CheckedWriter,
  plan: ColumnPlan,
  bodyStart: number,
): Promise<BufferRange[]> {
  const { kinds, ranges, column } = plan;
  const written: BufferRange[] = [];
  for (const [i, kind] of kinds.entries()) {
    const { offset, byteLength } = must(ranges[i], 'every buffer has a range');
    assert(writer.byteLength === bodyStart + offset, 'a buffer begins where the metadata say');
    if (byteLength > 0) {
      if (kind.role === 'validity') await writeValidity(writer, column.size, byteLength);
      else await writeBuffer(writer, column, kind);
    }
    assert(writer.byteLength === bodyStart + offset + byteLength, 'a buffer is as long as planned');
    await writer.align(BUFFER_ALIGNMENT);
    written.push({ offset: bodyStart + offset, byteLength });
  }
  return written;
}

async function writeValidity(
  writer: CheckedWriter,
  size: ColumnSize,
  byteLength: number,
): Promise<void> {
  const words = must(size.validity, 'a column with nulls has validity');
  await writer.write(bytesOf(words).subarray(0, byteLength));
}

async function writeBuffer(
  writer: CheckedWriter,
  column: FileColumn,
  kind: BufferKind,
): Promise<void> {
  const cutter = new BufferCutter(kind);
  for await (const piece of column.pieces()) await writer.write(cutter.cut(piece));
  await writer.write(cutter.rest());
}

function describe(column: FileColumn): Omit<ColumnDescriptor, 'file' | 'buffers'> {
  const { id: fieldId, type, elementType, dim } = column.field;
  return {
    fieldId,
    type,
    ...(elementType === undefined ? {} : { elementType }),
    ...(dim === undefined ? {} : { dim }),
    nullCount: column.size.nullCount,
  };
}

/** The bytes of a file before and behind its body. */
interface ArrowFrame {
  /** In the order in which they are written. */
  readonly head: readonly Uint8Array[];
  readonly tail: Uint8Array;
}

/** A frame for columns of these types: the numbers of other rows go into copies of it. */
interface FrameTemplate {
  /** All before the record batch. */
  readonly start: Uint8Array;
  readonly batch: Uint8Array;
  /** All behind the body. */
  readonly tail: Uint8Array;
  /** Where the numbers are, in `batch`; `blockBodyLength` in `tail`. */
  readonly places: {
    readonly bodyLength: number;
    readonly rowCount: number;
    readonly nodes: number;
    readonly buffers: number;
    readonly blockBodyLength: number;
  };
}

/** The numbers of a record batch. */
interface BatchNumbers {
  readonly rowCount: number;
  readonly bodyLength: number;
  readonly nodes: readonly ArrowNode[];
  readonly buffers: readonly BufferRange[];
}

interface ArrowNode {
  readonly length: number;
  readonly nullCount: number;
}

// Fields of Arrow's tables (Message.fbs, File.fbs) by index, and bytes of its structs.
const MESSAGE_HEADER = 2;
const MESSAGE_BODY_LENGTH = 3;
const BATCH_LENGTH = 0;
const BATCH_NODES = 1;
const BATCH_BUFFERS = 2;
const FOOTER_RECORD_BATCHES = 3;
const BLOCK_BODY_LENGTH = 16;
const NODE_BYTES = 16;
const BUFFER_BYTES = 16;

/**
 * Encoding a schema costs more than writing the rows of a small segment, and every segment of a collection
 * has the same one. By what the schema says; the oldest goes first.
 */
const templates = new Map<string, FrameTemplate>();
const TEMPLATE_COUNT_MAX = 128;

/** The parts of Arrow that write metadata; a third of the cost of loading all of it. */
async function importArrow() {
  const [messages, files, schemas, types, enums] = await Promise.all([
    import('apache-arrow/ipc/metadata/message'),
    import('apache-arrow/ipc/metadata/file'),
    import('apache-arrow/schema'),
    import('apache-arrow/type'),
    import('apache-arrow/enum'),
  ]);
  return { ...messages, ...files, ...schemas, types, enums };
}

type Arrow = Awaited<ReturnType<typeof importArrow>>;

let imported: Promise<Arrow> | null = null;

async function arrowFrame(plans: readonly ColumnPlan[]): Promise<ArrowFrame> {
  imported ??= importArrow();
  // Also when the template is there: what runs in which turn does not depend on what was written before.
  const arrow = await imported;
  const key = JSON.stringify(plans.map(schemaKey));
  let template = templates.get(key);
  if (template === undefined) {
    template = frameTemplate(arrow, plans);
    const [oldest] = templates.keys();
    if (templates.size >= TEMPLATE_COUNT_MAX && oldest !== undefined) templates.delete(oldest);
    templates.set(key, template);
  }
  return filledFrame(template, batchNumbers(plans));
}

/** All of a column that its schema says. */
function schemaKey({ column }: ColumnPlan): readonly unknown[] {
  const { id, name, type, elementType, dim } = column.field;
  return [id, name, type, elementType, dim, isNullable(column)];
}

function filledFrame(template: FrameTemplate, numbers: BatchNumbers): ArrowFrame {
  const { places } = template;
  const batch = template.batch.slice();
  const view = new DataView(batch.buffer);
  setInt64(view, places.bodyLength, numbers.bodyLength);
  setInt64(view, places.rowCount, numbers.rowCount);
  for (const [i, { length, nullCount }] of numbers.nodes.entries()) {
    setInt64(view, places.nodes + i * NODE_BYTES, length);
    setInt64(view, places.nodes + i * NODE_BYTES + 8, nullCount);
  }
  for (const [i, { offset, byteLength }] of numbers.buffers.entries()) {
    setInt64(view, places.buffers + i * BUFFER_BYTES, offset);
    setInt64(view, places.buffers + i * BUFFER_BYTES + 8, byteLength);
  }
  const tail = template.tail.slice();
  setInt64(new DataView(tail.buffer), places.blockBodyLength, numbers.bodyLength);
  return { head: [template.start, batch], tail };
}

function frameTemplate(arrow: Arrow, plans: readonly ColumnPlan[]): FrameTemplate {
  const batch = batchMessage(arrow, plans);
  const preamble = Buffer.concat([MAGIC, Buffer.alloc(2)]);
  const bare = schemaMessage(arrow, plans, 0);
  const spare = (preamble.length + bare.bytes.length + batch.length) % BODY_ALIGNMENT;
  const padding = spare === 0 ? 0 : BODY_ALIGNMENT - spare;
  const { schema, bytes } = schemaMessage(arrow, plans, padding);
  const start = ownBytes([preamble, bytes]);
  const block = new arrow.FileBlock(batch.length, 1, start.length);
  const version = arrow.enums.MetadataVersion.V5;
  const footer = arrow.Footer.encode(new arrow.Footer(schema, version, [block], []));
  const endOfStream = bytesOf(Int32Array.of(CONTINUATION, 0));
  const footerLength = bytesOf(Int32Array.of(footer.length));
  const tail = ownBytes([endOfStream, footer, footerLength, MAGIC]);
  const footerView = new DataView(footer.buffer, footer.byteOffset);
  const blocks = vectorItems(
    footerView,
    fieldPlace(footerView, rootTable(footerView), FOOTER_RECORD_BATCHES),
  );
  const blockBodyLength = endOfStream.length + blocks + BLOCK_BODY_LENGTH;
  return { start, batch, tail, places: { ...batchPlaces(batch), blockBodyLength } };
}

function batchPlaces(message: Uint8Array): Omit<FrameTemplate['places'], 'blockBodyLength'> {
  const view = new DataView(message.buffer, MESSAGE_PREFIX_BYTES);
  const root = rootTable(view);
  const batch = follow(view, fieldPlace(view, root, MESSAGE_HEADER));
  return {
    bodyLength: MESSAGE_PREFIX_BYTES + fieldPlace(view, root, MESSAGE_BODY_LENGTH),
    rowCount: MESSAGE_PREFIX_BYTES + fieldPlace(view, batch, BATCH_LENGTH),
    nodes: MESSAGE_PREFIX_BYTES + vectorItems(view, fieldPlace(view, batch, BATCH_NODES)),
    buffers: MESSAGE_PREFIX_BYTES + vectorItems(view, fieldPlace(view, batch, BATCH_BUFFERS)),
  };
}

/** In memory of their own, from its first byte on. */
function ownBytes(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function schemaMessage(
  arrow: Arrow,
  plans: readonly ColumnPlan[],
  padding: number,
): { readonly schema: Schema; readonly bytes: Uint8Array } {
  const fields = plans.map(({ column }) => arrowField(arrow, column));
  const metadata = new Map([['milvus.padding', ' '.repeat(padding)]]);
  const schema = new arrow.Schema(fields, metadata);
  return { schema, bytes: encapsulate(arrow.Message.encode(arrow.Message.from(schema))) };
}

/** With room for every number: what is zero would be left out. */
function batchMessage(arrow: Arrow, plans: readonly ColumnPlan[]): Uint8Array {
  const numbers = batchNumbers(plans);
  const nodes = numbers.nodes.map((node) => new arrow.FieldNode(node.length, node.nullCount));
  const regions = numbers.buffers.map(
    ({ offset, byteLength }) => new arrow.BufferRegion(offset, byteLength),
  );
  const batch = new arrow.RecordBatch(1, nodes, regions, null);
  return encapsulate(arrow.Message.encode(arrow.Message.from(batch, 1)));
}

/** The framing of one message: continuation mark, length, metadata, zeros up to a multiple of 8. */
function encapsulate(metadata: Uint8Array): Uint8Array {
  const length = Math.ceil(metadata.length / MESSAGE_ALIGNMENT) * MESSAGE_ALIGNMENT;
  const bytes = new Uint8Array(MESSAGE_PREFIX_BYTES + length);
  bytes.set(bytesOf(Int32Array.of(CONTINUATION, length)));
  bytes.set(metadata, MESSAGE_PREFIX_BYTES);
  return bytes;
}

function batchNumbers(plans: readonly ColumnPlan[]): BatchNumbers {
  const nodes: ArrowNode[] = [];
  const buffers: BufferRange[] = [];
  for (const plan of plans) addNodes({ nodes, buffers }, plan);
  const last = must(plans.at(-1)?.ranges.at(-1), 'a file has a column');
  const bodyLength =
    Math.ceil((last.offset + last.byteLength) / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT;
  const { rowCount } = must(plans[0], 'a file has a column').column.size;
  return { rowCount, bodyLength, nodes, buffers };
}

/** Arrow's nodes and buffers of one column, those that are always empty included. */
function addNodes(
  { nodes, buffers }: { readonly nodes: ArrowNode[]; readonly buffers: BufferRange[] },
  plan: ColumnPlan,
): void {
  const { field, size } = plan.column;
  nodes.push({ length: size.rowCount, nullCount: size.nullCount });
  const own = plan.ranges;
  const nothing = { offset: must(own[0], 'validity').offset, byteLength: 0 };
  const child = (length: number): void => {
    nodes.push({ length, nullCount: 0 });
    buffers.push(nothing);
  };
  if (field.type === DataType.SparseFloatVector) {
    buffers.push(...own.slice(0, 2));
    child(size.elementCount);
    child(size.elementCount);
    buffers.push(...own.slice(2, 3));
    child(size.elementCount);
    buffers.push(...own.slice(3));
    return;
  }
  if (field.type === DataType.Array || field.type === DataType.ArrayOfVector) {
    buffers.push(...own.slice(0, 2));
    child(size.elementCount);
    const elements = elementShape(field);
    if (isFixedSizeList(elements)) child(size.elementCount * must(elements.dim, 'has dimensions'));
    buffers.push(...own.slice(2));
    return;
  }
  buffers.push(...own.slice(0, 1));
  if (isFixedSizeList(field)) child(size.rowCount * must(field.dim, 'has dimensions'));
  buffers.push(...own.slice(1));
}

function isFixedSizeList({ type }: ColumnShape): boolean {
  return (
    type === DataType.FloatVector || type === DataType.Float16Vector || type === DataType.Int8Vector
  );
}

function arrowField(arrow: Arrow, column: FileColumn) {
  const { field } = column;
  const metadata = new Map([
    ['milvus.field_id', String(field.id)],
    ['milvus.data_type', dataTypeName(field.type)],
  ]);
  if (field.type === DataType.JSON) metadata.set('ARROW:extension:name', 'arrow.json');
  if (field.type === DataType.Geometry) metadata.set('ARROW:extension:name', 'geoarrow.wkb');
  if (field.elementType !== undefined) {
    metadata.set('milvus.element_type', dataTypeName(field.elementType));
  }
  if (field.dim !== undefined) metadata.set('milvus.dim', String(field.dim));
  return new arrow.Field(field.name, arrowType(arrow, field), isNullable(column), metadata);
}

function isNullable({ field, size }: FileColumn): boolean {
  return field.nullable || size.nullCount > 0;
}

function arrowType(arrow: Arrow, shape: ColumnShape): ArrowType {
  const { types } = arrow;
  const item = (type: ArrowType) => new arrow.Field('item', type, false);
  switch (shape.type) {
    case DataType.Bool:
      return new types.Bool();
    case DataType.Int8:
      return new types.Int8();
    case DataType.Int16:
      return new types.Int16();
    case DataType.Int32:
      return new types.Int32();
    case DataType.Int64:
      return new types.Int64();
    case DataType.Float:
      return new types.Float32();
    case DataType.Double:
      return new types.Float64();
    case DataType.Timestamptz:
      return new types.TimestampMicrosecond('UTC');
    case DataType.VarChar:
    case DataType.Text:
    case DataType.JSON:
      return new types.Utf8();
    case DataType.Geometry:
      return new types.Binary();
    case DataType.Array:
    case DataType.ArrayOfVector:
      return new types.List(item(arrowType(arrow, elementShape(shape))));
    default:
      return arrowVectorType(arrow, shape);
  }
}

function arrowVectorType(arrow: Arrow, shape: ColumnShape): ArrowType {
  const { types } = arrow;
  const listOf = (type: ArrowType): ArrowType => {
    const dim = must(shape.dim, 'a dense vector type has dimensions');
    return new types.FixedSizeList(dim, new arrow.Field('item', type, false));
  };
  switch (shape.type) {
    case DataType.FloatVector:
      return listOf(new types.Float32());
    case DataType.Float16Vector:
      return listOf(new types.Float16());
    case DataType.Int8Vector:
      return listOf(new types.Int8());
    case DataType.BinaryVector:
    case DataType.BFloat16Vector:
      return new types.FixedSizeBinary(valueWidth(shape));
    default: {
      assert(shape.type === DataType.SparseFloatVector, 'every type is stored in some way');
      const pair = new types.Struct([
        new arrow.Field('index', new types.Uint32(), false),
        new arrow.Field('value', new types.Float32(), false),
      ]);
      return new types.List(new arrow.Field('item', pair, false));
    }
  }
}
