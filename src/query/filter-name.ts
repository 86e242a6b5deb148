/**
 * Names of filters: text, parameters and time zone as one string. Over one version of a schema, filters of the
 * same name are the same filter, so that what was found out of one holds for the other.
 */
import { FILTER_NAME_LENGTH_MAX } from '../base/limits.ts';
import type { Scalar } from './predicate.ts';
import { isFloating, type ParameterValue, type ParameterValues } from './template.ts';

export interface FilterText {
  readonly text: string;
  readonly parameters: ParameterValues | undefined;
  /** IANA zone of times without an offset. */
  readonly timeZone: string;
}

/**
 * @param filter of a caller; what it holds may be of any type
 * @returns null: it is long, or holds what may change under its name, as an array of numbers may
 */
export function filterName({ text, parameters, timeZone }: FilterText): string | null {
  if (text.length > FILTER_NAME_LENGTH_MAX) return null;
  let name = `${timeZone}\n${text}`;
  if (parameters === undefined) return name;
  for (const [parameter, value] of Object.entries(parameters)) {
    const valueName = scalarName(value);
    if (valueName === null) return null;
    name += `\n${JSON.stringify(parameter)}${valueName}`;
  }
  return name.length > FILTER_NAME_LENGTH_MAX ? null : name;
}

/** Begins with the type: the number 1, the double 1 and the text `1` have three names. */
function scalarName(value: ParameterValue): string | null {
  const given: Scalar | object | null | undefined = value;
  switch (typeof given) {
    case 'string':
      return given.length > FILTER_NAME_LENGTH_MAX ? null : JSON.stringify(given);
    case 'number':
      return `=${textOf(given)}`;
    case 'bigint':
      return given.toString().length > FILTER_NAME_LENGTH_MAX ? null : `=${given}n`;
    case 'boolean':
      return `=${given}`;
    default:
      return isFloating(given) ? `=${textOf(given.floating)}d` : null;
  }
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
