import { describe, expect, it } from 'vitest';
import { assert, AssertionError, must, unreachable } from '../../src/base/assert.ts';

describe('an assertion', () => {
  it('states the broken promise', () => {
    expect(() => assert(false, 'a promise')).toThrow(AssertionError);
    expect(() => assert(false, 'a promise')).toThrow('a promise');
  });

  it('lets a value through that is there, zero and empty text too', () => {
    expect(must(0, 'a number')).toBe(0);
    expect(must('', 'a text')).toBe('');
    expect(() => must(null, 'nothing there')).toThrow('nothing there');
    expect(() => must(undefined, 'nothing there')).toThrow(AssertionError);
  });

  it('closes a switch that should have known every case', () => {
    expect(() => unreachable('x' as never)).toThrow('unreachable: x');
  });
});
