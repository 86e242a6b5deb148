/**
 * Tasks on their way to a worker. Shared memory crosses as it is; memory that is mapped from a file would be
 * copied, so its place crosses instead, and the worker maps the file itself.
 */
import {
  describeMapped,
  type MappableArray,
  type MappedPlace,
  openMapped,
} from '../base/mapped-memory.ts';
import type { Vectors, VectorValues } from '../index/distances.ts';
import { type NamedMemory, namedMemory } from './thread-memory.ts';

interface VectorTask {
  readonly vectors: Vectors;
  readonly image?: Uint8Array;
}

/** A task whose mapped memory is left out. */
export interface Sent<Task extends VectorTask> {
  readonly task: Task;
  readonly values: MappedPlace | null;
  readonly image: MappedPlace | null;
  /** What crosses as it is. */
  readonly memories: readonly NamedMemory[];
}

const NOTHING = new Uint8Array(0);

export function send<Task extends VectorTask>(task: Task): Sent<Task> {
  const values = describeMapped(task.vectors.values);
  const image = task.image === undefined ? null : describeMapped(task.image);
  let left = task;
  if (values !== null) {
    const empty = task.vectors.values.slice(0, 0);
    left = { ...left, vectors: { ...left.vectors, values: empty } };
  }
  if (image !== null) left = { ...left, image: NOTHING };
  const shared = image === null && left.image !== undefined ? [left.image] : [];
  const memories = namedMemory(...shared, ...(values === null ? [left.vectors.values] : []));
  return { task: left, values, image, memories };
}

export function receive<Task extends VectorTask>({ task, values, image }: Sent<Task>): Task {
  let whole = task;
  if (values !== null) {
    const opened: MappableArray = openMapped(values);
    whole = { ...whole, vectors: { ...whole.vectors, values: opened satisfies VectorValues } };
  }
  if (image !== null) whole = { ...whole, image: openMapped(image) };
  return whole;
}
