import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePositions,
  formatPosition,
  LOG_START,
  maxPosition,
  type Position,
} from '../../src/wal/position.ts';

const position: fc.Arbitrary<Position> = fc.record({
  term: fc.nat(3),
  sequence: fc.nat(3),
  index: fc.nat(3),
});

describe('positions', () => {
  it('are totally ordered by term, sequence and index', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const order = Math.sign(comparePositions(a, b));
        expect(order).toBe(Math.sign(formatPosition(a).localeCompare(formatPosition(b))));
        expect(order).toBe(-Math.sign(comparePositions(b, a)) + 0);
        expect(comparePositions(maxPosition(a, b), a)).toBeGreaterThanOrEqual(0);
        expect(comparePositions(maxPosition(a, b), b)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('begin with the start of every log', () => {
    fc.assert(fc.property(position, (any) => comparePositions(LOG_START, any) <= 0));
  });
});
