/**
 * The most frequent filter there is, read at a glance: `id in [1, 2]` and `id == 1`, of a primary key of int64.
 * Whatever is not exactly of that form is the parser's to read.
 */
import type { FieldSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';

/** Longer texts are lists that are read in turns. */
const LENGTH_MAX = 4096;
/** Eighteen digits are always an int64; a leading 0 would make a number of another base. */
const KEY = '-?(?:0|[1-9]\\d{0,17})';
const FORM = new RegExp(
  `^\\s*([A-Za-z_]\\w*)\\s*(?:==\\s*(${KEY})|\\s(?:in|IN)\\s*\\[\\s*(${KEY}(?:\\s*,\\s*${KEY})*)\\s*\\])\\s*$`,
);

/** The keys that the text asks for, and nothing else; null when it says another thing, or says it otherwise. */
export function keysOfText(text: string, primary: FieldSchema): readonly bigint[] | null {
  if (text.length > LENGTH_MAX || primary.type !== DataType.Int64) return null;
  const [, name, key, list] = FORM.exec(text) ?? [];
  if (name !== primary.name) return null;
  return (key ?? list ?? '').split(',').map(BigInt);
}
