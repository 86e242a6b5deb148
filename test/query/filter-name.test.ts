import { describe, expect, it } from 'vitest';
import { FILTER_NAME_LENGTH_MAX } from '../../src/base/limits.ts';
import { filterName } from '../../src/query/filter-name.ts';
import type { ParameterValues } from '../../src/query/template.ts';

function nameOf(text: string, parameters?: ParameterValues, timeZone = 'UTC'): string | null {
  return filterName({ text, parameters, timeZone });
}

describe('the name of a filter', () => {
  it('is the same for the same filter, and another for any other', () => {
    expect(nameOf('a < {x}', { x: 1 })).toBe(nameOf('a < {x}', { x: 1 }));
    const names = [
      nameOf('a < 1'),
      nameOf('a < 2'),
      nameOf('a < 1', undefined, 'Europe/Berlin'),
      nameOf('a < {x}', {}),
      ...[1, 1n, '1', true, 'true', 0, -0, '1n', 0.1, 'x"=1', '', { floating: 1 }].map((x) =>
        nameOf('a < {x}', { x }),
      ),
      nameOf('a < {x}', { y: 1 }),
      nameOf('a < {x}', { x: 1, y: 2 }),
      nameOf('a < {x}', { 'x"=1\n"y': 2 }),
    ];
    expect(names).not.toContain(null);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is none where what the filter holds may change, or is long', () => {
    expect(nameOf('a in {x}', { x: [1, 2] })).toBeNull();
    expect(nameOf('a in {x}', { x: BigInt64Array.of(1n) })).toBeNull();
    expect(nameOf('a'.repeat(FILTER_NAME_LENGTH_MAX + 1))).toBeNull();
    expect(nameOf('a == {x}', { x: 'b'.repeat(FILTER_NAME_LENGTH_MAX) })).toBeNull();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`name${i}`, i]));
    expect(nameOf('a == 1', many)).toBeNull();
  });

  it('is none for values that a filter refuses', () => {
    const parameters = { x: null } as unknown as ParameterValues;
    expect(nameOf('a == {x}', parameters)).toBeNull();
  });
});
