/**
 * A regular expression as a program: steps that read one character, steps that look at what stands on both
 * sides of a place, and forks. Matching walks all of its paths side by side, one character at a time.
 */
import { REGEX_STEPS_MAX } from '../base/limits.ts';
import { RegexProblem } from './regex-problem.ts';
import type { RegexAssertion, RegexNode } from './regex-syntax.ts';

/** Ends the walk: the pattern matches. It is always step 0. */
export const MATCH_STEP = 0;

export type RegexStep =
  | { readonly kind: 'match' }
  /** `fork` is filled in once, where a loop closes. */
  | { readonly kind: 'fork'; first: number; readonly second: number }
  | { readonly kind: 'character'; readonly point: number; readonly next: number }
  | { readonly kind: 'class'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'assertion'; readonly assertion: RegexAssertion; readonly next: number };

export interface RegexProgram {
  readonly steps: readonly RegexStep[];
  readonly start: number;
  readonly hasAssertions: boolean;
}

/** Some of all characters. */
export class CharacterSet {
  private readonly test: RegExp;
  private readonly ascii: Uint8Array = new Uint8Array(128);

  constructor(body: string, ignoreCase: boolean) {
    this.test = new RegExp(`^[${body}]$`, ignoreCase ? 'vi' : 'v');
    for (let point = 0; point < 128; point++) {
      this.ascii[point] = this.test.test(String.fromCharCode(point)) ? 1 : 0;
    }
  }

  has(point: number): boolean {
    return point < 128 ? this.ascii[point] === 1 : this.test.test(String.fromCodePoint(point));
  }
}

/** @throws RegexProblem when the program has more than REGEX_STEPS_MAX steps */
export function compileRegex(node: RegexNode): RegexProgram {
  const compiler = new Compiler();
  const start = compiler.compile(node, MATCH_STEP);
  const hasAssertions = compiler.steps.some((step) => step.kind === 'assertion');
  return { steps: compiler.steps, start, hasAssertions };
}

/** Written from the end to the beginning, so that each step knows the one behind it. */
class Compiler {
  readonly steps: RegexStep[] = [{ kind: 'match' }];
  private readonly sets = new Map<string, CharacterSet>();

  compile(node: RegexNode, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'character':
        return this.add({ kind: 'character', point: node.point, next });
      case 'class':
        return this.add({ kind: 'class', set: this.set(node.body, node.ignoreCase), next });
      case 'assertion':
        return this.add({ kind: 'assertion', assertion: node.assertion, next });
      case 'sequence':
        return node.parts.reduceRight((behind, part) => this.compile(part, behind), next);
      case 'choice':
        return node.parts
          .map((part) => this.compile(part, next))
          .reduceRight((second, first) => this.add({ kind: 'fork', first, second }));
      default:
        return this.repeat(node, next);
    }
  }

  /** What adds no step is compiled once: nested repetitions of nothing would take for ever, and no bound. */
  private repeat(
    { node, least, most }: Extract<RegexNode, { kind: 'repeat' }>,
    next: number,
  ): number {
    let at = next;
    if (most === null) {
      const fork: RegexStep = { kind: 'fork', first: next, second: next };
      at = this.add(fork);
      fork.first = this.compile(node, at);
    } else {
      for (let i = least; i < most; i++) {
        const first = this.compile(node, at);
        if (first === at) break;
        at = this.add({ kind: 'fork', first, second: next });
      }
    }
    for (let i = 0; i < least; i++) {
      const first = this.compile(node, at);
      if (first === at) break;
      at = first;
    }
    return at;
  }

  private set(body: string, ignoreCase: boolean): CharacterSet {
    const key = `${ignoreCase ? 'i' : ''}${body}`;
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    const set = new CharacterSet(body, ignoreCase);
    this.sets.set(key, set);
    return set;
  }

  private add(step: RegexStep): number {
    if (this.steps.length >= REGEX_STEPS_MAX) throw new RegexProblem('expression is too large');
    this.steps.push(step);
    return this.steps.length - 1;
  }
}
