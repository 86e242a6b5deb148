/**
 * Character classes of regular expressions: RE2's way of writing them, turned into the inside of a class
 * of JavaScript's own, which knows all of Unicode and its letter cases. One class asks about one
 * character, so that nothing of how JavaScript searches matters.
 */
import { RegexProblem } from './regex-problem.ts';

/** What stands inside brackets, ready for JavaScript's `v` flag. */
export interface ReadClass {
  readonly body: string;
  /** Behind what was read. */
  readonly end: number;
}

/** What a backslash and what follows it mean: one character, or a class. */
export interface ReadEscape extends ReadClass {
  readonly point: number | null;
}

const PERL: Readonly<Record<string, string>> = Object.freeze({
  d: '0-9',
  s: '\\t\\n\\f\\r\\u{20}',
  w: '0-9A-Za-z_',
});

const POSIX: Readonly<Record<string, string>> = Object.freeze({
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\u{0}-\\u{7f}',
  blank: '\\t\\u{20}',
  cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  digit: '0-9',
  graph: '\\u{21}-\\u{7e}',
  lower: 'a-z',
  print: '\\u{20}-\\u{7e}',
  punct: '\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}',
  space: '\\u{9}-\\u{d}\\u{20}',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
});

const CONTROLS: Readonly<Record<string, number>> = Object.freeze({
  a: 7,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
});

/** The characters first to last. */
export function classBody(first: number, last: number): string {
  const low = `\\u{${first.toString(16)}}`;
  return first === last ? low : `${low}-\\u{${last.toString(16)}}`;
}

export function isLetterOrDigit(point: number): boolean {
  return point < 128 && /[0-9A-Za-z]/.test(String.fromCodePoint(point));
}

/** `[...]` from its bracket on. @throws RegexProblem */
export function readClass(points: readonly number[], start: number): ReadClass {
  let at = start + 1;
  const isNegated = points[at] === 94;
  if (isNegated) at++;
  let body = '';
  for (let isFirst = true; isFirst || points[at] !== 93; isFirst = false) {
    if (at >= points.length) throw problem('missing closing ]', points, start, at);
    const posix = points[at] === 91 && points[at + 1] === 58 ? readPosix(points, at) : null;
    const item = posix ?? readItem(points, at);
    body += item.body;
    at = item.end;
  }
  // RE2 has no empty classes: a bracket that stands first is a character.
  return { body: isNegated ? `[^${body}]` : body, end: at + 1 };
}

/** `[:alpha:]` inside brackets; null when it is not closed, and so a bracket and a colon. */
function readPosix(points: readonly number[], start: number): ReadClass | null {
  const isNegated = points[start + 2] === 94;
  let at = start + (isNegated ? 3 : 2);
  let name = '';
  while (at < points.length && !(points[at] === 58 && points[at + 1] === 93)) {
    name += String.fromCodePoint(points[at++]!);
  }
  if (at >= points.length) return null;
  const body = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (body === undefined) throw problem('invalid character class range', points, start, at + 2);
  return { body: isNegated ? `[^${body}]` : body, end: at + 2 };
}

/** One character, a range of them, or an escape that is a class. */
function readItem(points: readonly number[], start: number): ReadClass {
  const low = readCharacter(points, start);
  if (low.point === null) return low;
  const isRange = points[low.end] === 45 && points[low.end + 1] !== 93;
  if (!isRange) return low;
  if (low.end + 1 >= points.length) throw problem('missing closing ]', points, start, low.end);
  const high = readCharacter(points, low.end + 1);
  if (high.point === null || high.point < low.point) {
    throw problem('invalid character class range', points, start, high.end);
  }
  return { body: classBody(low.point, high.point), end: high.end };
}

function readCharacter(points: readonly number[], start: number): ReadEscape {
  const point = points[start]!;
  if (point === 92) return readClassEscape(points, start);
  return { body: classBody(point, point), point, end: start + 1 };
}

/** An escape that means the same inside and outside of brackets, from its backslash on. @throws RegexProblem */
export function readClassEscape(points: readonly number[], start: number): ReadEscape {
  const point = points[start + 1];
  if (point === undefined) throw new RegexProblem('trailing backslash at end of expression');
  const letter = String.fromCodePoint(point);
  const perl = PERL[letter.toLowerCase()];
  if (perl !== undefined && /[dswDSW]/.test(letter)) {
    const isNegated = letter < 'a';
    return { body: isNegated ? `[^${perl}]` : `[${perl}]`, point: null, end: start + 2 };
  }
  if (letter === 'p' || letter === 'P') return readProperty(points, start);
  if (letter === 'x') return readHex(points, start);
  if (letter >= '0' && letter <= '7') return readOctal(points, start);
  const control = Object.hasOwn(CONTROLS, letter) ? CONTROLS[letter] : undefined;
  if (control !== undefined) return character(control, start + 2);
  if (point >= 128 || isLetterOrDigit(point)) {
    throw problem('invalid escape sequence', points, start, start + 2);
  }
  return character(point, start + 2);
}

function character(point: number, end: number): ReadEscape {
  return { body: classBody(point, point), point, end };
}

/** `\x7F` and `\x{10FFFF}`. */
function readHex(points: readonly number[], start: number): ReadEscape {
  const braced = points[start + 2] === 123;
  const first = start + (braced ? 3 : 2);
  let at = first;
  const most = braced ? 8 : 2;
  let digits = '';
  while (at < points.length && at - first < most && isHex(points[at]!)) {
    digits += String.fromCodePoint(points[at++]!);
  }
  const point = Number.parseInt(digits, 16);
  const isComplete = braced ? points[at] === 125 && digits !== '' : digits.length === 2;
  if (!isComplete || point > 0x10ffff) {
    throw problem('invalid escape sequence', points, start, at + 1);
  }
  return character(point, braced ? at + 1 : at);
}

/** `\123`, `\0`; a single digit other than 0 would refer back to a group. */
function readOctal(points: readonly number[], start: number): ReadEscape {
  let at = start + 1;
  let digits = '';
  while (digits.length < 3 && at < points.length && points[at]! >= 48 && points[at]! <= 55) {
    digits += String.fromCodePoint(points[at++]!);
  }
  if (digits.length === 1 && digits !== '0') {
    throw problem('invalid escape sequence', points, start, at);
  }
  return character(Number.parseInt(digits, 8), at);
}

/** `\pN`, `\p{Greek}`, `\p{^Greek}`, `\PN`: general categories and scripts. */
function readProperty(points: readonly number[], start: number): ReadEscape {
  let at = start + 2;
  let name = at < points.length ? String.fromCodePoint(points[at++]!) : '';
  if (name === '{') {
    name = '';
    while (at < points.length && points[at] !== 125) name += String.fromCodePoint(points[at++]!);
    at++;
  }
  const isInverted = name.startsWith('^');
  if (isInverted) name = name.slice(1);
  const known = propertyBody(name);
  if (at > points.length || known === null) {
    throw problem('invalid character class range', points, start, at);
  }
  const isNegated = isInverted !== (points[start + 1] === 80);
  return { body: isNegated ? `[^${known}]` : known, point: null, end: at };
}

function propertyBody(name: string): string | null {
  if (name === 'Any') return '\\p{Any}';
  if (!/^[A-Z]\w*$/.test(name)) return null;
  // Categories have one or two letters in RE2, everything longer is a script.
  const body = name.length <= 2 ? `\\p{gc=${name}}` : `\\p{sc=${name}}`;
  return isKnownClass(body) ? body : null;
}

function isKnownClass(body: string): boolean {
  try {
    return new RegExp(`[${body}]`, 'v').flags === 'v';
  } catch (cause) {
    if (cause instanceof SyntaxError) return false;
    throw cause;
  }
}

function isHex(point: number): boolean {
  return /[0-9A-Fa-f]/.test(String.fromCodePoint(point));
}

function problem(
  message: string,
  points: readonly number[],
  start: number,
  end: number,
): RegexProblem {
  const fragment = String.fromCodePoint(...points.slice(start, Math.min(end, start + 64)));
  return new RegexProblem(`${message}: \`${fragment}\``);
}
