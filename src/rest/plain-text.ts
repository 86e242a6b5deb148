/** JSON values as the texts that Milvus's messages carry as parameters. */
import type { KeyValuePair } from '../wire/generated/milvus.ts';
import type { JsonObject } from './json-parse.ts';
import { jsonText } from './json-write.ts';

/** Text as it is, anything else as JSON. */
export function plainText(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}

export function pairsFrom(object: JsonObject): KeyValuePair[] {
  return Object.entries(object).map(([key, value]) => ({ key, value: plainText(value) }));
}

/** The name of a number of an enumeration. */
export function nameOf(names: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(names).find((name) => names[name] === code) ?? String(code);
}

const TRUE: readonly string[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE: readonly string[] = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** What Go reads as a boolean; null for what it does not. */
export function booleanFrom(text: string): boolean | null {
  if (TRUE.includes(text)) return true;
  return FALSE.includes(text) ? false : null;
}
