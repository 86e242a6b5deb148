/**
 * Boxes of geometries as a tree of boxes that hold FANOUT others each, packed in tiles by where their middles
 * are: those near each other are in one. Section `boxes` has four float64 a box, least x, least y, greatest x,
 * greatest y, level by level: first those of geometries, then of each FANOUT of the level before one, up to a
 * single box. Section `rows` has the row of each geometry's box as u32. An empty geometry has no box, and is open.
 */
import { damagedImage, type ScalarImage, type Sections } from './scalar-image.ts';
import type { Bounds } from '../query/geometry-bounds.ts';
import { sortNumbers } from './number-order.ts';

const FANOUT = 16;

/** @param boxes four numbers a row of `rows` */
export function writeBoxTree(
  boxes: Float64Array,
  rows: Uint32Array,
): Pick<Sections, 'boxes' | 'rows'> {
  const order = tileOrder(boxes, rows.length);
  const sizes = levelSizes(rows.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const out = new Float64Array(total * 4);
  for (let i = 0; i < order.length; i++) {
    out.set(boxes.subarray(order[i]! * 4, order[i]! * 4 + 4), i * 4);
  }
  let below = 0;
  for (let level = 1; level < sizes.length; level++) {
    const at = below + sizes[level - 1]!;
    for (let i = 0; i < sizes[level]!; i++) {
      const first = below + i * FANOUT;
      const box = joined(out, first, Math.min(first + FANOUT, at));
      out.set(box, (at + i) * 4);
    }
    below = at;
  }
  return { boxes: out, rows: order.map((from) => rows[from]!) };
}

/** How many boxes each level has; none of nothing. */
function levelSizes(count: number): number[] {
  if (count === 0) return [];
  const sizes = [count];
  for (let size = count; size > 1; ) {
    size = Math.ceil(size / FANOUT);
    sizes.push(size);
  }
  return sizes;
}

/** Strips of equal width in x, each in the order of y. */
function tileOrder(boxes: Float64Array, count: number): Uint32Array {
  const middles = (axis: 0 | 1, of: Uint32Array): Float64Array =>
    Float64Array.from(of, (i) => boxes[i * 4 + axis]! / 2 + boxes[i * 4 + 2 + axis]! / 2 + 0);
  const all = Uint32Array.from({ length: count }, (_, i) => i);
  const byX = sortNumbers({ values: middles(0, all), rows: all }).rows;
  const strips = Math.max(1, Math.ceil(Math.sqrt(count / FANOUT)));
  const stripSize = Math.ceil(count / strips / FANOUT) * FANOUT;
  const order = new Uint32Array(count);
  for (let start = 0; start < count; start += stripSize) {
    const strip = byX.slice(start, start + stripSize);
    order.set(sortNumbers({ values: middles(1, strip), rows: strip }).rows, start);
  }
  return order;
}

function joined(boxes: Float64Array, first: number, end: number): Float64Array {
  const box = boxes.slice(first * 4, first * 4 + 4);
  for (let i = first + 1; i < end; i++) {
    box[0] = Math.min(box[0]!, boxes[i * 4]!);
    box[1] = Math.min(box[1]!, boxes[i * 4 + 1]!);
    box[2] = Math.max(box[2]!, boxes[i * 4 + 2]!);
    box[3] = Math.max(box[3]!, boxes[i * 4 + 3]!);
  }
  return box;
}

type Corners = readonly [number, number, number, number];

export class BoxTree {
  readonly #boxes: Float64Array;
  readonly #rows: Uint32Array;
  /** Where each level begins, and its size; the last is the root. */
  readonly #levels: ReadonlyArray<{ readonly start: number; readonly size: number }>;

  /** @throws MilvusError DataIntegrity */
  constructor(image: ScalarImage) {
    const { termCount } = image.shape;
    const sizes = levelSizes(termCount);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const bytes = image.mustSection('boxes');
    if (bytes.byteLength !== total * 32) throw damagedImage('its boxes have another length');
    this.#boxes = new Float64Array(bytes.buffer, bytes.byteOffset, total * 4);
    this.#rows = image.mustWords('rows', termCount);
    let start = 0;
    this.#levels = sizes.map((size) => {
      const level = { start, size };
      start += size;
      return level;
    });
  }

  /** The box of all boxes; null: there are none. */
  get bounds(): Bounds | null {
    const top = this.#levels.at(-1);
    if (top === undefined) return null;
    const [minX, minY, maxX, maxY] = this.#boxes.subarray(top.start * 4) as unknown as Corners;
    return { minX, minY, maxX, maxY };
  }

  /** Sets the bits of the rows whose boxes touch `box`. @returns how many boxes do */
  mark(box: Bounds, out: Uint32Array): number {
    const top = this.#levels.length - 1;
    return top < 0 ? 0 : this.#markBelow(top, 0, box, out);
  }

  /** Goes down as many levels as there are: the file says nothing about where to go. */
  #markBelow(level: number, index: number, box: Bounds, out: Uint32Array): number {
    const { start } = this.#levels[level]!;
    if (!this.#touches(start + index, box)) return 0;
    if (level === 0) {
      const row = this.#rows[index]!;
      out[row >>> 5]! |= 1 << (row & 31);
      return 1;
    }
    const end = Math.min((index + 1) * FANOUT, this.#levels[level - 1]!.size);
    let count = 0;
    for (let i = index * FANOUT; i < end; i++) count += this.#markBelow(level - 1, i, box, out);
    return count;
  }

  #touches(at: number, { minX, minY, maxX, maxY }: Bounds): boolean {
    const boxes = this.#boxes;
    return (
      boxes[at * 4]! <= maxX &&
      boxes[at * 4 + 2]! >= minX &&
      boxes[at * 4 + 1]! <= maxY &&
      boxes[at * 4 + 3]! >= minY
    );
  }
}
