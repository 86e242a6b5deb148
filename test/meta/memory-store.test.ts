import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { metaStoreSuite } from '../suites/meta-store-suite.ts';

metaStoreSuite({
  name: 'memory',
  isDurable: false,
  place: async () => ({ open: async () => memoryMetaStore() }),
});
