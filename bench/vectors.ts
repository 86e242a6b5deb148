/**
 * The vectors of the trials. Synthetic ones are a mixture of normal clouds of low inner dimension,
 * normalised, made from a seed: the same for every engine and every run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { float16ToFloat32 } from '../src/schema/vectors.ts';

const CLOUDS = 64;
const INNER_DIMENSION = 12;

export interface VectorSet {
  readonly name: string;
  readonly dim: number;
  readonly count: number;
  /** Row-major. */
  readonly values: Float32Array;
}

export function syntheticVectors(count: number, dim: number, seed = 1): VectorSet {
  const random = normalNumbers(seed);
  const centres = Float32Array.from({ length: CLOUDS * dim }, random);
  const directions = Float32Array.from({ length: INNER_DIMENSION * dim }, random);
  const values = new Float32Array(count * dim);
  const inner = new Float32Array(INNER_DIMENSION);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < INNER_DIMENSION; k++) inner[k] = random() * 0.4;
    const centre = (row % CLOUDS) * dim;
    const start = row * dim;
    let squares = 0;
    for (let i = 0; i < dim; i++) {
      let value = centres[centre + i]! + random() * 0.05;
      for (let k = 0; k < INNER_DIMENSION; k++) value += inner[k]! * directions[k * dim + i]!;
      values[start + i] = value;
      squares += value * value;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < dim; i++) values[start + i]! *= scale;
  }
  return { name: `synthetic ${count} x ${dim}`, dim, count, values };
}

/** The same directions; the logarithms of lengths have a standard deviation of `spread`. */
export function withLengths(set: VectorSet, spread: number, seed = 1): VectorSet {
  const random = normalNumbers(seed);
  const values = Float32Array.from(set.values);
  for (let row = 0; row < set.count; row++) {
    const length = Math.exp(random() * spread);
    for (let i = row * set.dim; i < (row + 1) * set.dim; i++) values[i]! *= length;
  }
  return { ...set, values };
}

/** Rows of a file of little-endian float16. */
export function float16Vectors(path: string, dim: number): VectorSet {
  const bytes = readFileSync(path);
  const bits = new Uint16Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  const count = bits.length / dim;
  const values = float16ToFloat32(bits, new Float32Array(bits.length));
  return { name: `${count} x ${dim} of a file`, dim, count, values };
}

/** Little-endian float32, row-major, without a header: what every driver reads. */
export function writeVectors(path: string, { values }: VectorSet): void {
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

export function readVectors(path: string, dim: number): VectorSet {
  const bytes = readFileSync(path);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return { name: path, dim, count: values.length / dim, values };
}

export function vectorAt({ values, dim }: VectorSet, row: number): Float32Array {
  return values.subarray(row * dim, (row + 1) * dim);
}

/** Keys (row numbers) of the rows of largest inner product, best first, by the plainest way there is. */
export function nearestRows(set: VectorSet, query: Float32Array, limit: number): number[] {
  const scored: Array<{ row: number; score: number }> = [];
  for (let row = 0; row < set.count; row++) {
    let score = 0;
    for (let i = 0; i < set.dim; i++) score += query[i]! * set.values[row * set.dim + i]!;
    if (scored.length === limit && score <= scored[limit - 1]!.score) continue;
    scored.push({ row, score });
    scored.sort((left, right) => right.score - left.score || left.row - right.row);
    if (scored.length > limit) scored.pop();
  }
  return scored.map(({ row }) => row);
}

/** Normal numbers from a seed: xorshift32, two uniform ones by Box and Muller. */
function normalNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 4_294_967_297;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
