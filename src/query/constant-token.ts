/** The value of a token that is a constant. */
import type { Literal } from './ast.ts';
import type { Lexer } from './lexer.ts';
import { INT64_LIMIT, readFloating, readInteger, readText } from './literal.ts';
import { excerpt, syntaxProblem } from './problem.ts';

/**
 * An integer may be 2^63, which only a minus sign makes legal.
 * @param lexer  at a constant
 * @throws FilterProblem for what int64 or a double does not hold, and escapes that mean nothing
 */
export function readConstant(lexer: Lexer): Literal {
  const { text, start } = lexer;
  switch (lexer.kind) {
    case 'boolean':
      return lexer.word.toLowerCase() === 'true';
    case 'integer': {
      const value = readInteger(lexer.source());
      if (value <= INT64_LIMIT) return value;
      throw syntaxProblem(text, start, `int64 overflow: ${excerpt(lexer.source())}`);
    }
    case 'floating': {
      const value = readFloating(lexer.source());
      if (value !== null) return value;
      throw syntaxProblem(text, start, `value out of range: ${excerpt(lexer.source())}`);
    }
    default: {
      const body = text.slice(lexer.bodyStart, lexer.bodyEnd);
      const value = lexer.isRaw ? body : readText(body);
      if (typeof value === 'string') return value;
      throw syntaxProblem(
        text,
        lexer.bodyStart + value.offset,
        `invalid escape sequence: ${value.escape}`,
      );
    }
  }
}
