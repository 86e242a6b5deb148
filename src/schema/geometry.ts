/**
 * Geometry: WKT text <-> ISO WKB bytes, for points, line strings, polygons, their multiples and collections,
 * in XY, Z, M or ZM. Bytes are little-endian; each geometry, nested ones too:
 *
 *   0  u8   1
 *   1  u32  1 point, 2 line string, 3 polygon, 4 multi-point, 5 multi-line-string, 6 multi-polygon,
 *           7 collection; + 1000 with Z, + 2000 with M, + 3000 with both
 *   5  ...  point: its coordinates as f64, all NaN when empty · line string: u32 points, coordinates ·
 *           polygon: u32 rings, each u32 points, coordinates · the rest: u32 geometries, geometries
 *
 * A line has at least two points, a ring at least four and ends where it begins; collections nest at most
 * GEOMETRY_DEPTH_MAX deep. Text is written as Milvus writes it: `MULTIPOINT (1 2, 3 4)`, `POINT Z EMPTY`.
 */
import { ByteReader, ByteWriter, MalformedBytes } from '../base/bytes.ts';
import { invalidParameter } from '../base/errors.ts';
import { GEOMETRY_DEPTH_MAX } from '../base/limits.ts';

const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;
const MULTI_POINT = 4;
const COLLECTION = 7;

const NAMES: readonly string[] = [
  '',
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
];
/** By the thousands of the type code. */
const LAYOUTS: readonly string[] = ['', 'Z', 'M', 'ZM'];
const STRIDES: readonly number[] = [2, 3, 3, 4];
/** The fewest points of a ring. */
const RING_POINTS_MIN = 4;

/** Runs of coordinates: none or one of a point, one of a line, the rings of a polygon. Or the geometries within. */
interface Geometry {
  readonly type: number;
  readonly runs: readonly (readonly number[])[];
  readonly members: readonly Geometry[];
}

/** @throws MilvusError ParameterInvalid when `text` is not a geometry */
export function wktToWkb(text: string): Uint8Array {
  const parser = new WktParser(text);
  const geometry = parser.parse();
  const writer = new ByteWriter(64);
  writeGeometry(writer, geometry, parser.layout);
  return writer.bytes().slice();
}

/** @throws MalformedBytes when `bytes` are not what wktToWkb writes */
export function wkbToWkt(bytes: Uint8Array): string {
  const reader = new ByteReader(bytes);
  const layout = layoutOf(new ByteReader(bytes, 1).u32());
  const geometry = readGeometry(reader, layout, 0);
  if (reader.remaining !== 0) throw new MalformedBytes('bytes behind a geometry');
  return printGeometry(geometry, layout);
}

function refused(detail: string): Error {
  return invalidParameter(`invalid Geometry data, transform to wkb failed: WKT: ${detail}`);
}

/** Tokens are words, numbers, parentheses and commas. */
const TOKEN = /\s*([A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.+-])|[(),]|$)/y;

class WktParser {
  readonly #text: string;
  #token = '';
  #start = 0;
  #next = 0;
  /** Index into LAYOUTS; null until a coordinate or a word says it. */
  #layout: number | null = null;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  get layout(): number {
    return this.#layout ?? 0;
  }

  parse(): Geometry {
    const geometry = this.#geometry(0);
    if (this.#token !== '') throw this.#unexpected('the end');
    return geometry;
  }

  #advance(): void {
    TOKEN.lastIndex = this.#next;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw refused(`syntax error at position ${this.#next}`);
    this.#token = (match[1] ?? '').toUpperCase();
    this.#next = TOKEN.lastIndex;
    this.#start = this.#next - this.#token.length;
  }

  #unexpected(wanted: string): Error {
    const found = this.#token === '' ? 'the end' : `"${this.#token}"`;
    return refused(`${wanted} expected at position ${this.#start}, but got ${found}`);
  }

  #take(token: string): boolean {
    if (this.#token !== token) return false;
    this.#advance();
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#unexpected(`"${token}"`);
  }

  #geometry(depth: number): Geometry {
    if (depth > GEOMETRY_DEPTH_MAX) {
      throw refused(`collections nest deeper than ${GEOMETRY_DEPTH_MAX}`);
    }
    const type = this.#typeAndLayout();
    return this.#take('EMPTY') ? { type, runs: [], members: [] } : this.#body(type, depth);
  }

  /** `POINT`, `POINT Z` or `POINTZ`. */
  #typeAndLayout(): number {
    const word = this.#token;
    for (let type = COLLECTION; type >= POINT; type--) {
      const name = NAMES[type]!;
      const layout = LAYOUTS.indexOf(word.slice(name.length));
      if (!word.startsWith(name) || layout < 0) continue;
      this.#advance();
      if (layout > 0) this.#setLayout(layout);
      else {
        const next = LAYOUTS.indexOf(this.#token);
        if (next > 0) {
          this.#advance();
          this.#setLayout(next);
        }
      }
      return type;
    }
    throw this.#unexpected('a geometry type');
  }

  #setLayout(layout: number): void {
    if (this.#layout !== null && this.#layout !== layout) throw refused('mixed dimensions');
    this.#layout = layout;
  }

  #body(type: number, depth: number): Geometry {
    if (type === POINT) {
      this.#expect('(');
      const run: number[] = [];
      this.#coordinate(run);
      this.#expect(')');
      return { type, runs: [run], members: [] };
    }
    if (type === LINE_STRING) return { type, runs: [this.#line()], members: [] };
    if (type === POLYGON) return { type, runs: this.#list(() => this.#ring()), members: [] };
    if (type === COLLECTION) {
      return { type, runs: [], members: this.#list(() => this.#geometry(depth + 1)) };
    }
    return { type, runs: [], members: this.#list(() => this.#member(type - 3)) };
  }

  #member(type: number): Geometry {
    if (this.#take('EMPTY')) return { type, runs: [], members: [] };
    if (type !== POINT || this.#token === '(') return this.#body(type, 0);
    // The points of a multi-point may stand without parentheses of their own.
    const run: number[] = [];
    this.#coordinate(run);
    return { type, runs: [run], members: [] };
  }

  #list<Item>(item: () => Item): Item[] {
    this.#expect('(');
    const items = [item()];
    while (this.#take(',')) items.push(item());
    this.#expect(')');
    return items;
  }

  #points(): number[] {
    this.#expect('(');
    const run: number[] = [];
    do this.#coordinate(run);
    while (this.#take(','));
    this.#expect(')');
    return run;
  }

  #line(): number[] {
    const run = this.#points();
    if (run.length < STRIDES[this.layout]! * 2) {
      throw refused('linestring with less than 2 points');
    }
    return run;
  }

  #ring(): number[] {
    const run = this.#points();
    const stride = STRIDES[this.layout]!;
    if (run.length < stride * RING_POINTS_MIN) {
      throw refused(`polygon ring with less than ${RING_POINTS_MIN} points`);
    }
    for (let i = 0; i < stride; i++) {
      if (run[i] !== run[run.length - stride + i]) throw refused('polygon ring is not closed');
    }
    return run;
  }

  #coordinate(run: number[]): void {
    const start = run.length;
    while (/^[-+.\d]/.test(this.#token)) {
      const value = Number(this.#token);
      if (!Number.isFinite(value)) throw refused(`coordinate ${this.#token} is out of range`);
      run.push(value);
      this.#advance();
    }
    const count = run.length - start;
    if (count < 2) throw this.#unexpected('a coordinate');
    // Three numbers are Z unless the type says M.
    this.#layout ??= STRIDES.indexOf(count);
    if (count !== STRIDES[this.#layout]) throw refused('mixed dimensions');
  }
}

function writeGeometry(writer: ByteWriter, geometry: Geometry, layout: number): void {
  writer.u8(1);
  writer.u32(geometry.type + layout * 1000);
  const { type, runs, members } = geometry;
  const stride = STRIDES[layout]!;
  if (type === POINT) {
    for (const value of runs[0] ?? Array<number>(stride).fill(Number.NaN)) writer.f64(value);
    return;
  }
  if (type === LINE_STRING) {
    writeRun(writer, runs[0] ?? [], stride);
    return;
  }
  writer.u32(type === POLYGON ? runs.length : members.length);
  for (const run of runs) writeRun(writer, run, stride);
  for (const member of members) writeGeometry(writer, member, layout);
}

function writeRun(writer: ByteWriter, run: readonly number[], stride: number): void {
  writer.u32(run.length / stride);
  for (const value of run) writer.f64(value);
}

function layoutOf(code: number): number {
  const layout = Math.floor(code / 1000);
  if (layout >= LAYOUTS.length) throw new MalformedBytes(`geometry type ${code}`);
  return layout;
}

function readGeometry(reader: ByteReader, layout: number, depth: number): Geometry {
  if (depth > GEOMETRY_DEPTH_MAX + 1) throw new MalformedBytes('geometries nest too deep');
  if (reader.u8() !== 1) throw new MalformedBytes('a geometry is little-endian');
  const code = reader.u32();
  const type = code % 1000;
  if (layoutOf(code) !== layout || type < POINT || type > COLLECTION) {
    throw new MalformedBytes(`geometry type ${code}`);
  }
  const stride = STRIDES[layout]!;
  if (type === POINT) {
    const run = readRun(reader, stride);
    return { type, runs: Number.isNaN(run[0]) ? [] : [run], members: [] };
  }
  const count = reader.u32();
  if (type === LINE_STRING) {
    return { type, runs: count === 0 ? [] : [readRun(reader, count * stride)], members: [] };
  }
  const runs: number[][] = [];
  const members: Geometry[] = [];
  for (let i = 0; i < count; i++) {
    if (type === POLYGON) runs.push(readRun(reader, reader.u32() * stride));
    else members.push(readGeometry(reader, layout, depth + 1));
    const member = members.at(-1);
    if (type < COLLECTION && member !== undefined && member.type !== type - 3) {
      throw new MalformedBytes(`geometry type ${member.type} in type ${type}`);
    }
  }
  return { type, runs, members };
}

function readRun(reader: ByteReader, count: number): number[] {
  if (count * 8 > reader.remaining) throw new MalformedBytes(`${count} coordinates do not fit`);
  const run: number[] = [];
  for (let i = 0; i < count; i++) run.push(reader.f64());
  return run;
}

function printGeometry(geometry: Geometry, layout: number): string {
  const suffix = LAYOUTS[layout] === '' ? '' : ` ${LAYOUTS[layout]!}`;
  const name = `${NAMES[geometry.type]!}${suffix}`;
  return `${name} ${printBody(geometry, layout)}`;
}

function printBody(geometry: Geometry, layout: number): string {
  const { type, runs, members } = geometry;
  const stride = STRIDES[layout]!;
  if (runs.length === 0 && members.length === 0) return 'EMPTY';
  if (type === POINT || type === LINE_STRING) return `(${printRun(runs[0]!, stride)})`;
  if (type === POLYGON) return `(${runs.map((run) => `(${printRun(run, stride)})`).join(', ')})`;
  const parts = members.map((member) => {
    if (type === COLLECTION) return printGeometry(member, layout);
    const body = printBody(member, layout);
    return type === MULTI_POINT && body !== 'EMPTY' ? body.slice(1, -1) : body;
  });
  return `(${parts.join(', ')})`;
}

function printRun(run: readonly number[], stride: number): string {
  const points: string[] = [];
  for (let at = 0; at < run.length; at += stride) {
    points.push(
      run
        .slice(at, at + stride)
        .map(printNumber)
        .join(' '),
    );
  }
  return points.join(', ');
}

/** The shortest digits that read back as the same number, without an exponent. */
function printNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const match = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(String(value));
  if (match === null) return String(value);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return point <= 0
    ? `${sign}0.${'0'.repeat(-point)}${digits}`
    : `${sign}${digits.padEnd(point, '0')}`;
}
