import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { diskSuite } from '../suites/disk-suite.ts';

diskSuite('memory disk', async () => ({
  disk: memoryDisk(new SimClock()),
  dispose: async () => undefined,
}));
