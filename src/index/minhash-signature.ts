/**
 * MinHash signatures: binary vectors as elements of whole bytes, and what makes two of them alike.
 *
 *   share   of elements that are the same: the Jaccard similarity of the sets that were hashed, about
 *   bands   elements that stand side by side, as many a band as fit, one band behind the other; what is
 *           left over is in no band. Two signatures match when some band of them is the same
 *
 * native/src/signatures.h is the twin of this file.
 * Source: knowhere `src/index/minhash/minhash_util.cc`.
 */
import { integerOf, type Parameters } from './parameters.ts';

export interface SignatureShape {
  readonly elementBytes: number;
  /** At most as many as there are elements. */
  readonly bandCount: number;
}

/** How MHJACCARD compares. */
export interface MinhashMeasure extends SignatureShape {
  /** By the share of equal elements, 0 being no hit; else matches alone are hits, all of score 1. */
  readonly isByShare: boolean;
}

/** What the parameters of an index say of signatures of `dim` bits. */
export function signatureShape(build: Parameters, dim: number): SignatureShape {
  const elementBits = integerOf(build, 'mh_element_bit_width');
  const bandCount = Math.min(integerOf(build, 'mh_lsh_band'), dim / elementBits);
  return { elementBytes: elementBits / 8, bandCount };
}

export function minhashMeasure(build: Parameters, search: Parameters, dim: number): MinhashMeasure {
  return { ...signatureShape(build, dim), isByShare: search['mh_search_with_jaccard'] === true };
}

/** Bytes of one band of a signature of `byteCount` bytes. */
export function bandByteCount(shape: SignatureShape, byteCount: number): number {
  const { elementBytes, bandCount } = shape;
  return Math.floor(byteCount / elementBytes / bandCount) * elementBytes;
}
