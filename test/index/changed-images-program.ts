/**
 * Searches mapped images while their files are overwritten: the program of test/index/changed-images.test.ts.
 *
 *   node changed-images-program.ts <native|js> <directory>
 *
 * Prints one JSON object a line: of each index how many searches it answered, and how many hits of theirs were
 * no rows. The thread that writes goes on while this one searches; where nothing can be mapped, the memory of
 * the image is overwritten between searches.
 */
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { mapFile } from '../../src/base/mapped-memory.ts';
import { type NativeAddon, nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { ListStructure } from '../../src/index/ivf-codes.ts';
import { minhash } from '../../src/index/minhash.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import {
  type IndexBuilder,
  type IndexTask,
  newBuildControl,
  type VectorIndex,
} from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { SeededRandom } from '../sim/seeded-random.ts';

const ROWS = 600;
const DIM = 32;
/** One word in so many is overwritten, more of them each time. */
const SHARES = [1000, 300, 100, 30, 10, 3, 1, 1, 1, 1];
const SEARCHES = 4;
const SIGNATURES = {
  mh_element_bit_width: 8,
  mh_lsh_band: 2,
  mh_lsh_shared_bloom_filter: true,
  mh_lsh_bloom_false_positive_prob: 0.01,
};

type Named = Pick<IndexTask, 'structure' | 'metric' | 'parameters'> & {
  readonly isBits?: true;
  /** Of elements; graphs of such vectors have no codes. */
  readonly mean?: number;
};

const GRAPH = { M: 4, efConstruction: 40, refine: true };
const CASES: readonly Named[] = [
  { structure: 'HNSW', metric: 'L2', parameters: GRAPH },
  { structure: 'HNSW', metric: 'COSINE', parameters: GRAPH },
  { structure: 'HNSW', metric: 'JACCARD', parameters: GRAPH, isBits: true },
  { structure: 'HNSW', metric: 'L2', parameters: GRAPH, mean: 300 },
  { structure: 'HNSW', metric: 'COSINE', parameters: GRAPH, mean: 300 },
  { structure: 'HNSW_SQ', metric: 'IP', parameters: { ...GRAPH, sq_type: 'SQ6' } },
  { structure: 'HNSW_PQ', metric: 'L2', parameters: { ...GRAPH, m: 8, nbits: 5 } },
  { structure: 'HNSW_PQ', metric: 'L2', parameters: { ...GRAPH, m: 8, nbits: 9 } },
  { structure: 'HNSW_PRQ', metric: 'COSINE', parameters: { ...GRAPH, m: 4, nrq: 2, nbits: 4 } },
  { structure: 'IVF_FLAT', metric: 'L2', parameters: { nlist: 8 } },
  { structure: 'IVF_SQ8', metric: 'COSINE', parameters: { nlist: 8, sq_type: 'SQ4' } },
  { structure: 'IVF_PQ', metric: 'L2', parameters: { nlist: 8, m: 8, nbits: 6 } },
  { structure: 'IVF_RABITQ', metric: 'IP', parameters: { nlist: 8, rbq_bits: 2 } },
  { structure: 'SCANN', metric: 'L2', parameters: { nlist: 8, sub_dim: 2, with_raw_data: true } },
  { structure: 'BIN_IVF_FLAT', metric: 'HAMMING', parameters: { nlist: 8 }, isBits: true },
  { structure: 'MINHASH_LSH', metric: 'MHJACCARD', parameters: SIGNATURES, isBits: true },
];
const SEARCH: Parameters = {
  ef: 50,
  nprobe: 3,
  refine_k: 2,
  reorder_k: 40,
  rbq_bits_query: 0,
  mh_search_with_jaccard: true,
};

function builderOf({ structure }: Named, addon: NativeAddon | null): IndexBuilder {
  if (structure === 'MINHASH_LSH') return minhash(addon);
  return structure.startsWith('HNSW') ? hnsw(addon) : ivf(structure as ListStructure, addon);
}

function taskOf(named: Named, random: SeededRandom): IndexTask {
  const { structure, metric, parameters, isBits, mean = 0 } = named;
  const any = (): number => mean + random.next() * 2 - 1;
  const values =
    isBits === true
      ? Uint8Array.from({ length: ROWS * DIM }, () => Math.floor(random.next() * 4))
      : Float32Array.from({ length: ROWS * DIM }, any);
  // Equal rows, for the chains of them.
  for (let row = 40; row < 80; row++) values.copyWithin(row * DIM, 0, DIM);
  const vectors =
    isBits === true
      ? ({ type: DataType.BinaryVector, dim: DIM * 8, values } as const)
      : ({ type: DataType.FloatVector, dim: DIM, values } as const);
  const kind = 'build-index';
  const control = newBuildControl();
  return { kind, structure, metric, parameters, vectors, rowCount: ROWS, threadCount: 1, control };
}

/** Numbers of any size, small ones more than others, over some of the words. */
function scribble(bytes: Uint8Array, share: number, random: SeededRandom): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    if (random.next() * share >= 1) continue;
    const word = Math.floor(random.next() * 2 ** 32) >>> Math.floor(random.next() * 32);
    view.setUint32(at, word, true);
  }
}

/** Searches plain and filtered, by scans and by walks; how many hits were no rows. */
function strayHits(index: VectorIndex, { vectors }: IndexTask): number {
  const queries = vectors.values.subarray(0, DIM * 3);
  const some = new Uint32Array(Math.ceil(ROWS / 32)).fill(0x1111_1111);
  let strays = 0;
  for (const allowed of [null, some]) {
    for (const scanRows of [0, ROWS]) {
      const parameters = { ...SEARCH, [SCAN_ROWS_PARAMETER]: scanRows };
      const { rows } = index.search({ queries, queryCount: 3, topK: 10, parameters, allowed });
      strays += rows.filter((row) => row >= ROWS).length;
    }
  }
  return strays;
}

interface Writing {
  readonly file: string;
  readonly content: Uint8Array;
  /** Anything but 0 in it ends the writing. */
  readonly stop: Int32Array;
}

/** Overwrites the file in place, over and over, with an image that is damaged more and more. */
function keepWriting({ file, content, stop }: Writing): void {
  const random = new SeededRandom(content.length);
  const descriptor = openSync(file, 'r+');
  for (let round = 0; Atomics.load(stop, 0) === 0; round++) {
    const bytes = content.slice();
    scribble(bytes, SHARES[round % SHARES.length] ?? 1, random);
    writeSync(descriptor, bytes, 0, bytes.length, 0);
  }
  closeSync(descriptor);
}

async function searchWhileWritten(named: Named, directory: string): Promise<void> {
  const random = new SeededRandom(7);
  const addon = nativeAddon();
  const task = taskOf(named, random);
  const built = builderOf(named, addon).build(task);
  if (built === null || addon === null) throw new Error('nobody cancels it');
  const file = path.join(directory, 'image');
  writeFileSync(file, built);
  const image = mapFile(file, built.length);
  if (image === null) throw new Error('it cannot be mapped');
  const index = builderOf(named, addon).open({ image, vectors: task.vectors, isChecked: false });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const writing: Writing = { file, content: Uint8Array.from(built), stop };
  const writer = new Worker(new URL(import.meta.url), { workerData: writing });
  const ended = once(writer, 'exit');
  await once(writer, 'online');
  let strays = 0;
  let searches = 0;
  const descriptor = openSync(file, 'r+');
  for (; searches < SHARES.length * SEARCHES; searches++) {
    // So that much is damaged even where the other thread is slow.
    const bytes = Uint8Array.from(built);
    scribble(bytes, SHARES[searches % SHARES.length] ?? 1, random);
    writeSync(descriptor, bytes, 0, bytes.length, 0);
    for (let again = 0; again < SEARCHES; again++) strays += strayHits(index, task);
  }
  closeSync(descriptor);
  Atomics.store(stop, 0, 1);
  await ended;
  const { structure, metric } = named;
  console.log(JSON.stringify({ structure, metric, searches, strays }));
}

function searchScribbled(named: Named): void {
  const random = new SeededRandom(7);
  const task = taskOf(named, random);
  const image = builderOf(named, null).build(task);
  if (image === null) throw new Error('nobody cancels it');
  const index = builderOf(named, null).open({ image, vectors: task.vectors, isChecked: false });
  let strays = 0;
  for (const share of SHARES) {
    scribble(image, share, random);
    strays += strayHits(index, task);
  }
  const { structure, metric } = named;
  console.log(JSON.stringify({ structure, metric, searches: SHARES.length, strays }));
}

if (isMainThread) {
  const [engine = '', directory = ''] = process.argv.slice(2);
  for (const named of CASES) {
    if (engine === 'js') searchScribbled(named);
    else await searchWhileWritten(named, directory);
  }
} else {
  keepWriting(workerData as Writing);
}
