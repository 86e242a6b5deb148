import { defineConfig } from 'vitest/config';
import { reporters } from './tools/test-reports.ts';

/** `npm test`: everything but the long runs and the packed package. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/deep/**', 'test/package/**'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 30_000,
    // The main process only waits for them.
    maxWorkers: '100%',
    reporters: reporters('unit'),
  },
});
