/** Segments under a FLAT index get codes in the background, and nothing but the time of a search changes. */
import { expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import { usesFlatCodes } from '../../src/index/flat-index.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { builtSegments, found } from '../suites/index-fixtures.ts';
import { createDocs, DOCS, docs } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const ROWS = 200;
const FLAT = {
  ...DOCS,
  fieldName: 'vector',
  indexName: 'flat',
  params: { index_type: 'FLAT', metric_type: 'L2' },
};
const ANSWER = '100:0.040 101:0.640 99:1.440 102:3.240 98:4.840';
const TURNS_MAX = 20_000;

it('segments of a FLAT index get codes, lose damaged ones and get them again', async () => {
  const made: { disk?: Disk } = {};
  const wrapDisk = (disk: Disk): Disk => {
    made.disk = disk;
    return disk;
  };
  const tuning = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
  const world = await memoryWorld(directCalls, { wrapDisk, tuning })();
  const images = async (): Promise<string[]> => {
    const names = await made.disk!.list('segments');
    return names.filter((name) => name.includes('.idx-') && !name.endsWith('.json'));
  };
  /** Until there is an image that was not there before. */
  const coded = async (service: Service, before: readonly string[]): Promise<void> => {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const isNew = (await images()).some((name) => !before.includes(name));
      if (isNew && (await builtSegments(service)) === 1) return;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect.unreachable('the codes are there');
  };
  await createDocs(world.service);
  await world.service.insert({ ...DOCS, rows: docs(0, ROWS) });
  await world.service.flush(DOCS);
  await world.service.createIndex(FLAT);
  const state = async () =>
    (await world.service.describeIndexes({ ...DOCS, indexName: 'flat' }))[0];
  // The scan is the index: it answers from the first moment on.
  expect(await state()).toMatchObject({ state: 'Finished', indexedRows: ROWS });
  expect(await found(world.service)).toBe(ANSWER);
  await coded(world.service, []);
  expect(await found(world.service)).toBe(ANSWER);

  const service = await world.reopen();
  const before = await images();
  const file = await made.disk!.open(`segments/${before[0]!}`, 'write');
  const byte = new Uint8Array(1);
  await file.read(byte, 40);
  await file.write([Uint8Array.of(byte[0]! ^ 1)], 40);
  await file.close();
  expect(await found(service)).toBe(ANSWER);
  world.clock.advance(10_000);
  // Twins have no use for codes, so they never learn that some are damaged.
  if (usesFlatCodes()) await coded(service, before);
  expect(await found(service)).toBe(ANSWER);
  await world.close();
});
