import { describe, expect, it } from 'vitest';
import { UNAVAILABLE_CALLS, unavailable } from '../../src/query/functions.ts';

describe('unavailable', () => {
  it('is unimplemented, with the reason, for what the grammar knows', () => {
    for (const [name, reason] of UNAVAILABLE_CALLS) {
      expect(unavailable(name, 3)).toMatchObject({
        reason: 'Unimplemented',
        message: `${name} is not supported: ${reason}`,
        at: 3,
      });
    }
  });
});
