import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { GroupNumbers, groupReader } from '../../src/search/group-numbers.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import { int32Column, NAME, SIZE, textColumn } from './world.ts';

describe('numbers of groups', () => {
  it('are the same for the same values only, in the order in which they are met', () => {
    const numbers = new GroupNumbers();
    const values = [['a'], [null], ['null'], ['a'], [7n], [7n], ['7']];
    expect(values.map((one) => numbers.numberOf(one))).toEqual([0, 1, 2, 0, 3, 3, 4]);
    expect([numbers.count, numbers.find(['7']), numbers.find(['8'])]).toEqual([5, 4, -1]);
  });

  it('tell lists of values apart, wherever one ends and the next begins', () => {
    const numbers = new GroupNumbers();
    const lists = [
      ['a', 'b'],
      ['ab', ''],
      ['', 'ab'],
      ['a', 'b'],
      ['string 1 b', null],
      [1, '1'],
      [1n, '1'],
      ['1', 1],
      [true, 'true'],
    ];
    expect(lists.map((one) => numbers.numberOf(one))).toEqual([0, 1, 2, 0, 3, 4, 5, 6, 7]);
  });

  it('are refused beyond their bound, and known ones are not', () => {
    const numbers = new GroupNumbers(2);
    expect([['a'], ['b'], ['a']].map((one) => numbers.numberOf(one))).toEqual([0, 1, 0]);
    expect(() => numbers.numberOf(['c'])).toThrow('more than 2 groups');
    expect([numbers.numberOf(['b']), numbers.find(['c'])]).toEqual([1, -1]);
  });

  it('are of the values of rows', () => {
    const size = fieldReference({ id: SIZE, type: DataType.Int32 });
    const name = fieldReference({ id: NAME, type: DataType.VarChar });
    const columns = new Map<number, Column>([
      [SIZE, int32Column([1, 2])],
      [NAME, textColumn(['x', null])],
    ]);
    const read = groupReader([size, name], columns);
    expect([[...read(0)], [...read(1)]]).toEqual([
      [1, 'x'],
      [2, null],
    ]);
  });
});
