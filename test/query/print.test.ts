import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expression } from '../../src/query/ast.ts';
import { readFilter } from '../../src/query/parser.ts';
import { printExpression } from '../../src/query/print.ts';
import { FilterProblem } from '../../src/query/problem.ts';
import { shape } from './columns.ts';

const leaf = fc.constantFrom(
  'a',
  '$meta["k"]',
  'f["k"][0]',
  's[sub]',
  's[1][sub]',
  '$[sub]',
  '1',
  '2.5',
  '0x1F',
  '9223372036854775808',
  '1e21',
  'true',
  '"x"',
  String.raw`"q\"\n\\"`,
  String.raw`r'\d'`,
  '{p}',
  '[]',
  '[1, -2, a, -(3), -4.5, (1 + 2)]',
  "ISO '2025-01-01T00:00:00Z'",
  "INTERVAL 'P1D'",
  'g(a, 1, k=2)',
  'a is null',
  'f["k"] is not null',
);

const OPERATORS = [
  ...['or', 'and', '|', '^', '&', '==', '!=', '<', '<=', '>', '>=', 'in', 'not in'],
  ...['<<', '>>', '+', '-', '*', '/', '%', '**', 'like', '=~', '!~'],
];

const { text: anyText } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('text'), fc.constantFrom(...OPERATORS), tie('text'), fc.boolean(), fc.boolean())
      .map(([a, operator, b, left, right]) => {
        return `${left ? `(${a})` : a} ${operator} ${right ? `(${b})` : b}`;
      }),
    fc
      .tuple(fc.constantFrom('not ', '-', '+', '~', 'exists '), tie('text'), fc.boolean())
      .map(([operator, a, bracket]) => operator + (bracket ? `(${a})` : a)),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}) < a <= (${b})`),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}) > f["k"] >= (${b})`),
  ),
}));

/** Null where an operand without brackets may not stand as it was put. */
function readOrNull(text: string): Expression | null {
  try {
    return readFilter(text);
  } catch (error) {
    if (error instanceof FilterProblem) return null;
    throw error;
  }
}

describe('printExpression', () => {
  it('reads back as the same tree', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tree = readOrNull(text);
        if (tree === null) return;
        const printed = printExpression(tree);
        expect(shape(readFilter(printed)), printed).toBe(shape(tree));
      }),
      { numRuns: 3000 },
    );
  });

  it('sets brackets only where they are needed', () => {
    const cases = [
      ['((a == 1) and (not (b == 2)))', 'a == 1 and not b == 2'],
      ['(1 < a) < 3', '(1 < a) < 3'],
      ['1<a<3', '1 < a < 3'],
      ['(a and b) and c', '(a and b) and c'],
      ['A["k"] in [1,  -2.5]', 'A["k"] in [1, -2.5]'],
      ['2 ** (3 ** 2)', '2 ** (3 ** 2)'],
      [String.raw`a =~ "\d+\\"`, String.raw`a =~ "\\d+\\"`],
    ];
    for (const [text, printed] of cases) expect(printExpression(readFilter(text!))).toBe(printed);
  });
});
