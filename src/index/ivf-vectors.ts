/** Vectors as centroids and trained codes see them: float32, prepared; or bits as they are. */
import { DataType } from '../schema/data-type.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import { prepareVector } from './codes.ts';
import type { VectorValues } from './distances.ts';
import { type ListShape, spaceOf, trainedCodes } from './ivf-image.ts';
import { isBitSpace, meansStride, type MeansVectors } from './k-means.ts';

/** Writes vector `index` as float32; it is of a float type or int8. */
export function widenVector(
  { type, dim }: Pick<ListShape, 'type' | 'dim'>,
  vectors: VectorValues,
  index: number,
  out: Float32Array,
): void {
  const values = vectors.subarray(index * dim, (index + 1) * dim);
  if (type === DataType.Float16Vector) float16ToFloat32(values as Uint16Array, out);
  else if (type === DataType.BFloat16Vector) bfloat16ToFloat32(values as Uint16Array, out);
  else out.set(values);
}

/** Writes vector `index` as row `to` of `out`. */
export function prepareRow(
  shape: ListShape,
  source: { readonly vectors: VectorValues; readonly index: number },
  out: MeansVectors,
  to: number,
): void {
  const stride = meansStride(spaceOf(shape));
  const { vectors, index } = source;
  const target = out.subarray(to * stride, (to + 1) * stride);
  if (isBitSpace(spaceOf(shape))) {
    target.set(vectors.subarray(index * stride, (index + 1) * stride));
    return;
  }
  const floats = target as Float32Array;
  const isCosine = shape.metric === 'COSINE';
  const trained = trainedCodes(shape);
  widenVector(shape, vectors, index, floats);
  if (trained !== null) prepareVector(trained, isCosine, floats);
  else if (isCosine) normalise(floats);
}

function normalise(vector: Float32Array): void {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += vector[i]! * vector[i]!;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
}
