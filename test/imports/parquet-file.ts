/** Parquet files of required columns without compression, one page a column of a row group. */

/** What Thrift's compact protocol writes: i32, i64, text, lists, and structs by field. */
type Value = number | bigint | string | readonly Value[] | Struct;
interface Struct {
  readonly [field: number]: Value;
}

export interface ParquetColumn {
  readonly name: string;
  /** A logical type by its `ConvertedType`: 0 UTF8, 19 JSON. Texts only. */
  readonly converted?: number;
  readonly values: readonly (bigint | string)[];
}

export interface ParquetGroup {
  readonly columns: readonly ParquetColumn[];
  /** What the file says that it has. Default: what it has. */
  readonly byteLength?: number;
  readonly rowCount?: number;
}

const INT64 = 2;
const BYTE_ARRAY = 6;
const RLE = 3;

export function parquetFile(groups: readonly ParquetGroup[]): Buffer {
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let place = 4;
  const written = groups.map((group): Struct => {
    const columns = group.columns.map((column): Struct => {
      const page = pageOf(column);
      const [count, size, offset] = [
        BigInt(column.values.length),
        BigInt(page.length),
        BigInt(place),
      ];
      parts.push(page);
      place += page.length;
      return {
        2: offset,
        3: {
          1: typeOf(column),
          2: [0],
          3: [column.name],
          4: 0,
          5: count,
          6: size,
          7: size,
          9: offset,
        },
      };
    });
    const sizes = group.columns.map((column) => pageOf(column).length);
    const byteLength = group.byteLength ?? sizes.reduce((sum, size) => sum + size, 0);
    return { 1: columns, 2: BigInt(byteLength), 3: BigInt(rowCountOf(group)) };
  });
  const fields = groups[0]?.columns ?? [];
  const schema: Struct[] = [{ 4: 'schema', 5: fields.length }, ...fields.map(elementOf)];
  const rowCount = groups.reduce((sum, group) => sum + rowCountOf(group), 0);
  const footer = structBytes({ 1: 1, 2: schema, 3: BigInt(rowCount), 4: written });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}

function rowCountOf({ columns, rowCount }: ParquetGroup): number {
  return rowCount ?? columns[0]?.values.length ?? 0;
}

function typeOf({ values }: ParquetColumn): number {
  return typeof values[0] === 'bigint' ? INT64 : BYTE_ARRAY;
}

function elementOf(column: ParquetColumn): Struct {
  const { name, converted } = column;
  const element = { 1: typeOf(column), 3: 0, 4: name };
  return converted === undefined ? element : { ...element, 6: converted };
}

function pageOf({ values }: ParquetColumn): Buffer {
  const data = Buffer.concat(
    values.map((value) => {
      const text = typeof value === 'string' ? Buffer.from(value) : null;
      const bytes = Buffer.alloc(text === null ? 8 : 4);
      if (typeof value === 'bigint') bytes.writeBigInt64LE(value);
      else bytes.writeUInt32LE(text?.length ?? 0);
      return text === null ? bytes : Buffer.concat([bytes, text]);
    }),
  );
  const header = { 1: values.length, 2: 0, 3: RLE, 4: RLE };
  return Buffer.concat([structBytes({ 1: 0, 2: data.length, 3: data.length, 5: header }), data]);
}

const CODES = { i64: 6, text: 8, list: 9, struct: 12, i32: 5 };

function codeOf(value: Value): number {
  if (typeof value === 'number') return CODES.i32;
  if (typeof value === 'bigint') return CODES.i64;
  if (typeof value === 'string') return CODES.text;
  return Array.isArray(value) ? CODES.list : CODES.struct;
}

function structBytes(struct: Struct): Buffer {
  const parts: Buffer[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(struct) as [string, Value][]) {
    const field = Number(key);
    parts.push(Buffer.from([((field - last) << 4) | codeOf(value)]), valueBytes(value));
    last = field;
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function valueBytes(value: Value): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return varint(Number(value) * 2);
  if (typeof value === 'string') {
    return Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]);
  }
  if (!Array.isArray(value)) return structBytes(value);
  const list = value as readonly Value[];
  const code = codeOf(list[0] ?? 0);
  const begin = list.length < 15 ? [(list.length << 4) | code] : [0xf0 | code];
  const length = list.length < 15 ? [] : [varint(list.length)];
  return Buffer.concat([Buffer.from(begin), ...length, ...list.map(valueBytes)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}
