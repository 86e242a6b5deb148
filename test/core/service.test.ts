import { describe } from 'vitest';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { serviceSuite } from '../suites/service-suite.ts';
import { directoryWorld, memoryWorld } from '../suites/service-world.ts';

describe('the service in memory', () => {
  serviceSuite(memoryWorld());
});

describe('the service with every call between roles encoded and decoded', () => {
  serviceSuite(memoryWorld(encodedTransport()));
});

describe('the service in a directory', () => {
  serviceSuite(directoryWorld());
});
