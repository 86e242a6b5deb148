/**
 * Functions as JSON says them -> the messages of schemas and searches. Source: Milvus
 * `internal/distributed/proxy/httpserver/utils.go`, genFunctionSchema, genFunctionChains.
 */
import { invalidParameter } from '../base/errors.ts';
import {
  type FunctionChain,
  type FunctionChainExpr,
  type FunctionChainExprArg,
  type FunctionChainOp,
  FunctionChainStage,
  type FunctionParamValue,
  type FunctionSchema,
  type FunctionScore,
  FunctionType,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { isObject, type JsonObject } from './json-parse.ts';
import { jsonText } from './json-write.ts';
import { pairsFrom } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';

/** @throws MilvusError ParameterInvalid */
export function functionSchema(given: RequestBody): Init<FunctionSchema> {
  const typeName = given.requiredText('type');
  const type = new Map<string, number>(Object.entries(FunctionType)).get(typeName);
  if (type === undefined) throw invalidParameter(`Unsupported function type: ${typeName}`);
  return {
    name: given.requiredText('name'),
    description: given.text('description'),
    type,
    inputFieldNames: given.texts('inputFieldNames'),
    outputFieldNames: given.texts('outputFieldNames'),
    params: pairsFrom(given.object('params')),
  };
}

/** Null where there is none. */
export function functionScore(given: RequestBody): Init<FunctionScore> | null {
  const functions = given.bodies('functions');
  if (functions.length === 0) return null;
  return { functions: functions.map(functionSchema), params: pairsFrom(given.object('params')) };
}

/** @throws MilvusError ParameterInvalid */
export function functionChain(given: RequestBody): Init<FunctionChain> {
  const name = given.text('stage').trim();
  const stage = new Map<string, number>(Object.entries(FunctionChainStage)).get(name);
  if (stage === undefined) throw invalidParameter(`unsupported function chain stage: ${name}`);
  return { name: given.text('name'), stage, ops: given.bodies('ops').map(chainOperation) };
}

function chainOperation(given: RequestBody): Init<FunctionChainOp> {
  return {
    op: given.text('op'),
    expr: given.has('expr') ? chainExpression(given.body('expr')) : null,
    inputs: given.texts('inputs'),
    outputs: given.texts('outputs'),
    params: paramValues(given.object('params')),
  };
}

function chainExpression(given: RequestBody): Init<FunctionChainExpr> {
  return {
    name: given.text('name'),
    args: given.bodies('args').map(chainArgument),
    params: paramValues(given.object('params')),
  };
}

function chainArgument(given: RequestBody): Init<FunctionChainExprArg> {
  if (given.has('column') === given.has('literal')) {
    throw invalidParameter('function chain arg must have exactly one of column and literal');
  }
  if (given.has('column')) return { column: { name: given.text('column') } };
  return { literal: paramValue(given.value('literal')) };
}

function paramValues(given: JsonObject): Map<string, Init<FunctionParamValue>> {
  return new Map(Object.entries(given).map(([key, value]) => [key, paramValue(value)]));
}

function paramValue(value: unknown): Init<FunctionParamValue> {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    return { int64Value: BigInt(value as number) };
  }
  if (typeof value === 'number') return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(paramValue) } };
  if (isObject(value)) return { objectValue: { fields: paramValues(value) } };
  throw invalidParameter(`unsupported function param value ${jsonText(value)}`);
}
