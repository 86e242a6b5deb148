/**
 * What a search by an index costs, and how wide it has to be: known of each structure without opening one,
 * by the parameters of its definition and of the search.
 */
import { DataType, type DenseVectorType } from '../schema/data-type.ts';
import { isListStructure, listCountOf } from './ivf-codes.ts';
import { CANDIDATES_MIN } from './parameter-rules.ts';
import { integerOf, type Parameters } from './parameters.ts';
import type { IndexStructure } from './registry.ts';

/** Rows that a walk looks at for each candidate it keeps, about. */
const ROWS_PER_CANDIDATE = 16;
/** Codes that are compared in the time in which a vector is measured, about. */
const CODES_PER_VECTOR = 4;

export interface SearchSize {
  readonly structure: IndexStructure;
  readonly type: DenseVectorType;
  readonly dim: number;
  readonly rowCount: number;
  readonly topK: number;
  /** Of the definition. */
  readonly build: Parameters;
  /** Of the search. */
  readonly search: Parameters;
}

/** Multiply-adds, about, of one query. */
export function searchWork(size: SearchSize): number {
  const { structure, type, dim, rowCount, topK, build, search } = size;
  const elements = type === DataType.BinaryVector ? dim / 8 : dim;
  if (!isListStructure(structure)) {
    const width = integerOf(widened(structure, search, topK), widthName(structure));
    return width * ROWS_PER_CANDIDATE * dim;
  }
  const listCount = listCountOf(integerOf(build, 'nlist'), rowCount);
  const share = Math.min(1, integerOf(search, 'nprobe') / listCount);
  return (listCount + (rowCount * share) / CODES_PER_VECTOR) * elements;
}

/** Search parameters with which so many hits are found: what is chosen from is at least as many. */
export function widened(structure: IndexStructure, search: Parameters, topK: number): Parameters {
  if (structure === 'SCANN') {
    return { ...search, reorder_k: Math.max(topK, Number(search['reorder_k'] ?? topK)) };
  }
  if (isListStructure(structure)) return search;
  const name = widthName(structure);
  // An alias of the structure has other names for its width, and then the structure's default.
  return { ...search, [name]: Math.max(topK, Number(search[name] ?? CANDIDATES_MIN)) };
}

/** The parameter that says how many candidates a walk over a graph keeps. */
export function widthName(structure: IndexStructure): string {
  return structure === 'DISKANN' ? 'search_list_size' : 'ef';
}
