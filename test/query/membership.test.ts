import { describe, expect, it } from 'vitest';
import { membershipOf, rangeOf } from '../../src/query/membership.ts';
import type { ConstantOperand } from '../../src/query/operand.ts';
import { resolveColumn } from '../../src/query/resolve.ts';
import type { Constant } from '../../src/query/template.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { Binding } from '../../src/query/binding.ts';
import { SCHEMA } from './columns.ts';

const column = (name: string): ReturnType<typeof resolveColumn> =>
  resolveColumn({ kind: 'field', name, path: [], subField: null, at: 0 }, SCHEMA);
const constant = (value: Constant): ConstantOperand => ({
  kind: 'constant',
  value,
  isParameter: false,
  timeZone: 'UTC',
  at: 0,
});

const binding = { valueSet } as unknown as Binding;

describe('membershipOf', () => {
  it('keeps a typed array as it is, sorted', () => {
    const { values } = membershipOf(
      column('i'),
      constant(BigInt64Array.of(3n, 1n, 3n)),
      binding,
    ) as never as {
      values: { integers: BigInt64Array };
    };
    expect(values.integers).toEqual(BigInt64Array.of(1n, 3n));
  });

  it('refuses lists inside the list', () => {
    expect(() => membershipOf(column('i'), constant([1n, [2n]]), binding)).toThrow(
      "value 'array_val' in list cannot be casted to Int64",
    );
  });
});

describe('rangeOf', () => {
  it('is one range', () => {
    const bounds = { lowerInclusive: false, upperInclusive: true };
    const range = { lower: constant(1n), upper: constant(9n), ...bounds };
    expect(rangeOf(column('i'), range, 0)).toMatchObject({ kind: 'range', lower: 1n, upper: 9n });
  });
});
