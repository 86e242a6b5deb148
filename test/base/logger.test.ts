import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';

it('the silent logger writes nothing anywhere', () => {
  const written = vi.spyOn(process.stdout, 'write');
  const complained = vi.spyOn(process.stderr, 'write');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    silentLogger[level]({ count: 1 }, 'something happened');
  }
  expect(written).not.toHaveBeenCalled();
  expect(complained).not.toHaveBeenCalled();
});
