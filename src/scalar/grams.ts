/**
 * Grams: parts of a text of some characters (code points) each, as UTF-8. A text that has a part of `min`
 * characters or more has all grams of that part.
 */
import type { TextVisitor } from './term-rows.ts';

export interface GramLengths {
  readonly min: number;
  readonly max: number;
}

/** Shows the grams of every length in the place of each text. */
export function gramVisitor({ min, max }: GramLengths, visit: TextVisitor): TextVisitor {
  let places = new Uint32Array(256);
  return (bytes, start, end, row) => {
    if (places.length <= end - start) places = new Uint32Array((end - start) * 2 + 1);
    const count = characterPlaces(bytes, { start, end }, places);
    for (let length = min; length <= max; length++) {
      for (let i = 0; i + length <= count; i++) visit(bytes, places[i]!, places[i + length]!, row);
    }
  };
}

/**
 * The longest grams that cover a text: it is in another only if all of these are.
 * @returns none when the text is shorter than any gram
 */
export function coveringGrams(text: Uint8Array, { min, max }: GramLengths): Uint8Array[] {
  const places = new Uint32Array(text.length + 1);
  const count = characterPlaces(text, { start: 0, end: text.length }, places);
  if (count < min) return [];
  const length = Math.min(count, max);
  const grams: Uint8Array[] = [];
  for (let i = 0; i + length <= count; i++) {
    grams.push(text.subarray(places[i], places[i + length]));
  }
  return grams;
}

/** Where each character begins, and the end. @returns how many there are */
function characterPlaces(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  places: Uint32Array,
): number {
  let count = 0;
  // Of the bytes of a character all but the first begin with the bits 10.
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) places[count++] = at;
  places[count] = end;
  return count;
}
