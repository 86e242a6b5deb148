/**
 * What is wrong with a filter, as it travels from where it is found to the edge of this folder,
 * where it becomes Milvus's one text with the place marked below it:
 *
 *   cannot parse expression: colour == 1: field colour not exist, did you mean color?: invalid parameter
 *     colour == 1
 *     ^^^^^^
 */
import { MilvusError, milvusError } from '../base/errors.ts';
import type { ErrorName } from '../base/errors.ts';

/** Characters of the filter that an error repeats. */
const EXCERPT_MAX = 512;
/** Characters of the marked line, half of them before the mark. */
const LINE_MAX = 96;

export class FilterProblem extends Error {
  override readonly name = 'FilterProblem';
  /** Offset of the token to point at, -1 for none. */
  readonly at: number;
  readonly reason: ErrorName;

  constructor(message: string, at: number, reason: ErrorName = 'ParameterInvalid') {
    super(message);
    this.at = at;
    this.reason = reason;
  }
}

/** A problem of reading, with line and column as Milvus counts them: lines from 1, columns from 0. */
export function syntaxProblem(text: string, at: number, message: string): FilterProblem {
  let line = 1;
  let start = 0;
  for (let i = 0; i < at; i++) {
    if (text.charCodeAt(i) === 10) {
      line++;
      start = i + 1;
    }
  }
  return new FilterProblem(`line ${line}:${at - start} ${message}`, at);
}

/**
 * The error that a caller sees.
 * @param text    the filter; shortened in the message when it is long
 * @param marked  whether `problem.at` counts in this text, so that the place can be shown
 */
export function filterError(problem: FilterProblem, text: string, marked: boolean): MilvusError {
  const plain = milvusError(
    problem.reason,
    { message: `cannot parse expression: ${excerpt(text)}: ${problem.message}` },
    problem,
  );
  if (!marked || problem.at < 0 || text.trim() === '') return plain;
  return new MilvusError(
    plain.reason,
    `${plain.message}\n${markedLine(text, problem.at)}`,
    plain.fields,
    problem,
  );
}

/** The beginning of `text`, for a message. */
export function excerpt(text: string): string {
  return text.length <= EXCERPT_MAX ? text : `${text.slice(0, EXCERPT_MAX)}…`;
}

function markedLine(text: string, at: number): string {
  const start = Math.max(text.lastIndexOf('\n', at - 1) + 1, at - LINE_MAX / 2);
  const newline = text.indexOf('\n', at);
  const end = Math.min(newline < 0 ? text.length : newline, start + LINE_MAX);
  const line = text.slice(start, end).replaceAll(/[\t\r]/g, ' ');
  const mark = '^'.repeat(Math.max(1, Math.min(tokenLength(text, at), end - at)));
  return `  ${line}\n  ${' '.repeat(at - start)}${mark}`;
}

function tokenLength(text: string, at: number): number {
  let i = at;
  while (i < text.length && i - at < LINE_MAX && isWordCode(text.charCodeAt(i))) i++;
  return i - at;
}

/** Letters, digits and the underscore: what makes an identifier go on. */
export function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95
  );
}

/** `, did you mean x?` for the name nearest to `name`, or nothing when none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string {
  const wanted = name.slice(0, 64).toLowerCase();
  let best = '';
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.slice(0, 64).toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : `, did you mean ${best}?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that make `a` from `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
