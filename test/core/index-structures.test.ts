/** Every structure from its definition to answers: built, described, searched, opened again, mended. */
import { describe, expect, it } from 'vitest';
import { directCalls } from '../../src/core/engine.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { builtSegments, indexed } from '../suites/index-fixtures.ts';
import { createDocs, DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const TUNING = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
const ROWS = 400;
const DIM = 8;

const FIELDS: CollectionDefinition['fields'] = [
  { name: 'id', type: 'Int64', isPrimaryKey: true },
  { name: 'floats', type: 'FloatVector', dim: DIM, params: { metric_type: 'L2' } },
  { name: 'bits', type: 'BinaryVector', dim: 64, params: { metric_type: 'HAMMING' } },
];

function row(id: number): Record<string, unknown> {
  const floats = Array.from({ length: DIM }, (_, i) => Math.sin(id * (i + 1)) * (i + 1));
  // Ids in which few bits differ have vectors in which few bits do.
  const bits = Array.from({ length: 8 }, (_, i) => (id >> (i % 3)) & 0xff);
  return { id, floats, bits: Uint8Array.from(bits) };
}

interface Structure {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
  /** So wide that nothing is missed. */
  readonly search: Readonly<Record<string, unknown>>;
  readonly field?: 'bits';
  /** Absent: as its type. */
  readonly builtAs?: string;
}

const WIDE = { nprobe: 64, refine_k: 100 };

const GRAPH = { M: '8', efConstruction: '64', refine: 'true' };
const WIDE_GRAPH = { ef: ROWS, refine_k: 100 };

const STRUCTURES: readonly Structure[] = [
  { type: 'HNSW_SQ', params: GRAPH, search: WIDE_GRAPH },
  { type: 'HNSW_SQ', params: { ...GRAPH, sq_type: 'SQ4U' }, search: WIDE_GRAPH },
  { type: 'HNSW_PQ', params: { ...GRAPH, m: '4', nbits: '6' }, search: WIDE_GRAPH },
  { type: 'HNSW_PRQ', params: { ...GRAPH, m: '4', nrq: '2', nbits: '6' }, search: WIDE_GRAPH },
  {
    type: 'DISKANN',
    params: { max_degree: '16', search_list_size: '64' },
    search: { search_list: ROWS },
  },
  {
    type: 'AISAQ',
    params: { max_degree: '16', search_list_size: '64', num_entry_points: '10' },
    search: { search_list: ROWS, beamwidth: 4 },
    builtAs: 'DISKANN',
  },
  { type: 'IVF_FLAT', params: { nlist: '4' }, search: WIDE },
  { type: 'BIN_IVF_FLAT', params: { nlist: '4' }, search: WIDE, field: 'bits' },
  { type: 'IVF_SQ8', params: { nlist: '4', refine: 'true' }, search: WIDE },
  { type: 'IVF_SQ8', params: { nlist: '4', refine: 'true', sq_type: 'SQ6' }, search: WIDE },
  { type: 'IVF_PQ', params: { nlist: '4', m: '4', refine: 'true' }, search: WIDE },
  { type: 'IVF_RABITQ', params: { nlist: '4', refine: 'true' }, search: WIDE },
  {
    type: 'SCANN',
    params: { nlist: '4', with_raw_data: 'true' },
    search: { nprobe: 64, reorder_k: ROWS },
  },
];

async function answersOf(service: Service, structure: Structure): Promise<string[]> {
  const { field = 'floats', search } = structure;
  const answers: string[] = [];
  for (const id of [3, 77.25, 390]) {
    const { floats, bits } = row(id);
    const request = {
      ...DOCS,
      fieldName: field,
      data: [field === 'bits' ? bits : floats],
      limit: 5,
      params: search,
    };
    for (const filter of ['', 'id % 2 == 0']) {
      const { results } = await service.search({ ...request, filter });
      answers.push((results[0] ?? []).map((hit) => `${hit.id}:${hit.score.toFixed(4)}`).join(' '));
    }
  }
  return answers;
}

async function damageImages(disk: Disk): Promise<void> {
  for (const name of await disk.list('segments')) {
    if (!name.includes('.idx-') || name.endsWith('.json')) continue;
    const file = await disk.open(`segments/${name}`, 'write');
    const byte = new Uint8Array(1);
    await file.read(byte, 300);
    await file.write([Uint8Array.of(byte[0]! ^ 1)], 300);
    await file.close();
  }
}

describe('the index structures', () => {
  it.each(STRUCTURES.map((structure) => [structure.type, structure] as const))(
    'are built, answer, are opened again and mended: %s',
    async (_, structure) => {
      const made: { disk?: Disk } = {};
      const wrapDisk = (disk: Disk): Disk => {
        made.disk = disk;
        return disk;
      };
      const world = await memoryWorld(directCalls, { wrapDisk, tuning: TUNING })();
      const { service } = world;
      await createDocs(service, { fields: FIELDS });
      const rows = Array.from({ length: ROWS }, (_row, id) => row(id));
      await service.insert({ ...DOCS, rows });
      await service.flush(DOCS);
      const exact = await answersOf(service, structure);
      expect(exact[0]).toMatch(/^3:0\.0000 /);

      const { field: fieldName = 'floats', type, params, builtAs = type } = structure;
      const metric = fieldName === 'bits' ? 'HAMMING' : 'L2';
      const index = { index_type: type, metric_type: metric, ...params };
      await service.createIndex({ ...DOCS, fieldName, indexName: 'lists', params: index });
      await indexed(service, 'lists');
      expect(await builtSegments(service)).toBe(1);
      const [described] = await service.describeIndexes({ ...DOCS, indexName: 'lists' });
      const state = { state: 'Finished', builtAs, totalRows: ROWS, indexedRows: ROWS };
      expect(described).toMatchObject(state);
      expect(await answersOf(service, structure)).toEqual(exact);

      const reopened = await world.reopen();
      expect(await answersOf(reopened, structure)).toEqual(exact);
      await damageImages(made.disk!);
      const damaged = await world.reopen();
      expect(await answersOf(damaged, structure)).toEqual(exact);
      const [broken] = await damaged.describeIndexes({ ...DOCS, indexName: 'lists' });
      expect(broken).toMatchObject({ state: 'InProgress', indexedRows: 0 });
      world.clock.advance(10_000);
      await indexed(damaged, 'lists');
      expect(await answersOf(damaged, structure)).toEqual(exact);
      await world.close();
    },
  );
});
