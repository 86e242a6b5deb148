import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from '../../tools/test-reports.ts';

const MINUTE_MS = 60_000;

/** `npm run test:package`: what a user gets from `npm install`. */
export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['test/package/**/*.test.ts'],
    testTimeout: 2 * MINUTE_MS,
    hookTimeout: 5 * MINUTE_MS,
    reporters: reporters('package'),
  },
});
