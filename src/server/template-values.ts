/** Values for the `{name}` places of a filter, as messages carry them. */
import { invalidParameter } from '../base/errors.ts';
import type { ParameterList, ParameterValue, ParameterValues } from '../query/template.ts';
import { parseJsonText } from '../schema/json-text.ts';
import { textAt } from '../wire/byte-lists.ts';
import type { TemplateArrayValue, TemplateValue } from '../wire/generated/milvus.ts';

export function parametersOf(values: ReadonlyMap<string, TemplateValue>): ParameterValues {
  return Object.fromEntries(Array.from(values, ([name, value]) => [name, valueOf(name, value)]));
}

function valueOf(name: string, value: TemplateValue): ParameterValue {
  const { floatVal: floating } = value;
  if (floating !== undefined) return { floating };
  const single = value.boolVal ?? value.int64Val ?? value.stringVal ?? value.bytesVal;
  if (single !== undefined) return single;
  if (value.arrayVal !== null) return listOf(name, value.arrayVal);
  throw invalidParameter(`the value of expression template variable {${name}} is nil`);
}

function listOf(
  name: string,
  list: TemplateArrayValue,
): ParameterList | BigInt64Array | Float64Array {
  if (list.longData !== null) return list.longData.data;
  if (list.doubleData !== null) return list.doubleData.data;
  if (list.boolData !== null) return Array.from(list.boolData.data, (bit) => bit === 1);
  const { stringData } = list;
  if (stringData !== null) {
    const { data } = stringData;
    return Array.from({ length: data.offsets.length - 1 }, (_, i) => textAt(data, i));
  }
  if (list.arrayData !== null) return list.arrayData.data.map((inner) => innerList(name, inner));
  if (list.jsonData === null) return [];
  const { data } = list.jsonData;
  return Array.from({ length: data.offsets.length - 1 }, (_, i) =>
    jsonValue(name, textAt(data, i)),
  );
}

function innerList(name: string, list: TemplateArrayValue): ParameterList {
  const values = listOf(name, list);
  if (values instanceof BigInt64Array) return [...values];
  if (values instanceof Float64Array) return Array.from(values, (floating) => ({ floating }));
  return values;
}

/** A value that JSON text says; what a filter cannot use of it, the filter's own check refuses. */
function jsonValue(name: string, text: string): ParameterList[number] {
  try {
    return parseJsonText(text) as ParameterList[number];
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalidParameter(
      `the value of expression template variable {${name}} is no JSON: ${cause.message}`,
    );
  }
}
