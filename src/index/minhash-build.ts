/**
 * Building the tables of a MINHASH_LSH index, some rows a step: the twin of native/src/minhash_build.cc.
 * Each band's rows are hashed, counted by bucket and put in place; of the same rows it is always the same
 * image.
 */
import { addToFilter, bandHash, type Filter } from './minhash-filter.ts';
import { layOut, type TableImage, type TableShape, writeHeader } from './minhash-image.ts';
import { bandByteCount } from './minhash-signature.ts';

/** Rows of one step. */
const ROWS_AT_ONCE = 4096;

export function bandFilter({ shape, filters }: TableImage, band: number): Filter {
  const { filterCount, filterBlocks: blocks, filterBits: bits } = shape;
  const firstWord = filterCount === 1 ? 0 : band * blocks * 16;
  return { words: filters, firstWord, blocks, bits };
}

export class TableBuild {
  readonly #vectors: Uint8Array;
  readonly #image: TableImage;
  readonly #hashes: Uint32Array;
  #band = 0;
  #row = 0;

  /** @param bytes zeros, as many as the image takes */
  constructor(shape: TableShape, vectors: Uint8Array, bytes: Uint8Array) {
    this.#vectors = vectors;
    this.#image = layOut(shape, bytes);
    this.#hashes = new Uint32Array(shape.rowCount);
  }

  get isDone(): boolean {
    return this.#band >= this.#image.shape.bandCount;
  }

  /** Of all rows, as the bands are hashed. */
  get rowsDone(): number {
    const { bandCount, rowCount } = this.#image.shape;
    return Math.floor((this.#band * rowCount + this.#row) / bandCount);
  }

  /** Hashes some rows of a band, and makes its table with the last of them. */
  step(): void {
    const { shape } = this.#image;
    const byteCount = shape.dim / 8;
    const bandBytes = bandByteCount(shape, byteCount);
    const end = Math.min(shape.rowCount, this.#row + ROWS_AT_ONCE);
    const offset = this.#band * bandBytes;
    for (; this.#row < end; this.#row++) {
      const at = this.#row * byteCount + offset;
      this.#hashes[this.#row] = bandHash(this.#vectors, at, bandBytes, this.#band);
    }
    if (end < shape.rowCount) return;
    this.#placeRows();
    if (shape.filterCount > 0) this.#fillFilter();
    this.#band++;
    this.#row = 0;
  }

  finish(): Uint8Array {
    writeHeader(this.#image);
    return this.#image.bytes;
  }

  #placeRows(): void {
    const { shape, starts, entries } = this.#image;
    const { rowCount, bucketBits } = shape;
    const bucketCount = 2 ** bucketBits;
    const first = this.#band * (bucketCount + 1);
    for (let row = 0; row < rowCount; row++) {
      starts[first + bucketOf(this.#hashes[row]!, bucketBits) + 1]!++;
    }
    for (let bucket = first; bucket < first + bucketCount; bucket++) {
      starts[bucket + 1]! += starts[bucket]!;
    }
    const next = starts.slice(first, first + bucketCount);
    for (let row = 0; row < rowCount; row++) {
      const hash = this.#hashes[row]!;
      const at = (this.#band * rowCount + next[bucketOf(hash, bucketBits)]!++) * 2;
      entries[at] = hash;
      entries[at + 1] = row;
    }
  }

  #fillFilter(): void {
    const filter = bandFilter(this.#image, this.#band);
    for (let row = 0; row < this.#image.shape.rowCount; row++) {
      addToFilter(filter, this.#hashes[row]!);
    }
  }
}

/** The first bits of a hash. */
export function bucketOf(hash: number, bucketBits: number): number {
  return bucketBits === 0 ? 0 : hash >>> (32 - bucketBits);
}
