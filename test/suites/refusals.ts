/** Runs works that must be refused, against a database in which nothing may change by them. */
import { expect } from 'vitest';
import type { MilvusError } from '../../src/base/errors.ts';
import type { Service } from '../../src/core/service.ts';
import type { FieldDefinition } from '../../src/schema/definition.ts';
import { directoryWorld, type ServiceWorld } from './service-world.ts';
import { createDocs, DOCS, docs } from './service-fixtures.ts';

export const FIELDS: readonly FieldDefinition[] = [
  { name: 'id', type: 'Int64', isPrimaryKey: true },
  { name: 'tag', type: 'VarChar', maxLength: 8 },
  { name: 'size', type: 'Int8', nullable: true },
  { name: 'ratio', type: 'Float', nullable: true },
  { name: 'flag', type: 'Bool', nullable: true },
  { name: 'list', type: 'Array', elementType: 'Int16', maxCapacity: 3, nullable: true },
  { name: 'time', type: 'Timestamptz', nullable: true },
  { name: 'shape', type: 'Geometry', nullable: true },
  { name: 'vector', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
];

/** What a work is refused with: code, whole text or how it matches, and what programs read from it. */
export interface Refused {
  readonly code: number;
  readonly text: string | RegExp;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export type Work = (service: Service) => Promise<unknown>;
export type Case = readonly [string, Work, Refused];

/** Everything a user can see of the database. */
async function stateOf(service: Service): Promise<unknown> {
  const { rows } = await service.query({ ...DOCS, filter: 'id >= 0', outputFields: ['*'] });
  return {
    rows,
    statistics: await service.statistics(DOCS),
    databases: await service.listDatabases(),
    collections: await service.listCollections(''),
  };
}

async function openDocs(): Promise<ServiceWorld> {
  const world = await directoryWorld()();
  await createDocs(world.service, { fields: FIELDS });
  const rows = docs(0, 6).map((row) => ({ id: row['id'], tag: row['tag'], vector: row['vector'] }));
  await world.service.insert({ ...DOCS, rows });
  await world.service.flush(DOCS);
  await world.service.upsert({ ...DOCS, rows: [{ id: 3, tag: 'three', vector: [3, 3] }] });
  return world;
}

async function refusalOf(work: Promise<unknown>): Promise<MilvusError> {
  return await work.then(
    () => expect.unreachable('it was not refused'),
    (failure: unknown) => failure as MilvusError,
  );
}

/** @throws when a work is not refused as it should be, or anything a user can see is different afterwards */
export async function expectAllRefused(cases: readonly Case[]): Promise<void> {
  const world = await openDocs();
  const before = await stateOf(world.service);
  for (const [name, work, refused] of cases) {
    const failure = await refusalOf(work(world.service));
    expect.soft(failure, name).toMatchObject({ name: 'MilvusError', code: refused.code });
    if (typeof refused.text === 'string') expect.soft(failure.message, name).toBe(refused.text);
    else expect.soft(failure.message, name).toMatch(refused.text);
    if (refused.fields !== undefined) {
      expect.soft(failure.fields, name).toMatchObject(refused.fields);
    }
    expect.soft(failure.retriable, name).toBe(false);
    expect.soft(await stateOf(world.service), name).toEqual(before);
  }
  expect(await stateOf(await world.reopen())).toEqual(before);
}
