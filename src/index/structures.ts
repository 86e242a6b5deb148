/** What is built for a definition: which structures there are, and by what two builds are the same. */
import { DataType, isDenseVector } from '../schema/data-type.ts';
import { hasFlatCodes } from './flat-image.ts';
import { flat } from './flat-index.ts';
import { GRAPHS } from './hnsw-trained.ts';
import { hnsw } from './hnsw.ts';
import { minhash } from './minhash.ts';
import type { IndexBuild } from './index-definition.ts';
import { isListStructure } from './ivf-codes.ts';
import { ivf } from './ivf.ts';
import { MetricType } from './metric-type.ts';
import type { IndexStructure, ScalarStructure } from './registry.ts';
import type { IndexBuilder } from './vector-index.ts';

/** Structures that are nothing but the exact scan; FLAT's files only make it faster. */
const SCANS: readonly IndexStructure[] = ['FLAT', 'BIN_FLAT'];

/** The builder of a structure; null where there is none, and segments are scanned. */
export function indexBuilder(structure: IndexStructure): IndexBuilder | null {
  if (structure === 'FLAT') return flat();
  if (structure === 'MINHASH_LSH') return minhash();
  if (isListStructure(structure)) return ivf(structure);
  return GRAPHS.includes(structure) ? hnsw() : null;
}

/** The exact scan is all that the index is. */
export function isScan(structure: IndexStructure): boolean {
  return SCANS.includes(structure);
}

/** Its image, and the vectors of its field, are mapped whatever is said of mapping. */
export function staysInFile(structure: IndexStructure): boolean {
  return structure === 'DISKANN';
}

/**
 * Whether what it names first is what is best, up to few: then it can tell where a range or a page ends.
 * Codes alone cannot, nor can lists of which some are looked into.
 */
export function reachesInOrder(structure: IndexStructure): boolean {
  return structure === 'HNSW';
}

/** Whether segments get files for an index of a field of this type. */
export function isBuildable({ structure, metric }: IndexBuild, type: DataType): boolean {
  if (structure === 'FLAT') return hasFlatCodes(type, metric);
  if (structure === 'MINHASH_LSH') return type === DataType.BinaryVector && metric === 'MHJACCARD';
  const isBuilt = GRAPHS.includes(structure) || isListStructure(structure);
  return isBuilt && isDenseVector(type) && metric in MetricType;
}

/** An index of vectors, or one of scalars, which has no metric. */
type Fingerprinted = Pick<IndexBuild, 'parameters'> & {
  readonly structure: IndexStructure | ScalarStructure;
  readonly metric?: IndexBuild['metric'];
};

/** Indexes of one field with the same fingerprint are the same; for people, too. */
export function fingerprintOf(build: Fingerprinted): string {
  const { structure, metric, parameters } = build;
  const words = Object.entries(parameters)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value)}`);
  return [structure, ...(metric === undefined ? [] : [metric]), ...words].join(' ');
}
