/**
 * Small whole numbers as planes of bits.
 *
 * A number of b bits lies in planes of 8, 4, 2 and 1 bits, those that add up to b, its upper bits in the first.
 * A plane of w bits has 8 w bytes for each 64 dimensions: byte i of them holds, from its low bits up, dimensions
 * i, i + 8 w, i + 16 w ... A plane of 1 bit is 8 bytes whose bit i is dimension i. Dimensions behind the
 * last are 0. native/src/plane_kernels.h is the twin of this file.
 */
const PLANE_BLOCK = 64;
const WIDTHS: readonly number[] = [8, 4, 2, 1];

/** Bytes of the planes of one row. */
export function planeByteLength(bits: number, dim: number): number {
  return Math.ceil(dim / PLANE_BLOCK) * 8 * bits;
}

/** @param values below 2^bits; `out` has zeros from `start` on */
export function packPlanes(
  values: Uint16Array,
  bits: number,
  out: Uint8Array,
  start: number,
): void {
  let at = start;
  let left = bits;
  for (const width of WIDTHS) {
    if ((bits & width) === 0) continue;
    left -= width;
    const mask = 2 ** width - 1;
    for (let i = 0; i < values.length; i++) {
      const value = (values[i]! >>> left) & mask;
      out[at + byteOf(i, width)]! |= value << shiftOf(i, width);
    }
    at += planeByteLength(width, values.length);
  }
}

/** @param out gets as many numbers as it has room for: those of all dimensions */
export function unpackPlanes(
  planes: Uint8Array,
  start: number,
  bits: number,
  out: Uint16Array,
): void {
  let at = start;
  let left = bits;
  out.fill(0);
  for (const width of WIDTHS) {
    if ((bits & width) === 0) continue;
    left -= width;
    const mask = 2 ** width - 1;
    for (let i = 0; i < out.length; i++) {
      const value = (planes[at + byteOf(i, width)]! >>> shiftOf(i, width)) & mask;
      out[i]! += value << left;
    }
    at += planeByteLength(width, out.length);
  }
}

function byteOf(i: number, width: number): number {
  const inBlock = i & (PLANE_BLOCK - 1);
  const block = (i >>> 6) * 8 * width;
  return block + (width === 1 ? inBlock >>> 3 : inBlock % (8 * width));
}

function shiftOf(i: number, width: number): number {
  const inBlock = i & (PLANE_BLOCK - 1);
  return width === 1 ? inBlock & 7 : Math.floor(inBlock / (8 * width)) * width;
}
