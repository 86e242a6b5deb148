/**
 * Which fields an answer shows: names as users give them, as field ids.
 * Source: Milvus `internal/proxy/util.go`, translateOutputFields.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import {
  dynamicField,
  findField,
  isHidden,
  primaryField,
  structSubFields,
} from '../schema/fields.ts';

export interface OutputSelection {
  /** In the order of the schema; the primary key is always one of them. */
  readonly fieldIds: readonly number[];
  /**
   * Keys of the dynamic field that are wanted: null for all of them. Of no meaning when `$meta` is not
   * among the fields.
   */
  readonly dynamicKeys: readonly string[] | null;
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const META_KEY = /^\$meta\[(["'])(.+)\1\]$/s;
const COUNT = /^count\s*\(\s*\*\s*\)$/i;

/** Whether the only thing asked for is the number of rows. */
export function isCount(names: readonly string[]): boolean {
  return names.length === 1 && COUNT.test(names[0]!.trim());
}

/**
 * @param names fields, `*` (all of them and every dynamic key), a struct or `struct[sub]`, dynamic keys as
 *   they are or as `$meta["key"]`
 * @throws MilvusError ParameterInvalid naming the one that is not there
 */
export function resolveOutputFields(
  schema: CollectionSchema,
  names: readonly string[],
): OutputSelection {
  const ids = new Set<number>([primaryField(schema).id]);
  const dynamic = dynamicField(schema);
  const keys = new Set<string>();
  let isAllDynamic = false;
  for (const given of names) {
    const name = given.trim();
    const struct = schema.structs.find((each) => each.name === name);
    const field = findField(schema, name);
    if (name === '*') {
      for (const each of schema.fields) if (!isHidden(each) || each.isDynamic) ids.add(each.id);
      isAllDynamic = true;
    } else if (struct !== undefined) {
      for (const each of structSubFields(schema, struct)) ids.add(each.id);
    } else if (field !== undefined) {
      ids.add(field.id);
      isAllDynamic ||= field.isDynamic;
    } else if (dynamic === undefined) {
      throw invalidParameter(`field ${name} not exist`, { field: name });
    } else {
      ids.add(dynamic.id);
      keys.add(dynamicKey(name));
    }
  }
  const fieldIds = schema.fields.filter(({ id }) => ids.has(id)).map(({ id }) => id);
  return { fieldIds, dynamicKeys: isAllDynamic ? null : [...keys] };
}

/** A key of the dynamic field: what no field is called, in the form of a name, or `$meta["key"]`. */
function dynamicKey(name: string): string {
  if (IDENTIFIER.test(name)) return name;
  const key = META_KEY.exec(name)?.[2];
  if (key !== undefined && !key.includes('"]') && !key.includes("']")) return key;
  throw invalidParameter(`parse output field name failed: ${name}`, { field: name });
}
