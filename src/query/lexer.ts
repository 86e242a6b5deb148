/**
 * The words of a filter, one at a time: `next()` moves to the following token and describes it in
 * `kind`, `word`, `start` and `end`. No token is an object, so that a list of a million numbers costs
 * a million numbers.
 *
 * Rules of Milvus's grammar (Plan.g4) that are easily missed: keywords are all lower or ALL UPPER case;
 * `is null` and `is not null` are one token each, with exactly one space; text does not cross a line.
 */
import { isWordCode, syntaxProblem } from './problem.ts';

export type TokenKind =
  | 'integer'
  | 'floating'
  /** A text literal; `bodyStart` and `bodyEnd` are what its quotes enclose. */
  | 'text'
  | 'boolean'
  /** An identifier, or `$meta`. */
  | 'name'
  /** An operator, a keyword or a bracket; `word` is its canonical form. */
  | 'symbol'
  | 'end';

const KEYWORDS: ReadonlyMap<string, string> = new Map(
  ['and', 'or', 'not', 'in', 'like', 'exists'].flatMap((word): [string, string][] => [
    [word, word],
    [word.toUpperCase(), word],
  ]),
);

const BOOLEANS: ReadonlySet<string> = new Set(['true', 'True', 'TRUE', 'false', 'False', 'FALSE']);

/** Longest first: the first that fits is the token. */
const SYMBOLS: readonly (readonly [string, string])[] = [
  ['**', '**'],
  ['==', '=='],
  ['!=', '!='],
  ['=~', '=~'],
  ['!~', '!~'],
  ['<=', '<='],
  ['>=', '>='],
  ['<<', '<<'],
  ['>>', '>>'],
  ['&&', 'and'],
  ['||', 'or'],
  ...Array.from('<>+-*/%&|^~()[]{},=$', (symbol): [string, string] => [symbol, symbol]),
  ['!', 'not'],
];

const SYMBOLS_BY_FIRST: readonly (readonly (readonly [string, string])[])[] = Array.from(
  { length: 128 },
  (_, code) => SYMBOLS.filter(([symbol]) => symbol.charCodeAt(0) === code),
);

const PREFIX = /^(?:u8|u|U|L|r|R)$/;

export class Lexer {
  readonly text: string;
  kind: TokenKind = 'end';
  /** Canonical form of a symbol, spelling of a name or boolean; empty for the rest. */
  word = '';
  start = 0;
  end = 0;
  bodyStart = 0;
  bodyEnd = 0;
  /** Whether a text literal takes its backslashes as they are. */
  isRaw = false;

  constructor(text: string) {
    this.text = text;
  }

  /** The current token as it is written. */
  source(): string {
    return this.text.slice(this.start, this.end);
  }

  /** @throws FilterProblem where the text is no token */
  next(): void {
    const { text } = this;
    let at = this.end;
    let code = text.charCodeAt(at);
    while (code === 32 || code === 9 || code === 10 || code === 13) code = text.charCodeAt(++at);
    this.start = at;
    this.word = '';
    if (at >= text.length) {
      this.kind = 'end';
      this.end = at;
    } else if ((code >= 48 && code <= 57) || (code === 46 && isDigit(text.charCodeAt(at + 1)))) {
      this.readNumber();
    } else if (code === 34 || code === 39) this.readQuoted(at, false);
    else if (isWordCode(code)) this.readWord();
    else this.readSymbol(code);
  }

  private readNumber(): void {
    const { text, start } = this;
    const second = text.charCodeAt(start + 1) | 32;
    let at = start;
    let floating = false;
    if (text.charCodeAt(start) === 48 && second === 120) {
      at = this.hexEnd();
      floating = /[.pP]/.test(text.slice(start, at));
    } else if (
      text.charCodeAt(start) === 48 &&
      second === 98 &&
      isBinary(text.charCodeAt(start + 2))
    ) {
      at += 2;
      while (isBinary(text.charCodeAt(at))) at++;
    } else {
      while (isDigit(text.charCodeAt(at))) at++;
      const whole = at;
      if (text.charCodeAt(at) === 46) at++;
      if (at > whole) while (isDigit(text.charCodeAt(at))) at++;
      at = this.exponentEnd(at, 101);
      floating = at > whole;
      // A leading zero makes the number octal, and 8 and 9 are no octal digits.
      if (!floating && text.charCodeAt(start) === 48) {
        at = start;
        while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 55) at++;
      }
    }
    this.kind = floating ? 'floating' : 'integer';
    this.end = at;
  }

  /** End of `0x1F`, `0x1.8p3`; a point counts only when an exponent follows. */
  private hexEnd(): number {
    const { text, start } = this;
    let at = start + 2;
    while (isHex(text.charCodeAt(at))) at++;
    const integerEnd = at;
    if (text.charCodeAt(at) === 46) at++;
    while (isHex(text.charCodeAt(at))) at++;
    const hasDigits = at - start > 2 && text.slice(start + 2, at) !== '.';
    const end = hasDigits ? this.exponentEnd(at, 112) : at;
    if (end > at) return end;
    return integerEnd > start + 2 ? integerEnd : start + 1;
  }

  /** End of an exponent at `at` that begins with `letter` (in lower case), or `at` when there is none. */
  private exponentEnd(at: number, letter: number): number {
    const { text } = this;
    if ((text.charCodeAt(at) | 32) !== letter) return at;
    const sign = text.charCodeAt(at + 1);
    let end = sign === 43 || sign === 45 ? at + 2 : at + 1;
    if (!isDigit(text.charCodeAt(end))) return at;
    while (isDigit(text.charCodeAt(end))) end++;
    return end;
  }

  private readQuoted(quoteAt: number, isRaw: boolean): void {
    const { text } = this;
    const quote = text.charCodeAt(quoteAt);
    let at = quoteAt + 1;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (code === 92) at++;
      const after = text.charCodeAt(at);
      // Past the end the code is NaN.
      if (!(after === after) || after === 10 || after === 13) {
        throw syntaxProblem(
          text,
          this.start,
          `token recognition error at: '${text.slice(this.start, Math.min(at, this.start + 32))}', the text is not closed`,
        );
      }
    }
    this.kind = 'text';
    this.isRaw = isRaw;
    this.bodyStart = quoteAt + 1;
    this.bodyEnd = at;
    this.end = at + 1;
  }

  private readWord(): void {
    const { text, start } = this;
    let at = start + 1;
    while (isWordCode(text.charCodeAt(at))) at++;
    const word = text.slice(start, at);
    const after = text.charCodeAt(at);
    if ((after === 34 || after === 39) && PREFIX.test(word)) {
      this.readQuoted(at, word === 'r' || word === 'R');
      return;
    }
    this.end = at;
    const keyword = KEYWORDS.get(word) ?? this.nullTest(word);
    if (keyword !== undefined) {
      this.kind = 'symbol';
      this.word = keyword;
    } else {
      this.kind = BOOLEANS.has(word) ? 'boolean' : 'name';
      this.word = word;
    }
  }

  /** `is null` or `is not null` when they begin with the word just read, which then ends after them. */
  private nullTest(word: string): string | undefined {
    if (word !== 'is' && word !== 'IS') return undefined;
    for (const tail of word === 'is' ? [' null', ' not null'] : [' NULL', ' NOT NULL']) {
      const end = this.end + tail.length;
      if (this.text.startsWith(tail, this.end) && !isWordCode(this.text.charCodeAt(end))) {
        this.end = end;
        return `is${tail.toLowerCase()}`;
      }
    }
    return undefined;
  }

  private readSymbol(code: number): void {
    const { text, start } = this;
    if (code === 36 && text.startsWith('$meta', start) && !isWordCode(text.charCodeAt(start + 5))) {
      this.kind = 'name';
      this.word = '$meta';
      this.end = start + 5;
      return;
    }
    const choices = code < 128 ? SYMBOLS_BY_FIRST[code]! : [];
    for (const [symbol, canonical] of choices) {
      if (!text.startsWith(symbol, start)) continue;
      this.kind = 'symbol';
      this.word = canonical;
      this.end = start + symbol.length;
      return;
    }
    const character = String.fromCodePoint(text.codePointAt(start) ?? 0xfffd);
    throw syntaxProblem(text, start, `token recognition error at: '${character}'`);
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isBinary(code: number): boolean {
  return code === 48 || code === 49;
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
}
