/**
 * Requests that no honest client sends, of every kind that a seed can think of: bytes that are nothing,
 * messages whose fields hold the edges of their types and names that exist, and such messages with bytes
 * changed, cut, doubled or lengths that lie.
 */
import { byteListOf } from '../../src/wire/byte-lists.ts';
import { METHODS } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import {
  type AnyMessageType,
  type Field,
  type MessageType,
  newNumberList,
} from '../../src/wire/message-type.ts';
import type { SeededRandom } from '../sim/seeded-random.ts';

const DEPTH_MAX = 4;

export interface Vocabulary {
  /** Names of things that are there, filters, JSON, parameter names. */
  readonly texts: readonly string[];
}

export function hostileRequest(
  method: keyof typeof METHODS,
  random: SeededRandom,
  words: Vocabulary,
): Uint8Array {
  const { request } = METHODS[method];
  const kind = random.integer(10);
  if (kind === 0) return random.bytes(random.integer(200));
  const bytes = encodeMessage(
    request as MessageType<object>,
    randomMessage(request, random, { words, depth: 0 }),
  );
  return kind < 5 ? bytes : spoiled(bytes, random);
}

interface Context {
  readonly words: Vocabulary;
  readonly depth: number;
}

function randomMessage(
  type: AnyMessageType,
  random: SeededRandom,
  { words, depth }: Context,
): object {
  const message: Record<string, unknown> = {};
  for (const field of type.fields) {
    if (field.kind === 'message' && depth === DEPTH_MAX) continue;
    if (random.chance(0.4)) continue;
    message[field.name] = randomField(field, random, { words, depth });
  }
  return message;
}

function randomField(field: Field, random: SeededRandom, context: Context): unknown {
  const count = random.pick([0, 1, 1, 2, 3, 17]);
  const items = <T>(make: () => T): T[] => Array.from({ length: count }, make);
  switch (field.rule) {
    case 'texts':
      return byteListOf(items(() => randomText(random, context)));
    case 'blobs':
      return byteListOf(items(() => randomText(random, context)));
    case 'map':
      return new Map(
        items(() => [
          randomValue({ ...field, kind: field.keyKind }, random, context),
          randomValue(field, random, context),
        ]),
      );
    case 'list': {
      const numbers = newNumberList(field.kind, count);
      if (numbers === null) return items(() => randomValue(field, random, context));
      for (let i = 0; i < count; i++) {
        numbers[i] = randomValue(field, random, context) as never;
      }
      return numbers;
    }
    default:
      return randomValue(field, random, context);
  }
}

function randomValue(field: Field, random: SeededRandom, context: Context): unknown {
  switch (field.kind) {
    case 'message':
      return field.message === null
        ? null
        : randomMessage(field.message, random, { ...context, depth: context.depth + 1 });
    case 'string':
      return randomText(random, context);
    case 'bytes':
      return random.bytes(random.pick([0, 1, 8, 16, 33]));
    case 'bool':
      return random.chance(0.5);
    case 'int64':
      return random.pick([0n, 1n, -1n, 7n, 2n ** 63n - 1n, -(2n ** 63n)]);
    case 'uint64':
      return random.pick([0n, 1n, 2n, 2n ** 64n - 1n]);
    case 'float':
    case 'double':
      return random.pick([0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e308]);
    case 'uint32':
      return random.pick([0, 1, 3, 2 ** 32 - 1]);
    default:
      return random.pick([0, 1, 5, 21, 23, 101, 104, -1, 2 ** 31 - 1, -(2 ** 31)]);
  }
}

function randomText(random: SeededRandom, { words }: Context): string {
  if (random.chance(0.7)) return random.pick(words.texts);
  return random.pick([
    '',
    ' ',
    '\u0000',
    '../../etc',
    'é'.repeat(300),
    '[[[[',
    '{"a":',
    '💥',
    '-1',
  ]);
}

/** A message with something wrong in its bytes. */
function spoiled(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length === 0) return random.bytes(5);
  switch (random.integer(4)) {
    case 0:
      return copy.subarray(0, random.integer(copy.length));
    case 1:
      for (let i = 0; i < 4; i++) copy[random.integer(copy.length)] = random.integer(256);
      return copy;
    case 2: {
      // A length that says more than there is, or a number that never ends.
      copy.fill(0xff, random.integer(copy.length));
      return copy;
    }
    default: {
      const twice = new Uint8Array(copy.length * 2);
      twice.set(copy);
      twice.set(copy, copy.length);
      return twice;
    }
  }
}
