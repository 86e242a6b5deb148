/** Collections and rows that the suites of the Service share. */
import { expect } from 'vitest';
import type { CollectionRef } from '../../src/core/references.ts';
import type { QueryRowsRequest, Row } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import type { CollectionDefinition } from '../../src/schema/definition.ts';

export const DOCS: CollectionRef = { databaseName: '', collectionName: 'docs' };

export const DOCS_DEFINITION: CollectionDefinition = {
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'tag', type: 'VarChar', maxLength: 64 },
    { name: 'size', type: 'Int32', nullable: true },
    { name: 'vector', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
  ],
};

/** Row `id` lies at (id, 0); its version tells which write it came from. */
export function doc(id: number, version = 0): Row {
  return { id, tag: `${id}/${version}`, size: version, vector: [id, 0] };
}

export function docs(from: number, to: number, version = 0): Row[] {
  return Array.from({ length: to - from }, (_, i) => doc(from + i, version));
}

/** Creates a collection like `docs` and loads it. */
export async function createDocs(
  service: Service,
  changes: Partial<CollectionDefinition> = {},
): Promise<CollectionRef> {
  const definition = { ...DOCS_DEFINITION, ...changes };
  await service.createCollection('', definition);
  const ref = { databaseName: '', collectionName: definition.name };
  await service.loadCollection(ref);
  return ref;
}

/** Tags by id of the rows that a query finds, in its order: `1/0 2/0`. */
export async function tags(
  service: Service,
  request: Partial<QueryRowsRequest> = {},
): Promise<string> {
  const { rows } = await service.query({
    ...DOCS,
    filter: 'id >= 0',
    outputFields: ['tag'],
    ...request,
  });
  return rows.map((row) => String(row['tag'])).join(' ');
}

export async function expectRefusal(
  work: Promise<unknown>,
  code: number,
  text: string | RegExp,
): Promise<void> {
  const failure: unknown = await work.then(
    () => expect.unreachable('it was not refused'),
    (thrown: unknown) => thrown,
  );
  expect(failure).toMatchObject({ name: 'MilvusError', code });
  if (typeof text === 'string') expect((failure as Error).message).toContain(text);
  else expect((failure as Error).message).toMatch(text);
}

/** Runs `check` on growing rows, then on sealed ones, then on compacted ones. */
export async function inEveryState(
  service: Service,
  ref: CollectionRef,
  check: () => Promise<void>,
): Promise<void> {
  await check();
  await service.flush(ref);
  await check();
  await service.compact(ref);
  await check();
}
