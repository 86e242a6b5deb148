/**
 * The box around a geometry, read from its WKB (schema/geometry.ts) without making anything of it: most pairs of
 * geometries have nothing to do with each other, and their boxes tell.
 */
import { MalformedBytes } from '../base/bytes.ts';

/** West, south, east, north; of an empty geometry west is greater than east. */
export interface Bounds {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;
const STRIDES: readonly number[] = [2, 3, 3, 4];

export function emptyBounds(): Bounds {
  return { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
}

/** Whether the geometry is a point, empty or not. */
export function isPoint(wkb: Uint8Array): boolean {
  return (wkb[1]! | (wkb[2]! << 8)) % 1000 === POINT;
}

/**
 * The box of the geometry in bytes [start, end) of what `view` shows, written to `bounds`.
 * @throws MalformedBytes when they are cut off
 */
export function readBounds(view: DataView, start: number, end: number, bounds: Bounds): void {
  bounds.minX = Infinity;
  bounds.minY = Infinity;
  bounds.maxX = -Infinity;
  bounds.maxY = -Infinity;
  const stop = boundsAt(view, start, bounds);
  if (stop !== end) throw new MalformedBytes('bytes behind a geometry');
}

/** The box of a geometry by itself. */
export function boundsOf(wkb: Uint8Array): Bounds {
  const bounds = emptyBounds();
  readBounds(new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength), 0, wkb.length, bounds);
  return bounds;
}

/** Widens `bounds` by the geometry at `at`; @returns where it ends. Nests as deep as storage lets it. */
function boundsAt(view: DataView, at: number, bounds: Bounds): number {
  const code = view.getUint32(at + 1, true);
  const type = code % 1000;
  const stride = STRIDES[Math.floor(code / 1000)]! * 8;
  if (type === POINT) return widen(view, at + 5, { count: 1, stride }, bounds);
  const count = view.getUint32(at + 5, true);
  let next = at + 9;
  if (type === LINE_STRING) return widen(view, next, { count, stride }, bounds);
  for (let i = 0; i < count; i++) {
    if (type === POLYGON) {
      const points = view.getUint32(next, true);
      next = widen(view, next + 4, { count: points, stride }, bounds);
    } else next = boundsAt(view, next, bounds);
  }
  return next;
}

function widen(
  view: DataView,
  start: number,
  { count, stride }: { readonly count: number; readonly stride: number },
  bounds: Bounds,
): number {
  let at = start;
  for (let i = 0; i < count; i++, at += stride) {
    const x = view.getFloat64(at, true);
    const y = view.getFloat64(at + 8, true);
    // Of an empty point they are NaN, and less than nothing.
    if (x < bounds.minX) bounds.minX = x;
    if (x > bounds.maxX) bounds.maxX = x;
    if (y < bounds.minY) bounds.minY = y;
    if (y > bounds.maxY) bounds.maxY = y;
  }
  return at;
}

export function isEmptyBounds({ minX, maxX }: Bounds): boolean {
  return !(minX <= maxX);
}

/** Whether two boxes have a point in common. */
export function doMeet(a: Bounds, b: Bounds): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}

/** Whether all of `inner` lies in `outer`. */
export function holds(outer: Bounds, inner: Bounds): boolean {
  return (
    outer.minX <= inner.minX &&
    inner.maxX <= outer.maxX &&
    outer.minY <= inner.minY &&
    inner.maxY <= outer.maxY
  );
}
