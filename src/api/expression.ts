/**
 * Filters with values in them, safely: `expr` turns every `${value}` of its template into a parameter,
 * so that no text a user typed is ever read as part of the filter language.
 *
 *   expr`tag == ${tag} and year > ${1999}`  →  filter "tag == {value_0} and year > {value_1}"
 *                                              params { value_0: tag, value_1: 1999 }
 */
import { invalidParameter } from '../base/errors.ts';
import type { ParameterValues } from './values.ts';

/** What may stand in `${…}`: a value, a list for `in`, or another expression, which gets parentheses. */
export type ExpressionValue = Expression | ParameterValues[string];

/** A filter and the values of its parameters; made by {@link expr}. */
export class Expression {
  /** The filter with `{value_0}`, `{value_1}` … in the places of the values. */
  readonly filter: string;
  readonly params: ParameterValues;
  /** Text before, between and behind the values: one more than there are values. */
  readonly #parts: readonly string[];
  readonly #values: ReadonlyArray<ParameterValues[string]>;

  constructor(parts: readonly string[], values: readonly ExpressionValue[]) {
    const texts: string[] = [parts[0] ?? ''];
    const flat: Array<ParameterValues[string]> = [];
    for (const [index, value] of values.entries()) {
      const behind = parts[index + 1] ?? '';
      if (value instanceof Expression) {
        texts[texts.length - 1] += `(${value.#parts[0] ?? ''}`;
        texts.push(...value.#parts.slice(1));
        texts[texts.length - 1] += `)${behind}`;
        flat.push(...value.#values);
      } else {
        requireValue(value, index);
        flat.push(value);
        texts.push(behind);
      }
    }
    this.#parts = texts;
    this.#values = flat;
    this.filter = texts
      .map((text, index) => (index === 0 ? text : `{value_${index - 1}}${text}`))
      .join('');
    this.params = Object.fromEntries(flat.map((value, index) => [`value_${index}`, value]));
  }
}

/**
 * Builds a filter from a template, whose backslashes are those of the filter language.
 * @example
 *   const tag = 'x" or true';
 *   await docs.query({ filter: expr`tag == ${tag} and id in ${[1, 2, 3]}`, limit: 10 });
 * @throws MilvusError ParameterInvalid when a value is null or undefined: write `is null` for that
 */
export function expr(
  parts: TemplateStringsArray,
  ...values: readonly ExpressionValue[]
): Expression {
  return new Expression(parts.raw, values);
}

export interface FilterParts {
  readonly filter?: string;
  readonly parameters?: ParameterValues;
}

/** Filter and parameters as the service takes them, from either way of writing a filter. */
export function filterParts(
  filter: string | Expression | undefined,
  params: ParameterValues | undefined,
): FilterParts {
  if (filter instanceof Expression) {
    for (const name of Object.keys(params ?? {})) {
      if (Object.hasOwn(filter.params, name)) {
        throw invalidParameter(`params has a value for ${name}, which the expression uses itself`);
      }
    }
    return { filter: filter.filter, parameters: { ...filter.params, ...params } };
  }
  if ((filter === undefined || filter === '') && Object.keys(params ?? {}).length > 0) {
    throw invalidParameter(
      'params has the values of a filter, and there is no filter: parameters of an index are searchParams',
    );
  }
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(params === undefined ? {} : { parameters: params }),
  };
}

function requireValue(value: unknown, index: number): void {
  if (value === null || value === undefined) {
    throw invalidParameter(
      `value ${index} of the expression is ${value}: use "is null" to look for null`,
    );
  }
}
