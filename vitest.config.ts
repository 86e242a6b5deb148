import { defineConfig } from 'vitest/config';
import { reporters } from './tools/test-reports.ts';

/** `npm test`: everything but the long runs and the packed package. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/deep/**', 'test/package/**'],
    testTimeout: 30_000,
    reporters: reporters('unit'),
  },
});
