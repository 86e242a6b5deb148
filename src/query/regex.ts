/**
 * `=~`: whether a regular expression (RE2's syntax, see regex-syntax.ts) matches anywhere in a text.
 *
 * The matcher is an automaton that is worked out as texts need it: a state is the set of steps that are
 * possible at a place, and what a character leads to is remembered for each. A known character costs one
 * look into a table; a new one costs at most one walk over the program, and never more whatever the text,
 * since nothing is ever tried again. When REGEX_STATES_MAX states are known they are forgotten.
 */
import { REGEX_STATES_MAX } from '../base/limits.ts';
import { utf8 } from './literal.ts';
import { MATCH_STEP, compileRegex } from './regex-program.ts';
import type { RegexProgram, RegexStep } from './regex-program.ts';
import { readRegex } from './regex-syntax.ts';
import type { RegexAssertion, RegexNode } from './regex-syntax.ts';
import type { Steps } from './steps.ts';

/** What may stand before or behind a place, as far as assertions ask. */
const EDGE = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

/** Of the table of transitions: not worked out yet, no match any more, a match; states count from FIRST. */
const UNSEEN = 0;
const DEAD = 1;
const MATCHED = 2;
const FIRST = 3;

/** Transitions by characters outside ASCII that are remembered, all states together. */
const WIDE_MAX = 65_536;

/** Steps of the program that are looked at in one stretch: about a millisecond. */
const STEPS_AT_ONCE = 32_768;

/** How far a text has been read. */
interface Walk {
  at: number;
  state: number;
}

interface TextEnd {
  readonly bytes: Uint8Array;
  readonly end: number;
}

interface State {
  readonly steps: Int32Array;
  /** What stands before the place; OTHER where no assertion asks. */
  readonly before: number;
  readonly wide: Map<number, number>;
  /** Whether the text may end here: UNSEEN, DEAD or MATCHED. */
  atEnd: number;
}

/** A plain text that a pattern looks for: at the start, at the end, as the whole, or anywhere. */
export interface RegexLiteral {
  readonly text: string;
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** @throws RegexProblem when `pattern` is no regular expression, or too large a one */
export function checkRegex(pattern: string): void {
  compileRegex(readRegex(pattern));
}

/** Null: the pattern looks for more than a plain text. @throws RegexProblem */
export function regexLiteral(pattern: string): RegexLiteral | null {
  const node = readRegex(pattern);
  const parts = node.kind === 'sequence' ? node.parts : [node];
  const fromStart = isAssertion(parts[0], 'text start');
  const toEnd = parts.length > 1 && isAssertion(parts.at(-1), 'text end');
  let text = '';
  for (const part of parts.slice(fromStart ? 1 : 0, toEnd ? -1 : parts.length)) {
    if (part.kind !== 'character') return null;
    text += String.fromCodePoint(part.point);
  }
  return text === '' && fromStart !== toEnd ? null : { text, fromStart, toEnd };
}

function isAssertion(node: RegexNode | undefined, assertion: RegexAssertion): boolean {
  return node?.kind === 'assertion' && node.assertion === assertion;
}

/** One pattern, ready for many texts. */
export class RegexMatcher {
  private readonly program: RegexProgram;
  private readonly seen: Uint32Array;
  private visit = 0;
  private readonly isAnchored: boolean;
  private readonly startSteps: Int32Array;
  private states: State[] = [];
  private names = new Map<string, number>();
  private table: Int32Array = new Int32Array(0);
  private wideCount = 0;
  /** The state in which every text begins. */
  private origin = UNSEEN;

  /** @throws RegexProblem */
  constructor(pattern: string) {
    this.program = compileRegex(readRegex(pattern));
    const { steps, start } = this.program;
    this.seen = new Uint32Array(steps.length);
    const first: number[] = [];
    this.visit++;
    this.follow(start, first, null);
    this.startSteps = Int32Array.from(first);
    this.isAnchored = first.every((at) => {
      const step = steps[at];
      return step?.kind === 'assertion' && step.assertion === 'text start';
    });
    this.forget();
  }

  /** Whether the pattern matches somewhere in the UTF-8 text bytes[start, end). */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    const walk: Walk = { at: start, state: this.origin };
    this.advance(walk, { bytes, end }, Infinity);
    return this.holds(walk.state);
  }

  /** As matches, in steps: others may use the matcher between them. */
  *matchSteps(bytes: Uint8Array, start: number, end: number): Steps<boolean> {
    const walk: Walk = { at: start, state: this.origin };
    for (;;) {
      this.advance(walk, { bytes, end }, STEPS_AT_ONCE);
      if (walk.state < FIRST || walk.at >= end) return this.holds(walk.state);
      // The number of a state is its own only until states are forgotten.
      const { steps, before } = this.states[walk.state - FIRST]!;
      yield;
      walk.state = this.intern(steps, before);
    }
  }

  /** Goes on to the end, to where it is decided, or until `most` steps of the program were looked at. */
  private advance(walk: Walk, { bytes, end }: TextEnd, most: number): void {
    let { at: i, state } = walk;
    let left = most;
    while (i < end && state >= FIRST && left > 0) {
      const byte = bytes[i]!;
      let next: number;
      if (byte < 0x80) {
        i++;
        next = this.table[(state - FIRST) * 128 + byte]!;
        if (next === UNSEEN) {
          next = this.learn(state, byte);
          left -= this.program.steps.length;
        }
      } else {
        const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
        const point = pointAt(bytes, i, length);
        i += length;
        next = this.states[state - FIRST]!.wide.get(point) ?? UNSEEN;
        if (next === UNSEEN) {
          next = this.learn(state, point);
          left -= this.program.steps.length;
        }
      }
      state = next;
    }
    walk.at = i;
    walk.state = state;
  }

  /** Whether a text that ends in this state matches. */
  private holds(state: number): boolean {
    return state < FIRST ? state === MATCHED : this.endsIn(state);
  }

  /** As matches, of a text. */
  matchesText(text: string): boolean {
    const bytes = utf8(text);
    return this.matches(bytes, 0, bytes.length);
  }

  private forget(): void {
    this.states = [];
    this.names = new Map();
    this.table = new Int32Array(16 * 128);
    this.wideCount = 0;
    this.origin = this.startSteps.includes(MATCH_STEP)
      ? MATCHED
      : this.intern(this.startSteps, EDGE);
  }

  /** The state that `point` leads to, remembered. */
  private learn(from: number, point: number): number {
    const state = this.states[from - FIRST]!;
    const behind = kindOf(point);
    const steps: number[] = [];
    this.visit++;
    const open = this.resolved(state, behind);
    if (open === null) return this.remember(state, from, { point, next: MATCHED });
    this.visit++;
    for (const at of open) {
      const step = this.program.steps[at]!;
      const fits =
        (step.kind === 'character' && step.point === point) ||
        (step.kind === 'class' && step.set.has(point));
      if (fits) this.follow(step.next, steps, null);
    }
    if (!this.isAnchored) for (const at of this.startSteps) this.mark(at, steps);
    const isMatch = steps.includes(MATCH_STEP);
    const next = isMatch ? MATCHED : this.reached(Int32Array.from(steps), behind);
    return this.remember(state, from, { point, next });
  }

  private reached(steps: Int32Array, before: number): number {
    if (steps.length === 0) return DEAD;
    return this.intern(steps, this.program.hasAssertions ? before : OTHER);
  }

  private remember(
    state: State,
    from: number,
    { point, next }: { readonly point: number; readonly next: number },
  ): number {
    // The states may have been forgotten since: then only what was reached is known.
    if (this.states[from - FIRST] !== state) return next;
    if (point < 128) this.table[(from - FIRST) * 128 + point] = next;
    else if (this.wideCount < WIDE_MAX) {
      state.wide.set(point, next);
      this.wideCount++;
    }
    return next;
  }

  private endsIn(at: number): boolean {
    const state = this.states[at - FIRST]!;
    if (state.atEnd === UNSEEN) {
      this.visit++;
      state.atEnd = this.resolved(state, EDGE) === null ? MATCHED : DEAD;
    }
    return state.atEnd === MATCHED;
  }

  /** Steps of a state once its assertions are decided; null when that is a match. */
  private resolved(
    { steps, before }: State,
    behind: number,
  ): readonly number[] | Int32Array | null {
    if (!this.program.hasAssertions) return steps;
    const open: number[] = [];
    for (const at of steps) this.follow(at, open, { before, behind });
    return open.includes(MATCH_STEP) ? null : open;
  }

  /**
   * Adds to `out` the steps at which a walk from `start` stops: those that read, the match, and assertions
   * as long as `place` does not say what stands around it.
   */
  private follow(start: number, out: number[], place: Place | null): void {
    const stack = [start];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (this.seen[at] === this.visit) continue;
      this.seen[at] = this.visit;
      const step: RegexStep = this.program.steps[at]!;
      if (step.kind === 'fork') stack.push(step.second, step.first);
      else if (step.kind === 'assertion' && place !== null) {
        if (holdsAt(step.assertion, place)) stack.push(step.next);
      } else out.push(at);
    }
  }

  private mark(at: number, out: number[]): void {
    if (this.seen[at] === this.visit) return;
    this.seen[at] = this.visit;
    out.push(at);
  }

  private intern(steps: Int32Array, before: number): number {
    const sorted = steps.toSorted();
    const name = `${before}:${sorted.join()}`;
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.states.length >= REGEX_STATES_MAX) this.forget();
    const number = this.states.length + FIRST;
    this.states.push({ steps: sorted, before, wide: new Map(), atEnd: UNSEEN });
    this.names.set(name, number);
    if (this.states.length * 128 > this.table.length) {
      const larger = new Int32Array(this.table.length * 2);
      larger.set(this.table);
      this.table = larger;
    }
    return number;
  }
}

/** What stands on both sides of a place. */
interface Place {
  readonly before: number;
  readonly behind: number;
}

function holdsAt(assertion: RegexAssertion, { before, behind }: Place): boolean {
  switch (assertion) {
    case 'text start':
      return before === EDGE;
    case 'text end':
      return behind === EDGE;
    case 'line start':
      return before === EDGE || before === NEWLINE;
    case 'line end':
      return behind === EDGE || behind === NEWLINE;
    case 'word boundary':
      return (before === WORD) !== (behind === WORD);
    default:
      return (before === WORD) === (behind === WORD);
  }
}

function kindOf(point: number): number {
  if (point === 10) return NEWLINE;
  const isWord =
    (point >= 97 && point <= 122) ||
    (point >= 65 && point <= 90) ||
    (point >= 48 && point <= 57) ||
    point === 95;
  return isWord ? WORD : OTHER;
}

function pointAt(bytes: Uint8Array, at: number, length: number): number {
  let point = bytes[at]! & (0x7f >> length);
  for (let i = 1; i < length; i++) point = (point << 6) | (bytes[at + i]! & 0x3f);
  return point;
}
