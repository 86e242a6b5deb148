/**
 * Filters and rows from a seed: every operator and function of the language over every kind of field, with
 * values that meet each other often. What it makes is legal; what it means, naive.ts says.
 */
import type { Row } from './naive.ts';

/** A number below `below`, the next of a sequence that its seed decides. */
export type Pick = (below: number) => number;

export function picker(seed: number): Pick {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function oneOf<T>(pick: Pick, choices: readonly T[]): T {
  return choices[pick(choices.length)]!;
}

function many<T>(pick: Pick, most: number, make: () => T): T[] {
  return Array.from({ length: pick(most + 1) }, make);
}

const WIDE = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n];
const TEXTS = ['', 'a', 'ab', 'b', 'ba', 'abab', '中b', 'a_b', 'a%', 'B\n', '😀a'];
const DOUBLES = [-1.5, 0, 0.1, 0.5, 2, 3, 1e300];

function wide(pick: Pick, span: number): bigint {
  return pick(12) === 0 ? oneOf(pick, WIDE) : BigInt(pick(2 * span + 1) - span);
}

function jsonScalar(pick: Pick): unknown {
  switch (pick(6)) {
    case 0:
      return null;
    case 1:
      return pick(2) === 0;
    case 2:
      return oneOf(pick, [-1.5, 0.5, 2.5]);
    case 3:
      return oneOf(pick, TEXTS);
    default:
      return wide(pick, 4);
  }
}

function json(pick: Pick, depth: number): unknown {
  if (depth === 0 || pick(3) > 0) return jsonScalar(pick);
  if (pick(2) === 0) return many(pick, 3, () => json(pick, depth - 1));
  return Object.fromEntries(many(pick, 2, () => [oneOf(pick, ['k', 'x']), json(pick, depth - 1)]));
}

/** Values of the fields of columns.ts. */
export function generateRow(pick: Pick): Row {
  const maybe = <T>(value: T): T | null => (pick(5) === 0 ? null : value);
  const small = (): bigint => BigInt(pick(9) - 4);
  return {
    i: maybe(wide(pick, 6)),
    i2: maybe(wide(pick, 6)),
    i8: maybe(small()),
    i16: maybe(small()),
    i32: maybe(small()),
    f: maybe(Math.fround(oneOf(pick, DOUBLES.slice(0, 6)))),
    d: maybe(oneOf(pick, DOUBLES)),
    s: maybe(oneOf(pick, TEXTS)),
    s2: maybe(oneOf(pick, TEXTS)),
    b: maybe(pick(2) === 0),
    tz: maybe(BigInt(pick(5)) * 3_600_000_000n),
    j: maybe(pick(8) === 0 ? {} : { a: json(pick, 3), n: { x: json(pick, 1) } }),
    ai: maybe(many(pick, 3, () => wide(pick, 3))),
    as: maybe(many(pick, 3, () => oneOf(pick, TEXTS))),
    af: maybe(many(pick, 3, () => Math.fround(oneOf(pick, DOUBLES.slice(0, 6))))),
    $meta: pick(8) === 0 ? {} : { dyn: json(pick, 2) },
  };
}

const ORDERS = ['==', '!=', '<', '<=', '>', '>='];
const EQUALITIES = ['==', '!='];
const PATTERNS = ['%', 'a%', '%b', '%a%', '_', 'a_b', '_%b', 'a\\\\%', 'ab', '%_b', ''];
const REGEXES = [
  'a',
  '^a',
  'b$',
  '^(ab)+$',
  '[^a]',
  '^.$',
  'a|b',
  'a{2}',
  '\\n',
  '^$',
  '(a|ab)(b|$)',
  '中?b',
];
const JSON_PATHS = [
  'j["a"]',
  'j["a"]',
  'j["n"]["x"]',
  'j["a"]["k"]',
  'j["a"][0]',
  'j["a"][1]["x"]',
  'dyn',
  'dyn',
  'dyn["k"]',
  'dyn[0]',
];

/** One filter, and the values of its parameters. */
export class FilterGenerator {
  readonly parameters: Record<string, bigint | number | string | boolean> = {};
  private readonly pick: Pick;

  constructor(pick: Pick) {
    this.pick = pick;
  }

  filter(depth: number): string {
    const { pick } = this;
    if (depth === 0 || pick(3) === 0) return this.condition();
    if (pick(3) === 0) return `${oneOf(pick, ['not', '!', 'NOT'])} (${this.filter(depth - 1)})`;
    const word = oneOf(pick, [' and ', ' or ', ' && ', ' || ', ' AND ', ' OR ']);
    const count = 2 + pick(3);
    return Array.from({ length: count }, () => `(${this.filter(depth - 1)})`).join(word);
  }

  private condition(): string {
    const kinds = [
      () => this.integers(),
      () => this.floats(),
      () => this.texts(),
      () => this.jsonValues(),
      () => this.jsonValues(),
      () => this.arrays(),
      () => this.nulls(),
      () => this.columns(),
      () => this.ranges(),
      () => this.times(),
    ];
    return oneOf(this.pick, kinds)();
  }

  private order(): string {
    return oneOf(this.pick, ORDERS);
  }

  private word(): string {
    return oneOf(this.pick, ['in', 'not in']);
  }

  private integer(): string {
    return String(wide(this.pick, 6));
  }

  private number(): string {
    return oneOf(this.pick, ['-1.5', '0.1', '0.5', '2', '2.0', '-3', '0', '1', '1e300']);
  }

  private text(): string {
    return JSON.stringify(oneOf(this.pick, TEXTS));
  }

  private literal(): string {
    return oneOf(this.pick, [
      () => this.integer(),
      () => this.number(),
      () => this.text(),
      () => oneOf(this.pick, ['true', 'false']),
    ])();
  }

  /** The constant as it is, or in a parameter. */
  private given(literal: string): string {
    if (this.pick(5) > 0) return literal;
    const name = `p${Object.keys(this.parameters).length}`;
    this.parameters[name] = /^-?\d+$/.test(literal)
      ? BigInt(literal)
      : (JSON.parse(literal) as number);
    return `{${name}}`;
  }

  private list(item: () => string): string {
    return `[${many(this.pick, 4, item).join(', ')}]`;
  }

  private integers(): string {
    const { pick } = this;
    const field = oneOf(pick, ['i', 'i', 'i2', 'i8', 'i16', 'i32', 'ai[0]', 'ai[2]']);
    switch (pick(5)) {
      case 0:
        return `${field} ${this.word()} ${this.list(() => this.integer())}`;
      case 1: {
        const operand = oneOf(pick, ['1', '2', '-2', '3', '-1', '9223372036854775807']);
        return `${field} ${oneOf(pick, ['+', '-', '*', '/', '%'])} ${operand} ${this.order()} ${this.integer()}`;
      }
      case 2: {
        const bits = `(${field} ${oneOf(pick, ['&', '|', '^'])} ${this.integer()})`;
        return `${bits} ${this.order()} ${this.integer()}`;
      }
      case 3:
        return `${this.integer()} ${this.order()} ${field}`;
      default:
        return `${field} ${this.order()} ${this.given(this.integer())}`;
    }
  }

  private floats(): string {
    const { pick } = this;
    const field = oneOf(pick, ['f', 'd', 'af[0]']);
    switch (pick(3)) {
      case 0:
        return `${field} ${this.word()} ${this.list(() => this.number())}`;
      case 1:
        return `${field} ${oneOf(pick, ['+', '-', '*', '/'])} ${oneOf(pick, ['2', '0.5'])} ${this.order()} ${this.number()}`;
      default:
        return `${field} ${this.order()} ${this.given(this.number())}`;
    }
  }

  private texts(): string {
    const { pick } = this;
    const field = oneOf(pick, ['s', 's', 'as[0]', 'as[1]']);
    switch (pick(8)) {
      case 0:
        return `${field} ${this.word()} ${this.list(() => this.text())}`;
      case 1:
        return `${field} like "${oneOf(pick, PATTERNS)}"`;
      case 2:
      case 3:
        return `${field} ${oneOf(pick, ['=~', '!~'])} "${oneOf(pick, REGEXES)}"`;
      case 4:
        return `starts_with(${field}, ${oneOf(pick, [() => this.text(), () => 's2'])()})`;
      case 5:
        return `${oneOf(pick, ['', 'not '])}empty(${field})`;
      case 6:
        return `b ${oneOf(pick, EQUALITIES)} ${oneOf(pick, ['true', 'false'])}`;
      default:
        return `${field} ${this.order()} ${this.given(this.text())}`;
    }
  }

  private jsonValues(): string {
    const { pick } = this;
    const path = oneOf(pick, JSON_PATHS);
    switch (pick(9)) {
      case 0:
        return `${path} ${this.word()} ${this.list(() => this.literal())}`;
      case 1:
        return `${path} like "${oneOf(pick, PATTERNS)}"`;
      case 2:
        return `${path} ${oneOf(pick, ['=~', '!~'])} "${oneOf(pick, REGEXES)}"`;
      case 3: {
        const operand = oneOf(pick, ['1', '2', '-2']);
        return `${path} ${oneOf(pick, ['+', '-', '*', '/', '%'])} ${operand} ${this.order()} ${this.integer()}`;
      }
      case 4:
        return `${path} ${oneOf(pick, ['+', '*', '/'])} 0.5 ${this.order()} ${this.number()}`;
      case 5:
        return `(${path} ${oneOf(pick, ['&', '|', '^'])} ${this.integer()}) ${this.order()} ${this.integer()}`;
      case 6:
        return `${path} ${oneOf(pick, EQUALITIES)} ${this.nestedList(2)}`;
      default:
        return `${path} ${this.order()} ${this.given(this.literal())}`;
    }
  }

  /** Of at least one item: what an empty one holds has no type to compare. */
  private nestedList(depth: number): string {
    const item = (): string =>
      depth > 0 && this.pick(3) === 0 ? this.nestedList(depth - 1) : this.literal();
    return `[${[item(), ...many(this.pick, 1, item)].join(', ')}]`;
  }

  private arrays(): string {
    const { pick } = this;
    const name = `${oneOf(pick, ['json', 'array'])}_contains`;
    const path = oneOf(pick, JSON_PATHS);
    const mode = oneOf(pick, ['_all', '_any']);
    switch (pick(8)) {
      case 0:
        return `array_length(${oneOf(pick, ['ai', 'as', path, path])}) ${this.order()} ${pick(4)}`;
      case 1:
        return `${name}(${path}, ${this.literal()})`;
      case 2:
        return `${name}${mode}(${path}, ${this.list(() => (pick(4) === 0 ? this.nestedList(1) : this.literal()))})`;
      case 3:
        return `${name}(${path}, ${this.nestedList(1)})`;
      case 4:
        return `${name}${mode}(ai, ${this.list(() => oneOf(pick, [() => this.integer(), () => '1.0', () => '2.5'])())})`;
      case 5:
        return `${name}${mode}(as, ${this.list(() => this.text())})`;
      case 6:
        return `${name}${mode}(af, ${this.list(() => this.number())})`;
      default:
        return oneOf(pick, [
          () => `${name}(ai, ${this.integer()})`,
          () => `${name}(as, ${this.given(this.text())})`,
          () => `ai ${oneOf(pick, EQUALITIES)} [${this.integer()}, ${this.integer()}]`,
          () => `as ${oneOf(pick, EQUALITIES)} [${this.text()}]`,
        ])();
    }
  }

  private nulls(): string {
    const { pick } = this;
    if (pick(3) === 0) return `exists ${oneOf(pick, JSON_PATHS)}`;
    const field = oneOf(pick, [...JSON_PATHS, 'i', 's', 'j', 'ai', 'tz', 'f']);
    return `${field} ${oneOf(pick, ['is null', 'is not null', 'IS NULL'])}`;
  }

  private columns(): string {
    const { pick } = this;
    if (pick(3) === 0) return `s ${this.order()} ${oneOf(pick, ['s2', 'as[0]'])}`;
    const numbers = ['i', 'i2', 'i8', 'i32', 'f', 'd', 'ai[0]', 'af[1]'];
    return `${oneOf(pick, numbers)} ${this.order()} ${oneOf(pick, numbers)}`;
  }

  private ranges(): string {
    const { pick } = this;
    const field = oneOf(pick, ['i', 'd', 'f', 'ai[1]', ...JSON_PATHS]);
    const low = oneOf(pick, ['-3', '-1', '0']);
    const high = oneOf(pick, ['1', '3', '9007199254740993']);
    return pick(2) === 0
      ? `${low} ${oneOf(pick, ['<', '<='])} ${field} ${oneOf(pick, ['<', '<='])} ${high}`
      : `${high} ${oneOf(pick, ['>', '>='])} ${field} ${oneOf(pick, ['>', '>='])} ${low}`;
  }

  private times(): string {
    const time = (): string => `ISO '1970-01-01T0${this.pick(5)}:00:00Z'`;
    return this.pick(2) === 0 ? `tz ${this.order()} ${time()}` : `${time()} ${this.order()} tz`;
  }
}
