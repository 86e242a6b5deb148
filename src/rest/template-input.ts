/** `exprParams`: values for the `{name}` places of a filter, as the messages carry them. */
import { invalidParameter } from '../base/errors.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import type { TemplateArrayValue, TemplateValue } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { JsonObject } from './json-parse.ts';
import { jsonText } from './json-write.ts';

/** @throws MilvusError ParameterInvalid for null and for objects */
export function templateValues(params: JsonObject): Map<string, Init<TemplateValue>> {
  return new Map(Object.entries(params).map(([name, value]) => [name, valueOf(name, value)]));
}

function valueOf(name: string, value: unknown): Init<TemplateValue> {
  if (typeof value === 'boolean') return { boolVal: value };
  if (typeof value === 'string') return { stringVal: value };
  if (isInteger(value)) return { int64Val: BigInt(value) };
  if (typeof value === 'number') return { floatVal: value };
  if (Array.isArray(value)) return { arrayVal: listOf(value) };
  throw invalidParameter(`the value of expression template variable {${name}} is unsupported`);
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** Values of several types go as JSON. */
function listOf(list: readonly unknown[]): Init<TemplateArrayValue> {
  if (list.every((one) => typeof one === 'boolean')) {
    return { boolData: { data: Uint8Array.from(list, Number) } };
  }
  if (list.every((one) => typeof one === 'string'))
    return { stringData: { data: byteListOf(list) } };
  if (list.every(isInteger)) return { longData: { data: BigInt64Array.from(list, BigInt) } };
  if (list.every((one) => typeof one === 'number')) {
    return { doubleData: { data: Float64Array.from(list) } };
  }
  if (list.every((one) => Array.isArray(one))) return { arrayData: { data: list.map(listOf) } };
  return { jsonData: { data: byteListOf(list.map(jsonText)) } };
}
