/** The fields of an answer as FieldData, by the names that the request gave. */
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import type { BytesColumn, ColumnBatch } from '../schema/column.ts';
import type { NamedColumn } from '../core/requests.ts';
import { dynamicField, isHidden } from '../schema/fields.ts';
import { toJsonText } from '../schema/json-text.ts';
import { type OutputSelection, selectOutputFields } from '../schema/output-fields.ts';
import { decodeColumn } from '../schema/value-decoders.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import type { FieldData } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { type EncodeContext, fieldData, structData } from './column-encode.ts';

export interface AnswerFields {
  readonly fieldsData: readonly Init<FieldData>[];
  /** What clients read the fields by: `*` is spelt out, a sub-field goes by its struct, once. */
  readonly outputFields: readonly string[];
}

export function answerFields(names: readonly string[], context: EncodeContext): AnswerFields {
  const { schema, batch } = context;
  const selection = selectOutputFields(schema, names);
  const meta = dynamicField(schema);
  const fieldsData = [
    ...Array.from(selection.fields, (field) => fieldData(field, context)),
    ...Array.from(selection.structs, ([struct, subFields]) =>
      structData(struct, subFields, context),
    ),
    ...(meta !== undefined && wantsDynamic(selection)
      ? [dynamicData(meta, selection, { ...context, batch })]
      : []),
  ];
  const outputFields = new Set(names.flatMap((name) => spelt(name, schema)));
  return { fieldsData, outputFields: [...outputFields] };
}

/** A column that is no field's. */
export function namedData(
  { field, column }: NamedColumn,
  context: Omit<EncodeContext, 'batch'>,
): Init<FieldData> {
  const batch = { rowCount: columnRowCount(column), columns: new Map([[field.id, column]]) };
  return fieldData(field, { ...context, batch });
}

function wantsDynamic({ wholeMeta, dynamicKeys }: OutputSelection): boolean {
  return wholeMeta || dynamicKeys !== null;
}

function spelt(name: string, schema: CollectionSchema): string[] {
  if (name.trim() !== '*') {
    const { structName } = schema.fields.find((field) => field.name === name.trim()) ?? {};
    return [structName ?? name];
  }
  const fields = schema.fields.filter(
    (field) => field.structName === undefined && (!isHidden(field) || field.isDynamic),
  );
  return [...fields, ...schema.structs].map((one) => one.name);
}

/** All keys of the dynamic field as they are stored, or the wanted ones. */
function dynamicData(
  meta: FieldSchema,
  { dynamicKeys, wholeMeta }: OutputSelection,
  context: EncodeContext,
): Init<FieldData> {
  const stored = context.batch.columns.get(meta.id);
  if (wholeMeta || dynamicKeys === 'all' || dynamicKeys === null || stored === undefined) {
    return fieldData(meta, context);
  }
  const texts = decodeColumn(stored, context.timeZone).map((value) => {
    const entries = Object.entries(value ?? {});
    return toJsonText(Object.fromEntries(entries.filter(([key]) => dynamicKeys.has(key))));
  });
  const column: BytesColumn = {
    ...(stored as BytesColumn),
    ...byteListOf(texts),
    validity: null,
  };
  const batch: ColumnBatch = {
    ...context.batch,
    columns: new Map([...context.batch.columns, [meta.id, column]]),
  };
  return fieldData(meta, { ...context, batch });
}
