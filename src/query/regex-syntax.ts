/**
 * Regular expressions as RE2 writes them, text to tree. What RE2 refuses is refused: look-around,
 * back-references, possessive and nested repetitions, counts above 1000, `\C` and unknown escapes.
 * As in Milvus a dot fits a line break until `(?-s)` says otherwise.
 *
 * Which of several matches is found makes no difference to a filter, so that groups leave no node,
 * and greedy and lazy repetitions are one.
 */
import { REGEX_NESTING_MAX, REGEX_STEPS_MAX } from '../base/limits.ts';
import { classBody, isLetterOrDigit, readClass, readClassEscape } from './regex-class.ts';
import { RegexProblem } from './regex-problem.ts';

export type RegexAssertion =
  | 'text start'
  | 'text end'
  | 'line start'
  | 'line end'
  | 'word boundary'
  | 'no word boundary';

export type RegexNode =
  | { readonly kind: 'empty' }
  /** One character: `body` is the inside of a class as JavaScript's `v` flag reads it. */
  | { readonly kind: 'class'; readonly body: string; readonly ignoreCase: boolean }
  /** One character, this one. */
  | { readonly kind: 'character'; readonly point: number }
  | { readonly kind: 'assertion'; readonly assertion: RegexAssertion }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly RegexNode[] }
  /** `most` null: any number. */
  | {
      readonly kind: 'repeat';
      readonly node: RegexNode;
      readonly least: number;
      readonly most: number | null;
    };

const EMPTY: RegexNode = Object.freeze({ kind: 'empty' });
const COUNT_MAX = 1000;
/** Characters of a pattern that an error repeats. */
const FRAGMENT_MAX = 64;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** @throws RegexProblem */
export function readRegex(pattern: string): RegexNode {
  // Sixteen characters are enough to write down any one step.
  if (pattern.length > REGEX_STEPS_MAX * 16) throw new RegexProblem('expression is too large');
  return new RegexReader(pattern).read();
}

class RegexReader {
  private readonly points: readonly number[];
  private at = 0;
  private nesting = 0;
  private flags: Flags = { ignoreCase: false, multiline: false, dotAll: true };
  private readonly names = new Set<string>();

  constructor(pattern: string) {
    this.points = Array.from(pattern, (character) => character.codePointAt(0) ?? 0);
  }

  read(): RegexNode {
    const node = this.choice();
    if (this.at < this.points.length) throw this.problem('unexpected )', this.at);
    return node;
  }

  private choice(): RegexNode {
    if (++this.nesting > REGEX_NESTING_MAX) throw new RegexProblem('expression nests too deeply');
    const before = this.flags;
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    // Flags that were set inside a group end with it.
    this.flags = before;
    this.nesting--;
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.at < this.points.length && !this.isNext('|') && !this.isNext(')')) {
      if (this.takeText('\\Q')) this.quoted(parts);
      else {
        const node = this.atom();
        if (node !== null) parts.push(this.repeated(node));
      }
    }
    if (parts.length === 0) return EMPTY;
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** `\Q...\E`: everything as it stands; a repetition behind it is of the last character. */
  private quoted(parts: RegexNode[]): void {
    while (this.at < this.points.length && !this.takeText('\\E')) {
      parts.push(this.character(this.points[this.at++]!));
    }
    const last = parts.pop();
    if (last !== undefined) parts.push(this.repeated(last));
  }

  /** Null: flags, which are nothing by themselves. */
  private atom(): RegexNode | null {
    const start = this.at;
    const point = this.points[this.at++]!;
    switch (String.fromCodePoint(point)) {
      case '(':
        return this.group(start);
      case '[': {
        const { body, end } = readClass(this.points, start);
        this.at = end;
        return this.set(body);
      }
      case '.':
        return {
          kind: 'class',
          body: this.flags.dotAll ? ANYTHING : NO_NEWLINE,
          ignoreCase: false,
        };
      case '^':
        return this.assertion(this.flags.multiline ? 'line start' : 'text start');
      case '$':
        return this.assertion(this.flags.multiline ? 'line end' : 'text end');
      case '*':
      case '+':
      case '?':
        throw this.problem('missing argument to repetition operator', start);
      case '\\':
        return this.escape(start);
      default:
        return this.character(point);
    }
  }

  private escape(start: number): RegexNode {
    if (this.at >= this.points.length) {
      throw new RegexProblem('trailing backslash at end of expression');
    }
    switch (String.fromCodePoint(this.points[this.at]!)) {
      case 'A':
        this.at++;
        return this.assertion('text start');
      case 'z':
        this.at++;
        return this.assertion('text end');
      case 'b':
        this.at++;
        return this.assertion('word boundary');
      case 'B':
        this.at++;
        return this.assertion('no word boundary');
      default: {
        const { body, point, end } = readClassEscape(this.points, start);
        this.at = end;
        return point === null ? this.set(body) : this.character(point);
      }
    }
  }

  private group(start: number): RegexNode | null {
    if (this.takeText('?P<') || this.takeText('?<')) this.groupName(start);
    else if (this.take('?')) {
      const flags = this.groupFlags(start);
      if (this.take(')')) {
        this.flags = flags;
        return null;
      }
      if (!this.take(':')) throw this.problem('invalid or unsupported Perl syntax', start);
      const before = this.flags;
      this.flags = flags;
      const inner = this.choice();
      this.flags = before;
      return this.closed(inner, start);
    }
    return this.closed(this.choice(), start);
  }

  private closed(node: RegexNode, start: number): RegexNode {
    if (!this.take(')')) throw this.problem('missing closing )', start);
    return node;
  }

  private groupName(start: number): void {
    let name = '';
    while (this.at < this.points.length && !this.isNext('>')) {
      name += String.fromCodePoint(this.points[this.at++]!);
    }
    if (!this.take('>') || !/^\w+$/.test(name)) {
      throw this.problem('invalid named capture', start);
    }
    if (this.names.has(name)) throw new RegexProblem(`duplicate capture group name: \`${name}\``);
    this.names.add(name);
  }

  /** Those behind `(?`, up to `:` or `)`. */
  private groupFlags(start: number): Flags {
    let { ignoreCase, multiline, dotAll } = this.flags;
    let value = true;
    let count = 0;
    for (; !this.isNext(':') && !this.isNext(')'); count++) {
      const letter = String.fromCodePoint(this.points[this.at] ?? 0);
      if (letter === 'i') ignoreCase = value;
      else if (letter === 'm') multiline = value;
      else if (letter === 's') dotAll = value;
      else if (letter === '-' && value) {
        value = false;
        count = -1;
      } else if (letter !== 'U') throw this.problem('invalid or unsupported Perl syntax', start);
      this.at++;
    }
    if (count === 0 && !value) throw this.problem('invalid or unsupported Perl syntax', start);
    return { ignoreCase, multiline, dotAll };
  }

  /** The node with the repetition that follows it, if one does. */
  private repeated(node: RegexNode): RegexNode {
    const operatorAt = this.at;
    const counts = this.repetition();
    if (counts === null) return node;
    this.take('?');
    if (this.repetition() !== null) {
      throw this.problem('invalid nested repetition operator', operatorAt);
    }
    return { kind: 'repeat', node, ...counts };
  }

  private repetition(): { readonly least: number; readonly most: number | null } | null {
    if (this.take('*')) return { least: 0, most: null };
    if (this.take('+')) return { least: 1, most: null };
    if (this.take('?')) return { least: 0, most: 1 };
    return this.isNext('{') ? this.counted() : null;
  }

  /** `{2}`, `{2,}`, `{2,5}`; anything else in braces is text. */
  private counted(): { readonly least: number; readonly most: number | null } | null {
    const start = this.at;
    this.at++;
    const least = this.number();
    const hasComma = least !== null && this.take(',');
    const most = hasComma ? this.number() : least;
    if (least === null || !this.take('}')) {
      this.at = start;
      return null;
    }
    if (least > COUNT_MAX || (most ?? 0) > COUNT_MAX || (most !== null && most < least)) {
      throw this.problem('invalid repeat count', start);
    }
    return { least, most };
  }

  private number(): number | null {
    let digits = '';
    while (this.at < this.points.length && isDigit(this.points[this.at]!)) {
      digits += String.fromCodePoint(this.points[this.at++]!);
    }
    if (digits === '' || (digits.length > 1 && digits.startsWith('0'))) return null;
    return Number(digits);
  }

  private character(point: number): RegexNode {
    if (!this.flags.ignoreCase || !(isLetterOrDigit(point) || point >= 128)) {
      return { kind: 'character', point };
    }
    return this.set(classBody(point, point));
  }

  private set(body: string): RegexNode {
    return { kind: 'class', body, ignoreCase: this.flags.ignoreCase };
  }

  private assertion(assertion: RegexAssertion): RegexNode {
    return { kind: 'assertion', assertion };
  }

  private isNext(character: string): boolean {
    return this.points[this.at] === character.codePointAt(0);
  }

  private take(character: string): boolean {
    if (!this.isNext(character)) return false;
    this.at++;
    return true;
  }

  private takeText(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.points[this.at + i] !== text.charCodeAt(i)) return false;
    }
    this.at += text.length;
    return true;
  }

  private problem(message: string, start: number): RegexProblem {
    const end = Math.min(Math.max(this.at, start + 1), start + FRAGMENT_MAX);
    const fragment = String.fromCodePoint(...this.points.slice(start, end));
    return new RegexProblem(`${message}: \`${fragment}\``);
  }
}

const ANYTHING = '\\u{0}-\\u{10ffff}';
const NO_NEWLINE = '\\u{0}-\\u{9}\\u{b}-\\u{10ffff}';

function isDigit(point: number): boolean {
  return point >= 48 && point <= 57;
}
