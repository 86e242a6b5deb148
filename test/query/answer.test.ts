import { expect, it } from 'vitest';
import { conditionsOf, sliceAnswer, withColumn } from '../../src/query/answer.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { DYNAMIC_SCHEMA } from './columns.ts';

it('a slice has its own rows, and nothing open where none of them is', () => {
  const whole = {
    truth: Uint32Array.of(1, 2, 3),
    known: Uint32Array.of(9, 8, 7),
    open: Uint32Array.of(0, 0, 4),
  };
  const slice = sliceAnswer(whole, 32, 64);
  expect(slice).toEqual({ truth: Uint32Array.of(2), known: Uint32Array.of(8), open: null });
  slice.truth[0] = 0;
  expect(whole.truth[1]).toBe(2);
  expect(sliceAnswer(whole, 64, 90).open).toEqual(Uint32Array.of(4));
});

it('the column decides about the rows that are open, and no others', () => {
  const answer = {
    truth: Uint32Array.of(0b0011),
    known: Uint32Array.of(0b0111),
    open: Uint32Array.of(0b1010),
  };
  const column = { truth: Uint32Array.of(0b1100), known: Uint32Array.of(0b1101) };
  expect(withColumn(answer, column)).toEqual({
    truth: Uint32Array.of(0b1001),
    known: Uint32Array.of(0b1101),
  });
  const sure = { ...answer, open: null };
  expect(withColumn(sure, column)).toEqual({ truth: answer.truth, known: answer.known });
  const known = withColumn(
    { ...answer, known: null, truth: Uint32Array.of(1) },
    { ...column, known: null },
  );
  expect(known.known).toEqual(Uint32Array.of(0xffffffff));
});

it('conditions are what stands for itself', () => {
  const { predicate } = compileFilter('not (i == 1 and s like "a%") or b == true', DYNAMIC_SCHEMA);
  expect(
    conditionsOf(predicate)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['like', 'range', 'range']);
});
