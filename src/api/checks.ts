/** What comes from callers without types, checked where it comes in: names are strings, options are objects. */
import { invalidParameter } from '../base/errors.ts';

/** The names that options or a request of this type may have: the compiler sees that none is missing. */
export type Members<Type> = Readonly<Record<keyof Type, true>>;

/**
 * @param name of the argument, as the method's signature has it
 * @throws MilvusError ParameterInvalid: no object, or with a member that is none of `members`
 */
export function requireMembers(
  name: string,
  value: unknown,
  members: Readonly<Record<string, true>>,
): void {
  requireObject(name, value);
  for (const [member, held] of Object.entries(value)) {
    if (held === undefined || Object.hasOwn(members, member)) continue;
    const known = Object.keys(members).toSorted().join(', ');
    throw invalidParameter(`${name} has no member ${member}, it takes ${known}`);
  }
}

/** @throws MilvusError ParameterInvalid */
export function requireObject(name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidParameter(`${name} must be an object`, { actual: kindOf(value) });
}

/** @throws MilvusError ParameterInvalid */
export function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw invalidParameter(`${name} must be a string`, { actual: kindOf(value) });
}

/** @throws MilvusError ParameterInvalid */
export function requireTexts(name: string, value: unknown): void {
  const isList = Array.isArray(value);
  if (isList && value.every((one) => typeof one === 'string')) return;
  const actual = isList ? 'a list with something else in it' : kindOf(value);
  throw invalidParameter(`${name} must be a list of strings`, { actual });
}

/** Properties or parameters as the catalog keeps them. @throws MilvusError ParameterInvalid */
export function propertyTexts(properties: unknown, name = 'properties'): Record<string, string> {
  requireObject(name, properties);
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]: [string, unknown]) => {
      const isPlain = ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
      if (isPlain) return [key, String(value)];
      throw invalidParameter(`${key} of ${name} must be a string, a number, true or false`, {
        actual: kindOf(value),
      });
    }),
  );
}

/** What a value is, in a word for messages: never its contents, which may be long or private. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}
