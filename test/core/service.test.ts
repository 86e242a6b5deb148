import { afterAll, describe, expect } from 'vitest';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { serviceSuite } from '../suites/service-suite.ts';
import { directoryWorld, memoryWorld } from '../suites/service-world.ts';

describe('the service in memory', () => {
  serviceSuite(memoryWorld());
});

describe('the service with every call between roles encoded and decoded', () => {
  const crossed = new Set<string>();
  serviceSuite(memoryWorld(encodedTransport(crossed)));

  afterAll(() => {
    const some = ['coordinator.createCollection', 'shards.insert', 'shards.search'];
    const inner = ['segmentHost.search', 'segmentHost.checkpointDeletes', 'taskRunner.compact'];
    const builds = ['taskRunner.buildIndex', 'segmentHost.assignIndexes'];
    expect([...crossed]).toEqual(expect.arrayContaining([...some, ...inner, ...builds]));
  });
});

describe('the service in a directory', () => {
  serviceSuite(directoryWorld());
});
