import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from '../../tools/test-reports.ts';

const MINUTE_MS = 60_000;

/** `npm run test:deep`: crash enumeration, fault schedules, planted bugs, real processes. */
export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['test/deep/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    // One file after the other: each uses every core itself.
    fileParallelism: false,
    maxConcurrency: availableParallelism(),
    testTimeout: 40 * MINUTE_MS,
    hookTimeout: MINUTE_MS,
    reporters: reporters('deep'),
  },
});
