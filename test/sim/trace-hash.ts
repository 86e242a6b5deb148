/** Hashes of what happened, in order: equal runs have equal ones. FNV-1a, over UTF-16 units and integers. */

const PRIME = 0x01000193;

export function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hashNumber(text.length, hash);
}

/** @param value its lowest 32 bits count */
export function hashNumber(value: number, seed: number): number {
  return Math.imul(seed ^ value, PRIME) >>> 0;
}
