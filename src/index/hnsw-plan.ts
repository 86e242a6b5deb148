/**
 * What is known of a graph before it is built: which rows are equal, who is on which level, and in which
 * order rows are inserted. native/src/graph_plan.cc is the twin of this file; its levels and its order
 * are other ones, of which no image says anything.
 */
import { vectorStride } from '../schema/column-layout.ts';
import type { Vectors, VectorValues } from './distances.ts';
import { GRAPH_LEVELS_MAX, type GraphCounts, type GraphShape, NO_NODE } from './hnsw-image.ts';

export interface GraphPlan {
  readonly counts: GraphCounts;
  /** By row: the next equal one, or NO_NODE. */
  readonly twins: Uint32Array;
  /** By row: 1 where an earlier row is equal. */
  readonly isTwin: Uint8Array;
  readonly levels: Uint8Array;
  /** Nodes in the order of their insertion: one of the top level first, the others shuffled. */
  readonly order: Uint32Array;
}

export function planGraph(shape: GraphShape, vectors: Vectors): GraphPlan {
  const { rowCount, degree } = shape;
  const twins = new Uint32Array(rowCount).fill(NO_NODE);
  const isTwin = new Uint8Array(rowCount);
  const levels = new Uint8Array(rowCount);
  const twinCount = findTwins(shape, vectors.values, twins, isTwin);
  let upperCount = 0;
  let upperListCount = 0;
  let topLevel = 0;
  for (let row = 0; row < rowCount; row++) {
    if (isTwin[row] === 1) continue;
    const level = levelOf(row, degree);
    levels[row] = level;
    if (level > 0) upperCount++;
    upperListCount += level;
    topLevel = Math.max(topLevel, level);
  }
  const counts = { upperCount, upperListCount, topLevel, twinCount };
  return { counts, twins, isTwin, levels, order: orderOf(levels, isTwin, rowCount - twinCount) };
}

/** 32 bits of which each depends on all of `value`. */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The share of nodes on a level is 1 / degree of that on the level below. */
function levelOf(row: number, degree: number): number {
  const uniform = (mix(row + 1) + 1) / 2 ** 32;
  return Math.min(GRAPH_LEVELS_MAX, Math.floor(-Math.log(uniform) / Math.log(degree)));
}

/** Chains rows that are equal byte for byte; how many have an earlier one. */
function findTwins(
  { type, dim, rowCount }: GraphShape,
  values: VectorValues,
  twins: Uint32Array,
  isTwin: Uint8Array,
): number {
  const stride = vectorStride(type, dim);
  const elementBytes = values.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, rowCount * stride * elementBytes);
  const rowBytes = stride * elementBytes;
  const slotCount = 2 ** Math.ceil(Math.log2(rowCount * 2 + 1));
  const table = new Uint32Array(slotCount).fill(NO_NODE);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    let slot = hashOf(bytes, row * rowBytes, rowBytes) & (slotCount - 1);
    while (table[slot] !== NO_NODE && !areEqual(bytes, table[slot]!, row, rowBytes)) {
      slot = (slot + 1) & (slotCount - 1);
    }
    if (table[slot] !== NO_NODE) {
      twins[table[slot]!] = row;
      isTwin[row] = 1;
      count++;
    }
    table[slot] = row;
  }
  return count;
}

function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = length;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return mix(hash);
}

function areEqual(bytes: Uint8Array, left: number, right: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (bytes[left * length + i] !== bytes[right * length + i]) return false;
  }
  return true;
}

function orderOf(levels: Uint8Array, isTwin: Uint8Array, nodeCount: number): Uint32Array {
  const order = new Uint32Array(nodeCount);
  let count = 0;
  for (let row = 0; row < levels.length; row++) {
    if (isTwin[row] === 1) continue;
    order[count++] = row;
    if (levels[row]! > levels[order[0]!]!) swap(order, 0, count - 1);
  }
  for (let i = nodeCount - 1; i > 1; i--) swap(order, i, 1 + (mix(i) % i));
  return order;
}

function swap(values: Uint32Array, left: number, right: number): void {
  const value = values[left]!;
  values[left] = values[right]!;
  values[right] = value;
}
