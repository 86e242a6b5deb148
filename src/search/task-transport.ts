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
  /** Of an index. */
  readonly image?: Uint8Array;
  /** Of an exact scan. */
  readonly codes?: Uint8Array | null;
}

/** A task whose mapped memory is left out. */
export interface Sent<Task extends VectorTask> {
  readonly task: Task;
  readonly values: MappedPlace | null;
  readonly image: MappedPlace | null;
  readonly codes: MappedPlace | null;
  /** What crosses as it is. */
  readonly memories: readonly NamedMemory[];
}

const NOTHING = new Uint8Array(0);

export function send<Task extends VectorTask>(task: Task): Sent<Task> {
  const values = describeMapped(task.vectors.values);
  const image = placeOf(task.image);
  const codes = placeOf(task.codes);
  let left = task;
  if (values !== null) {
    const empty = task.vectors.values.slice(0, 0);
    left = { ...left, vectors: { ...left.vectors, values: empty } };
  }
  if (image !== null) left = { ...left, image: NOTHING };
  if (codes !== null) left = { ...left, codes: NOTHING };
  const crossing = [
    values === null ? task.vectors.values : null,
    image === null ? task.image : null,
    codes === null ? task.codes : null,
  ];
  const memories = namedMemory(...crossing.filter((one) => one !== null && one !== undefined));
  return { task: left, values, image, codes, memories };
}

function placeOf(bytes: Uint8Array | null | undefined): MappedPlace | null {
  return bytes === null || bytes === undefined ? null : describeMapped(bytes);
}

export function receive<Task extends VectorTask>({ task, values, image, codes }: Sent<Task>): Task {
  let whole = task;
  if (values !== null) {
    const opened: MappableArray = openMapped(values);
    whole = { ...whole, vectors: { ...whole.vectors, values: opened satisfies VectorValues } };
  }
  if (image !== null) whole = { ...whole, image: openMapped(image) };
  if (codes !== null) whole = { ...whole, codes: openMapped(codes) };
  return whole;
}
