import { describe, expect, it } from 'vitest';
import type { BoundFilter } from '../../src/query/bind.ts';
import { bothFilters } from '../../src/query/both-filters.ts';

const filter = (value: boolean): BoundFilter => ({ predicate: { kind: 'constant', value } });

describe('bothFilters', () => {
  it('is the other one where one accepts every row', () => {
    expect(bothFilters(null, null)).toBeNull();
    expect(bothFilters(filter(true), null)).toEqual(filter(true));
    expect(bothFilters(null, filter(false))).toEqual(filter(false));
  });

  it('accepts what both do', () => {
    expect(bothFilters(filter(true), filter(false))?.predicate).toMatchObject({ kind: 'and' });
  });
});
