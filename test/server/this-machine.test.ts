import { expect, it } from 'vitest';
import { factsOf } from '../../src/server/this-machine.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

it('tells of this process and the disk that the database is on', async () => {
  await using directory = await temporaryDirectory();
  const facts = await factsOf(directory.path, '127.0.0.1:1');
  expect(facts).toMatchObject({ nodeVersion: process.versions.node, address: '127.0.0.1:1' });
  expect(facts.version).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(Math.abs(Date.parse(facts.startedAt) - Date.now())).toBeLessThan(60_000);
  const hardware = facts.hardware();
  expect(hardware.cpuCount).toBeGreaterThan(0);
  expect(hardware.memoryUsedBytes).toBeLessThan(hardware.memoryBytes);
  expect(hardware.diskUsedBytes).toBeLessThanOrEqual(hardware.diskBytes);
});
