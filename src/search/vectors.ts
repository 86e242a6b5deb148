/** The vectors of columns, as kernels and indexes take them. */
import { assert } from '../base/assert.ts';
import type { Vectors, VectorValues } from '../index/distances.ts';
import { vectorStride } from '../schema/column-layout.ts';
import type { Column, VectorColumn } from '../schema/column.ts';
import { isDenseVector } from '../schema/data-type.ts';

export function vectorsOf(column: Column): Vectors {
  assert(column.kind === 'vector', 'a dense vector field has a vector column');
  const { type, dim, values } = column;
  assert(isDenseVector(type), 'a vector column is of a dense vector type');
  return { type, dim, values };
}

/** Queries [first, first + count), copied: they cross to a worker without the others. */
export function queryValues(queries: VectorColumn, first: number, count: number): VectorValues {
  const stride = vectorStride(queries.type, queries.dim);
  return queries.values.slice(first * stride, (first + count) * stride);
}
