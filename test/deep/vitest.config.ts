import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { reporters } from '../../tools/test-reports.ts';

const MINUTE_MS = 60_000;

/** `npm run test:deep`: crash enumeration, fault schedules, real processes. */
export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['test/deep/**/*.test.ts'],
    // A campaign of its own: npm run campaign:planted.
    exclude: process.env['PLANTED_BUGS'] === undefined ? ['**/planted-bugs.test.ts'] : [],
    setupFiles: ['test/property-seed.ts'],
    // One file after the other: each uses every core itself.
    fileParallelism: false,
    testTimeout: 40 * MINUTE_MS,
    hookTimeout: MINUTE_MS,
    reporters: reporters('deep'),
  },
});
