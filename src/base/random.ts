/** Randomness comes in through this port; no other file of the engine calls a random source. */
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `byteLength` fresh random bytes. */
  bytes(byteLength: number): Uint8Array;
}

/** The operating system's random source. */
export const systemRandom: Random = { bytes: (byteLength) => randomBytes(byteLength) };

/** A 64-bit random value as 16 lower-case hexadecimal digits, for names that must never repeat. */
export function randomName(random: Random): string {
  return Buffer.from(random.bytes(8)).toString('hex');
}
