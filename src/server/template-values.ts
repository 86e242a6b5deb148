/** Values for the `{name}` places of a filter, as messages carry them. */
import { invalidParameter } from '../base/errors.ts';
import type { ParameterValue, ParameterValues } from '../query/template.ts';
import { textAt } from '../wire/byte-lists.ts';
import type { TemplateArrayValue, TemplateValue } from '../wire/generated/milvus.ts';

export function parametersOf(values: ReadonlyMap<string, TemplateValue>): ParameterValues {
  return Object.fromEntries(Array.from(values, ([name, value]) => [name, valueOf(name, value)]));
}

function valueOf(name: string, value: TemplateValue): ParameterValue {
  const single = value.boolVal ?? value.int64Val ?? value.floatVal ?? value.stringVal;
  if (single !== undefined) return single;
  if (value.arrayVal !== null) return listOf(name, value.arrayVal);
  throw invalidParameter(`the value of expression template variable {${name}} is nil`);
}

function listOf(name: string, list: TemplateArrayValue): ParameterValue {
  if (list.longData !== null) return list.longData.data;
  if (list.doubleData !== null) return list.doubleData.data;
  if (list.boolData !== null) return Array.from(list.boolData.data, (bit) => bit === 1);
  const { stringData } = list;
  if (stringData !== null) {
    const { data } = stringData;
    return Array.from({ length: data.offsets.length - 1 }, (_, i) => textAt(data, i));
  }
  if (list.arrayData === null && list.jsonData === null) return [];
  throw invalidParameter(`the value of expression template variable {${name}} is a list of lists`);
}
