/** Properties as pairs of text, which is how Milvus's messages carry them. */
import type { Properties } from '../schema/collection-schema.ts';
import type { KeyValuePair } from '../wire/generated/milvus.ts';

export function pairsOf(properties: Properties): KeyValuePair[] {
  return Object.entries(properties).map(([key, value]) => ({ key, value }));
}

/** The last of two values of a key wins. */
export function propertiesOf(pairs: readonly KeyValuePair[]): Properties {
  const properties = Object.create(null) as Record<string, string>;
  for (const { key, value } of pairs) properties[key] = value;
  return properties;
}
