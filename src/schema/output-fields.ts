/**
 * Which fields an answer shows, from names as users give them: fields and structs, `struct[sub]`, keys of the
 * dynamic field (bare or as `$meta["key"]`), `$meta` itself, and `*` for everything with `$meta` spread into
 * the row. Source: Milvus `internal/proxy/util.go`, translateOutputFields.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema, StructFieldSchema } from './collection-schema.ts';
import { dynamicField, findField, isHidden, primaryField, structSubFields } from './fields.ts';

export interface OutputSelection {
  /** What has to be read, in the order of the schema; the primary key is always one of them. */
  readonly fieldIds: readonly number[];
  /** Shown under their own names, in the order of the request. */
  readonly fields: ReadonlySet<FieldSchema>;
  readonly structs: ReadonlyMap<StructFieldSchema, readonly FieldSchema[]>;
  /** Keys of the dynamic field that are shown beside the fields; `all` with `*`, null: none. */
  readonly dynamicKeys: ReadonlySet<string> | 'all' | null;
  /** `$meta` is shown under its own name. */
  readonly wholeMeta: boolean;
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const META_KEY = /^\$meta\[(["'])(.+)\1\]$/s;

/** @throws MilvusError ParameterInvalid naming the one that is not there */
export function selectOutputFields(
  schema: CollectionSchema,
  names: readonly string[],
): OutputSelection {
  const selecting = new Selecting(schema);
  for (const name of names) selecting.add(name.trim());
  return selecting.result();
}

/** A selection in the making. */
class Selecting {
  readonly #schema: CollectionSchema;
  readonly #fields = new Set<FieldSchema>();
  readonly #structs = new Map<StructFieldSchema, FieldSchema[]>();
  readonly #keys = new Set<string>();
  #isAllDynamic = false;
  #wholeMeta = false;

  constructor(schema: CollectionSchema) {
    this.#schema = schema;
  }

  add(name: string): void {
    const schema = this.#schema;
    if (name === '*') return this.#addAll();
    const struct = schema.structs.find((each) => each.name === name);
    if (struct !== undefined) {
      this.#structs.set(struct, structSubFields(schema, struct));
      return;
    }
    const field = findField(schema, name);
    if (field !== undefined) return this.#addField(field);
    if (dynamicField(schema) === undefined) {
      throw invalidParameter(`field ${name} not exist`, { field: name });
    }
    this.#keys.add(dynamicKey(name));
  }

  result(): OutputSelection {
    const { fields } = this.#schema;
    const hasDynamic = this.#isAllDynamic || this.#wholeMeta || this.#keys.size > 0;
    const ids = new Set([primaryField(this.#schema).id]);
    for (const { id } of this.#fields) ids.add(id);
    for (const subFields of this.#structs.values()) for (const { id } of subFields) ids.add(id);
    return {
      fieldIds: fields
        .filter(({ id, isDynamic }) => ids.has(id) || (isDynamic && hasDynamic))
        .map(({ id }) => id),
      fields: this.#fields,
      structs: this.#structs,
      dynamicKeys: this.#isAllDynamic ? 'all' : this.#keys.size > 0 ? this.#keys : null,
      wholeMeta: this.#wholeMeta,
    };
  }

  #addAll(): void {
    const schema = this.#schema;
    for (const field of schema.fields) {
      if (!isHidden(field) && field.structName === undefined) this.#fields.add(field);
    }
    for (const struct of schema.structs) this.#structs.set(struct, structSubFields(schema, struct));
    this.#isAllDynamic = schema.enableDynamicField;
  }

  #addField(field: FieldSchema): void {
    const struct = this.#schema.structs.find((each) => each.name === field.structName);
    if (field.isDynamic) this.#wholeMeta = true;
    else if (struct === undefined) this.#fields.add(field);
    else {
      const subFields = this.#structs.get(struct) ?? [];
      if (!subFields.includes(field)) subFields.push(field);
      this.#structs.set(struct, subFields);
    }
  }
}

/** A key of the dynamic field: what no field is called, in the form of a name, or `$meta["key"]`. */
function dynamicKey(name: string): string {
  if (IDENTIFIER.test(name)) return name;
  const key = META_KEY.exec(name)?.[2];
  if (key !== undefined && !key.includes('"]') && !key.includes("']")) return key;
  throw invalidParameter(`parse output field name failed: ${name}`, { field: name });
}
