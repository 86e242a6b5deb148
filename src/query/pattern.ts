/**
 * `like`, `=~` and `!~` as predicates. Rules and wording are Milvus's (parser_visitor.go: VisitLike,
 * VisitRegexMatch).
 */
import { PATTERN_LENGTH_MAX, PATTERN_PART_LENGTH_MAX } from '../base/limits.ts';
import type { Expression, PatternNode } from './ast.ts';
import type { Binding } from './binding.ts';
import { printConstant, typeClass } from './cast.ts';
import { rangeFrom, wholeArray } from './comparison.ts';
import { escapePattern, exactText, isPatternComplete, longestMaskedPart } from './like.ts';
import type { FieldColumn, Predicate } from './predicate.ts';
import { printExpression } from './print.ts';
import { FilterProblem, excerpt } from './problem.ts';
import { checkRegex, regexLiteral } from './regex.ts';
import type { RegexLiteral } from './regex.ts';
import { RegexProblem } from './regex-problem.ts';
import { isWholeArray } from './resolve.ts';

/** @throws FilterProblem */
export function bindPattern(node: PatternNode, binding: Binding): Predicate {
  const { operator, at } = node;
  const isLike = operator === 'like';
  const operand = binding.bind(node.operand);
  if (operand.kind !== 'column') {
    const what = isLike ? 'like operation' : 'regex match';
    throw new FilterProblem(`${what} on complicated expr is unsupported`, at);
  }
  if (isWholeArray(operand)) throw wholeArray(at);
  const { ref } = operand;
  if (ref.access !== 'json' && typeClass(ref.type) !== 'text') {
    throw new FilterProblem(
      isLike
        ? 'like operation on non-string or no-json field is unsupported'
        : 'regex match on non-string or non-json field is unsupported',
      at,
    );
  }
  const pattern = patternText(node.pattern, isLike, binding);
  if (isLike) return likePredicate(ref, pattern, node.pattern.at);
  const match = regexPredicate(ref, pattern, node.pattern.at);
  return operator === '=~' ? match : { kind: 'not', operand: match };
}

function patternText(node: Expression, isLike: boolean, binding: Binding): string {
  const operand = binding.bind(node);
  if (operand.kind === 'constant' && typeof operand.value === 'string') return operand.value;
  if (operand.kind === 'constant' && node.kind === 'parameter') {
    throw new FilterProblem(
      `the value of ${isLike ? 'like' : 'regex'} expression template variable {${node.name}} is not string: ${printConstant(operand.value)}`,
      node.at,
    );
  }
  throw new FilterProblem(
    `${isLike ? 'like' : 'regex'} pattern should be a string literal or template variable, got: ${excerpt(printExpression(node))}`,
    node.at,
  );
}

/** @throws FilterProblem when it is longer than any pattern may be */
export function checkPatternLength(pattern: string, at: number): void {
  if (pattern.length <= PATTERN_LENGTH_MAX) return;
  throw new FilterProblem(
    `the length of the pattern should be at most ${PATTERN_LENGTH_MAX} characters, got ${pattern.length}`,
    at,
  );
}

function likePredicate(column: FieldColumn, pattern: string, at: number): Predicate {
  checkPatternLength(pattern, at);
  if (!isPatternComplete(pattern)) {
    throw new FilterProblem('Invalid LIKE pattern: trailing backslash with nothing to escape', at);
  }
  const length = longestMaskedPart(pattern);
  if (length > PATTERN_PART_LENGTH_MAX) {
    throw new FilterProblem(
      `Invalid LIKE pattern: at most ${PATTERN_PART_LENGTH_MAX} characters should stand between two % where _ is among them, got ${length}`,
      at,
    );
  }
  const exact = exactText(pattern);
  return exact === null ? { kind: 'like', column, pattern } : rangeFrom('==', column, exact);
}

/** What looks for a plain text becomes `like` or `==`, which an index may answer. */
function regexPredicate(column: FieldColumn, pattern: string, at: number): Predicate {
  checkPatternLength(pattern, at);
  const literal = readRegexPattern(pattern, at);
  if (literal === null) return { kind: 'regex', column, pattern };
  const { text, fromStart, toEnd } = literal;
  if (fromStart && toEnd) return rangeFrom('==', column, text);
  const escaped = escapePattern(text);
  return {
    kind: 'like',
    column,
    pattern: `${fromStart ? '' : '%'}${escaped}${toEnd ? '' : '%'}`,
  };
}

function readRegexPattern(pattern: string, at: number): RegexLiteral | null {
  try {
    const literal = regexLiteral(pattern);
    if (literal === null) checkRegex(pattern);
    return literal;
  } catch (cause) {
    if (!(cause instanceof RegexProblem)) throw cause;
    throw new FilterProblem(`invalid regex pattern: ${cause.message}`, at);
  }
}
