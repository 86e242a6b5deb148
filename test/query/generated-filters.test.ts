import { describe, expect, it } from 'vitest';
import { compareFilters } from './generated-filters.ts';

describe('generated filters', () => {
  it('match the rows that a plain evaluation of each row matches, and survive printing', () => {
    const { filters, selective, differences } = compareFilters(1, 6000);
    expect(differences.slice(0, 5)).toEqual([]);
    expect(filters).toBe(6000);
    // Filters that take all or nothing would show little.
    expect(selective).toBeGreaterThan(filters / 2);
  });
});
