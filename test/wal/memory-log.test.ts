import { memoryLog } from '../../src/wal/memory-log.ts';
import { logSuite } from '../suites/log-suite.ts';

logSuite('memory log', async () => {
  const log = memoryLog();
  return { log, again: null, dispose: async () => log[Symbol.asyncDispose]() };
});
