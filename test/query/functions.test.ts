import { describe, expect, it } from 'vitest';
import { unavailable } from '../../src/query/functions.ts';

describe('unavailable', () => {
  it('is unimplemented for what the grammar knows', () => {
    expect(unavailable('array_length', 3)).toMatchObject({
      reason: 'Unimplemented',
      message: 'array_length is not supported',
      at: 3,
    });
    expect(unavailable('=~', 0).reason).toBe('Unimplemented');
  });

  it('is bad input for what it does not, with the nearest call that exists', () => {
    expect(unavailable('text_mach', 0)).toMatchObject({
      reason: 'ParameterInvalid',
      message: 'function text_mach not found, did you mean text_match?',
    });
    expect(unavailable('st_contain', 0).message).toContain('did you mean st_contains?');
    expect(unavailable('match_anny', 0).message).toContain('did you mean match_any?');
  });
});
