/**
 * Files that are mapped into memory: their bytes are read as they are touched, and given back by the system
 * when it needs the room. Only files that never change are mapped, and nobody writes to the memory.
 *
 * A mapping belongs to its thread. What another thread is to see is described to it, and mapped there once
 * more: `describeMapped` and `openMapped`. A thread keeps the last MAPS_KEPT_MAX files that it was told of.
 */
import { assert } from './assert.ts';
import { nativeAddon } from './native.ts';

/** Files told of by other threads that stay mapped though nobody here may use them any more. */
const MAPS_KEPT_MAX = 64;

interface MappedFile {
  readonly path: string;
  readonly byteLength: number;
}

/** Where the memory of a typed array lies, as plain data. */
export interface MappedPlace {
  readonly mapped: MappedFile;
  readonly kind: 'Uint8Array' | 'Int8Array' | 'Uint16Array' | 'Float32Array';
  readonly offset: number;
  readonly length: number;
}

export type MappableArray = Uint8Array | Int8Array | Uint16Array | Float32Array;

const files = new WeakMap<ArrayBufferLike, MappedFile>();
/** The least recently used first. */
const kept = new Map<string, Uint8Array>();

/** All bytes of a file; null where it cannot be mapped. @param path of the system */
export function mapFile(path: string, byteLength: number): Uint8Array | null {
  const bytes = nativeAddon()?.mapFile(path, byteLength) ?? null;
  if (bytes !== null) files.set(bytes.buffer, { path, byteLength });
  return bytes;
}

/** Whether files can be mapped at all. @param path of any file that is there and not empty */
export function canMap(path: string): boolean {
  return mapFile(path, 1) !== null;
}

export function isMapped(array: ArrayBufferView): boolean {
  return files.has(array.buffer);
}

/** What another thread needs to see the same; null when the memory is none of a file. */
export function describeMapped(array: MappableArray): MappedPlace | null {
  const mapped = files.get(array.buffer);
  if (mapped === undefined) return null;
  const kind = array.constructor.name as MappedPlace['kind'];
  return { mapped, kind, offset: array.byteOffset, length: array.length };
}

/** The array that another thread described. @throws Error when the file is not there any more */
export function openMapped({ mapped, kind, offset, length }: MappedPlace): MappableArray {
  const { buffer } = keptFile(mapped);
  switch (kind) {
    case 'Float32Array':
      return new Float32Array(buffer, offset, length);
    case 'Uint16Array':
      return new Uint16Array(buffer, offset, length);
    case 'Int8Array':
      return new Int8Array(buffer, offset, length);
    default:
      return new Uint8Array(buffer, offset, length);
  }
}

function keptFile({ path, byteLength }: MappedFile): Uint8Array {
  const bytes = kept.get(path) ?? mapFile(path, byteLength);
  if (bytes === null) throw new Error(`${path} cannot be mapped`);
  assert(bytes.length === byteLength, 'a file never changes');
  kept.delete(path);
  kept.set(path, bytes);
  if (kept.size > MAPS_KEPT_MAX) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  return bytes;
}
