import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runsFromSource, workerEntry } from '../../src/search/worker-entry.ts';

it('names the worker file beside it, in the same language', () => {
  expect(runsFromSource).toBe(true);
  expect(workerEntry.pathname).toMatch(/\/search\/worker\.ts$/);
  expect(existsSync(workerEntry)).toBe(true);
});
