/**
 * Parameters of an index: what a rule says of one, and the values that follow from what a user gave, in
 * the words of Milvus.
 *
 *   build    text by name: `16`, `SQ8`, `true`; `None` counts as left out
 *   search   JSON values by name; a text is read like a build parameter
 *
 * What is left out has the rule's default, or no value when that is null; what no rule names is ignored.
 * Source: knowhere `include/knowhere/config.h`, Config::Load; `src/common/config.cc`, FormatAndCheck.
 */
import { invalidParameter } from '../base/errors.ts';
import type { Properties } from '../schema/collection-schema.ts';

export const INT32_MAX = 2_147_483_647;
export const FLOAT32_MAX = 3.402_823_466_385_288_6e38;

interface IntegerRule {
  readonly kind: 'integer';
  /** Both ends are allowed. */
  readonly range: readonly [number, number];
  readonly default: number | null;
  /** It must be given. */
  readonly isRequired?: true;
}

interface NumberRule {
  readonly kind: 'number';
  readonly range: readonly [number, number];
  readonly default: number | null;
}

interface BooleanRule {
  readonly kind: 'boolean';
  readonly default: boolean;
}

interface ChoiceRule {
  readonly kind: 'choice';
  /** In capitals; users may write them in any case. */
  readonly options: readonly string[];
  readonly default: string | null;
  /** What is said of any other text. */
  readonly refusal: (text: string) => string;
}

/** What is wrong with the value has the default instead: Milvus takes any value for it. */
interface LenientRule {
  readonly kind: 'lenient';
  readonly rule: IntegerRule | NumberRule;
}

export type ParameterRule = IntegerRule | NumberRule | BooleanRule | ChoiceRule | LenientRule;
export type ParameterRules = Readonly<Record<string, ParameterRule>>;
export type ParameterValue = number | boolean | string;
/** Checked values by name: those of every rule but the ones that have none. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** @throws MilvusError ParameterInvalid */
export function buildParameters(rules: ParameterRules, given: Properties): Parameters {
  const present = Object.entries(given).filter(([, text]) => text !== 'None');
  return searchParameters(rules, Object.fromEntries(present));
}

/** @throws MilvusError ParameterInvalid */
export function searchParameters(
  rules: ParameterRules,
  given: Readonly<Record<string, unknown>>,
): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const value = valueOf(name, rule, given[name]);
    if (value !== null) values[name] = value;
  }
  return Object.freeze(values);
}

/** The integer of a name that its rule gives a default. */
export function integerOf(parameters: Parameters, name: string): number {
  return Number(parameters[name]);
}

function valueOf(name: string, rule: ParameterRule, given: unknown): ParameterValue | null {
  switch (rule.kind) {
    case 'integer':
      return given === undefined ? integerDefault(name, rule) : readInteger(name, rule, given);
    case 'number':
      return given === undefined ? rule.default : readNumber(name, rule, given);
    case 'boolean':
      return given === undefined ? rule.default : readBoolean(name, given);
    case 'choice':
      return given === undefined ? rule.default : readChoice(rule, given);
    default:
      return readLenient(rule.rule, given);
  }
}

function integerDefault(name: string, rule: IntegerRule): number | null {
  if (rule.isRequired === true) throw invalidParameter(`param '${name}' not exist in json`);
  return rule.default;
}

function readInteger(name: string, rule: IntegerRule, given: unknown): number {
  const value = typeof given === 'string' ? integerOfText(name, given) : given;
  if (!isInteger(value)) throw typeConflict(name, given, 'integer');
  if (value > INT32_MAX) throw overflow(name, given, String(INT32_MAX));
  const [least, greatest] = rule.range;
  if (value >= least && value <= greatest) return Number(value);
  throw outOfRange(name, given, `[${least}, ${greatest}]`);
}

function readNumber(name: string, rule: NumberRule, given: unknown): number {
  const value = typeof given === 'string' ? numberOfText(name, given) : given;
  if (typeof value !== 'number') throw typeConflict(name, given, 'a number');
  if (value > FLOAT32_MAX) throw overflow(name, given, inDecimals(FLOAT32_MAX));
  const [least, greatest] = rule.range;
  if (value >= least && value <= greatest) return value;
  throw outOfRange(name, given, `[${inDecimals(least)}, ${inDecimals(greatest)}]`);
}

function readBoolean(name: string, given: unknown): boolean {
  if (typeof given === 'boolean') return given;
  if (given === 'true' || given === 'True' || given === 'TRUE') return true;
  if (given === 'false' || given === 'False' || given === 'FALSE') return false;
  throw typeConflict(name, given, 'a boolean');
}

function readChoice(rule: ChoiceRule, given: unknown): string {
  const text = typeof given === 'string' ? given : jsonText(given);
  const option = text.toUpperCase();
  if (rule.options.includes(option)) return option;
  throw invalidParameter(rule.refusal(text));
}

function readLenient(rule: IntegerRule | NumberRule, given: unknown): number | null {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  const [least, greatest] = rule.range;
  const isFit =
    typeof value === 'number' &&
    value >= least &&
    value <= greatest &&
    (rule.kind === 'number' || Number.isInteger(value));
  return isFit ? value : rule.default;
}

/** As C++ reads one: white space, sign and digits, and then nothing more. */
function integerOfText(name: string, text: string): number {
  const [digits = ''] = /^\s*[+-]?\d+/.exec(text) ?? [];
  const place = `key: '${name}', value: '${text}'`;
  if (digits === '') throw invalidParameter(`invalid integer value, ${place}`);
  const value = Number(digits);
  // A 64-bit integer is read before what follows it is looked at.
  if (Math.abs(value) >= 2 ** 63) throw invalidParameter(`integer value out of range, ${place}`);
  if (digits.length < text.length) {
    throw invalidParameter(`wrong data type in json, ${place}`);
  }
  if (value > INT32_MAX || value < -INT32_MAX - 1) {
    throw invalidParameter(`integer value out of range, ${place}`);
  }
  return value;
}

/** As C++ reads one: what follows the number is not looked at. */
function numberOfText(name: string, text: string): number {
  const [digits] = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.exec(text) ?? [];
  const place = `key: '${name}', value: '${text}'`;
  if (digits === undefined) throw invalidParameter(`invalid float value, ${place}`);
  const value = Number(digits);
  if (Math.abs(value) > FLOAT32_MAX) throw invalidParameter(`float value out of range, ${place}`);
  return value;
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function typeConflict(name: string, given: unknown, wanted: string): Error {
  return invalidParameter(
    `Type conflict in json: param '${name}' (${jsonText(given)}) should be ${wanted}`,
  );
}

function overflow(name: string, given: unknown, greatest: string): Error {
  return invalidParameter(
    `Arithmetic overflow: param '${name}' (${jsonText(given)}) should not bigger than ${greatest}`,
  );
}

function outOfRange(name: string, given: unknown, range: string): Error {
  const text = typeof given === 'string' ? given.trim() : jsonText(given);
  return invalidParameter(
    `Out of range in json: param '${name}' (${text}) should be in range ${range}`,
  );
}

/** Numbers of a range as C++ prints them. */
function inDecimals(value: number): string {
  return value >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6);
}

function jsonText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? typeof value;
}
