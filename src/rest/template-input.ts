/** `exprParams`: values for the `{name}` places of a filter, as the messages carry them; long lists in turns. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter } from '../base/errors.ts';
import { type ByteList, byteListOf } from '../wire/byte-lists.ts';
import type { TemplateArrayValue, TemplateValue } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { JsonObject } from '../imports/given-rows.ts';
import { jsonText } from './json-write.ts';

/** Values that are looked at or converted in one turn: a millisecond or two. */
const TURN_VALUES = 16_384;

/** @throws MilvusError ParameterInvalid for null and for objects */
export async function templateValues(
  params: JsonObject,
  clock: Clock,
): Promise<Map<string, Init<TemplateValue>>> {
  const turns = new Turns(clock);
  const values = new Map<string, Init<TemplateValue>>();
  for (const [name, value] of Object.entries(params)) {
    values.set(
      name,
      Array.isArray(value) ? { arrayVal: await listOf(value, turns) } : valueOf(name, value),
    );
  }
  return values;
}

function valueOf(name: string, value: unknown): Init<TemplateValue> {
  if (typeof value === 'boolean') return { boolVal: value };
  if (typeof value === 'string') return { stringVal: value };
  if (isInteger(value)) return { int64Val: BigInt(value) };
  if (typeof value === 'number') return { floatVal: value };
  throw invalidParameter(`the value of expression template variable {${name}} is unsupported`);
}

/** Whatever JSON writes it like, `2.0` and `1e18` too. Source: Milvus `httpserver/utils.go`, getTemplateType. */
function isInteger(value: unknown): value is number | bigint {
  if (typeof value === 'bigint') return true;
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

/** Gives way to others after so many values, of all lists of a request together. */
class Turns {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async after(count: number): Promise<void> {
    this.#count += count;
    if (this.#count < TURN_VALUES) return;
    this.#count = 0;
    await this.#clock.yieldTurn();
  }
}

/** Values of several types go as JSON. */
async function listOf(list: readonly unknown[], turns: Turns): Promise<Init<TemplateArrayValue>> {
  if (await areAll(list, (one) => typeof one === 'boolean', turns)) {
    return {
      boolData: { data: await filled(new Uint8Array(list.length), { list, turns, of: Number }) },
    };
  }
  if (await areAll(list, (one) => typeof one === 'string', turns)) {
    return { stringData: { data: await textsOf(list, { turns, of: String }) } };
  }
  if (await areAll(list, isInteger, turns)) {
    const of = (one: unknown): bigint => BigInt(one as number | bigint);
    return {
      longData: { data: await filled(new BigInt64Array(list.length), { list, turns, of }) },
    };
  }
  if (await areAll(list, (one) => typeof one === 'number', turns)) {
    return {
      doubleData: {
        data: await filled(new Float64Array(list.length), { list, turns, of: Number }),
      },
    };
  }
  if (await areAll(list, (one) => Array.isArray(one), turns)) {
    const data: Init<TemplateArrayValue>[] = [];
    for (const inner of list as readonly unknown[][]) {
      data.push(await listOf(inner, turns));
      await turns.after(1);
    }
    return { arrayData: { data } };
  }
  return { jsonData: { data: await textsOf(list, { turns, of: jsonText }) } };
}

async function areAll(
  list: readonly unknown[],
  is: (one: unknown) => boolean,
  turns: Turns,
): Promise<boolean> {
  for (let start = 0; start < list.length; start += TURN_VALUES) {
    const piece = list.slice(start, start + TURN_VALUES);
    if (!piece.every(is)) return false;
    await turns.after(piece.length);
  }
  return true;
}

async function filled<Value, Values extends { [index: number]: Value }>(
  values: Values,
  {
    list,
    turns,
    of,
  }: {
    readonly list: readonly unknown[];
    readonly turns: Turns;
    readonly of: (one: unknown) => Value;
  },
): Promise<Values> {
  for (let start = 0; start < list.length; start += TURN_VALUES) {
    const end = Math.min(start + TURN_VALUES, list.length);
    for (let i = start; i < end; i++) values[i] = of(list[i]);
    await turns.after(end - start);
  }
  return values;
}

async function textsOf(
  list: readonly unknown[],
  { turns, of }: { readonly turns: Turns; readonly of: (one: unknown) => string },
): Promise<ByteList> {
  const pieces: Uint8Array[] = [];
  const offsets = new Uint32Array(list.length + 1);
  let byteLength = 0;
  for (let start = 0; start < list.length; start += TURN_VALUES) {
    const piece = byteListOf(list.slice(start, start + TURN_VALUES).map(of));
    for (const [i, end] of piece.offsets.entries()) offsets[start + i] = byteLength + end;
    byteLength += piece.bytes.length;
    pieces.push(piece.bytes);
    await turns.after(piece.offsets.length);
  }
  return { offsets, bytes: Buffer.concat(pieces, byteLength) };
}
