import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { WireReader } from '../../src/wire/wire-reader.ts';

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

function wordsOf(bytes: readonly number[]): bigint[] {
  const reader = new WireReader(Uint8Array.from(bytes));
  const values = new BigInt64Array(reader.countVarints());
  reader.varintWords(new Int32Array(values.buffer));
  expect(reader.isAtEnd).toBe(true);
  return [...values];
}

function oneByOne(bytes: readonly number[]): bigint[] {
  const reader = new WireReader(Uint8Array.from(bytes));
  const values: bigint[] = [];
  while (!reader.isAtEnd) values.push(reader.int64());
  return values;
}

describe('a packed run of varints', () => {
  it('is read as its varints are one by one, at every edge of their lengths', () => {
    const values = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).flatMap((power) =>
      [-1n, 0n, 1n].flatMap((step) => [power + step, -power - step]),
    );
    const bytes = values.flatMap(varint);
    expect(wordsOf(bytes)).toEqual(values.map((value) => BigInt.asIntN(64, value)));
    expect(wordsOf(bytes)).toEqual(oneByOne(bytes));
  });

  it('may have longer varints than they need to be', () => {
    for (const bytes of [
      [0x80, 0],
      [0x80, 0x80, 0x80, 0x80, 0],
      [...Array<number>(9).fill(0xff), 0x7f],
      [0x81, ...Array<number>(8).fill(0x80), 2],
    ]) {
      expect(wordsOf(bytes)).toEqual(oneByOne(bytes));
    }
  });

  it('has none of more than ten bytes, and none that is cut off', () => {
    expect(() => wordsOf([...Array<number>(10).fill(0x80), 1])).toThrow(MalformedBytes);
    expect(() => wordsOf([1, 0x80])).toThrow(MalformedBytes);
    expect(wordsOf([])).toEqual([]);
  });
});
