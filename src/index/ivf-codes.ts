/** What is kept of a row in inverted lists, by structure and parameters. */
import { unreachable } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import { codeMetric, type CodeShape } from './codes.ts';
import type { ListCodes } from './ivf-image.ts';
import { integerOf, type Parameters } from './parameters.ts';
import type { IndexStructure } from './registry.ts';
import type { IndexTask } from './vector-index.ts';

export type ListStructure = Extract<
  IndexStructure,
  'IVF_FLAT' | 'BIN_IVF_FLAT' | 'IVF_SQ8' | 'IVF_PQ' | 'IVF_RABITQ' | 'SCANN'
>;

const STRUCTURES: readonly ListStructure[] = [
  'IVF_FLAT',
  'BIN_IVF_FLAT',
  'IVF_SQ8',
  'IVF_PQ',
  'IVF_RABITQ',
  'SCANN',
];

export function isListStructure(structure: IndexStructure): structure is ListStructure {
  return STRUCTURES.some((one) => one === structure);
}

/** Bits of a product code that 32 rows are looked up of at a time. */
const BLOCKED_BITS = 4;

/** Rows of a list, at least, on average. */
const LIST_ROWS_MIN = 39;

/** Lists of so many rows, where `nlist` are wanted. */
export function listCountOf(nlist: number, rowCount: number): number {
  if (nlist * LIST_ROWS_MIN <= rowCount) return nlist;
  return Math.max(1, Math.floor(rowCount / LIST_ROWS_MIN));
}

/** Trained codes have no size yet: see `sizedFor`. */
export function codesOf(
  structure: ListStructure,
  { vectors, metric, parameters }: Pick<IndexTask, 'vectors' | 'metric' | 'parameters'>,
): ListCodes {
  const { type, dim } = vectors;
  const shape = { metric: codeMetric(metric), dim, parts: 1, layers: 1, bits: 0, entries: 0 };
  switch (structure) {
    case 'BIN_IVF_FLAT':
      return 'none';
    case 'IVF_FLAT':
      // Codes of int8 vectors would be the vectors once more.
      return type === DataType.Int8Vector ? 'none' : 'panels';
    case 'IVF_SQ8':
      return { ...shape, kind: scalarKind(parameters) };
    case 'IVF_PQ': {
      const [parts, bits] = [integerOf(parameters, 'm'), integerOf(parameters, 'nbits')];
      return { ...shape, kind: 'PRODUCT', parts, bits };
    }
    case 'IVF_RABITQ':
      return { ...shape, kind: 'RABIT', bits: integerOf(parameters, 'rbq_bits') };
    case 'SCANN': {
      const parts = dim / integerOf(parameters, 'sub_dim');
      return { ...shape, kind: 'BLOCKED_PRODUCT', parts, bits: BLOCKED_BITS };
    }
    default:
      return unreachable(structure);
  }
}

function scalarKind(parameters: Parameters): CodeShape['kind'] {
  const name = parameters['sq_type'];
  return name === 'SQ4' || name === 'SQ6' ? name : 'SQ8';
}

/** Whether more candidates than hits may be asked of the codes. */
export function isRefined(structure: ListStructure, parameters: Parameters): boolean {
  return parameters[structure === 'SCANN' ? 'with_raw_data' : 'refine'] === true;
}
