/**
 * The same small histories as test/fixtures/peer-answers.json holds answers of: PyPI's milvus-lite beside
 * this one. Every difference is one of DIFFERENCES, with its reason; anything else fails.
 *
 * Two things are never compared: the order of a query's rows, which is by key here and by chance there,
 * and the wording of refusals, which follows the Milvus server here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import type { Service } from '../../src/core/service.ts';
import { PEER_CASES, type PeerCase, type PeerStep } from '../fixtures/peer-cases.ts';
import { DOCS } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

type Row = Record<string, unknown>;

interface PeerHit {
  readonly id: number | string;
  readonly score: number;
  readonly fields: Row;
}

type Answer =
  | { readonly count: number }
  | { readonly rows: readonly Row[] }
  | { readonly hits: ReadonlyArray<readonly PeerHit[]> }
  | { readonly done: true }
  | { readonly error: string };

const FIXTURE = path.join(import.meta.dirname, '..', 'fixtures', 'peer-answers.json');
const { answers: PEER } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as {
  readonly answers: Readonly<Record<string, readonly Answer[]>>;
};

/** By case and number of the step: why the answers are meant to differ. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'upsert of one key twice / 1': 'the Milvus server refuses it; the peer lets the last one win',
  'upsert of one key twice / 2': 'follows from the step before',
  'query with a limit, rows inserted backwards / 1':
    "pages go by key here; the peer's go by insertion",
  'query with a limit, rows inserted backwards / 2':
    "pages go by key here; the peer's go by insertion",
  'query without filter and limit / 1':
    'the Milvus server wants a limit; the peer answers everything',
  'query of an unknown field / 1': 'the Milvus server refuses it; the peer leaves it out',
  'query beyond the window / 1': 'the Milvus server has a bound; the peer has none',
  'search with limit 16385 / 1': 'the Milvus server has a bound; the peer has none',
  'search with another metric / 1': 'the Milvus server refuses it; the peer takes any',
  'null in, null out / 7': 'the Milvus server knows ranges; the peer does not',
  'equal scores / 1': 'equal scores go by key here, so that answers repeat; by insertion there',
  'text of the right number of characters but too many bytes / 0':
    'lengths are bytes in Milvus; characters there',
  'text of the right number of characters but too many bytes / 1': 'follows from the step before',
  'rows of a partition / 5': 'the peer counts all partitions whatever is asked',
  'delete within another partition / 3':
    'only rows of the named partition go, as in the Milvus server; the peer deletes everywhere',
  'an unknown partition / 1': 'the Milvus server refuses it; the peer finds nothing',
  'an unknown partition / 2': 'dropping what is not there succeeds in the Milvus server',
  'filters / 6': 'the Milvus server knows ranges; the peer does not',
  'filters / 8': 'null is in no list and in no complement of one; the peer counts it in',
  'filters / 11': 'the Milvus server knows %; the peer does not',
  'generated keys / 0':
    'the Milvus server refuses a generated key that is given; the peer takes it',
  'generated keys / 2': 'follows from the step before',
};

function idsOf(ids: ReadonlyArray<number | string>): PrimaryKey[] {
  return ids.map((id) => (typeof id === 'number' ? BigInt(id) : id));
}

function given<T extends object>(entries: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}

async function run(service: Service, step: PeerStep): Promise<Answer> {
  switch (step.do) {
    case 'insert':
    case 'upsert': {
      const rows = step.rows as Row[];
      const request = { ...DOCS, rows, ...given({ partitionName: step.partition }) };
      const answer =
        step.do === 'insert'
          ? await service.insert(request)
          : await service.upsert({ ...request, partial: step.partial === true });
      return { count: answer.rowCount };
    }
    case 'delete': {
      const { filter, partition: partitionName } = step;
      const ids = step.ids === undefined ? undefined : idsOf(step.ids);
      const request = { ...DOCS, ...given({ ids, filter, partitionName }) };
      return { count: (await service.delete(request)).rowCount };
    }
    case 'query': {
      const { filter, limit, offset, output: outputFields, partitions: partitionNames } = step;
      const ids = step.ids === undefined ? undefined : idsOf(step.ids);
      const chosen = given({ ids, filter, limit, offset, outputFields, partitionNames });
      return { rows: (await service.query({ ...DOCS, ...chosen })).rows.map(plainRow) };
    }
    case 'count': {
      const { filter, partitions: partitionNames } = step;
      return { count: await service.count({ ...DOCS, ...given({ filter, partitionNames }) }) };
    }
    case 'search':
      return await search(service, step);
    default:
      return await change(service, step);
  }
}

async function search(service: Service, step: PeerStep & { do: 'search' }): Promise<Answer> {
  const { data, limit, offset, filter, field: fieldName, output: outputFields } = step;
  const { partitions: partitionNames, metric } = step;
  const { results } = await service.search({
    ...DOCS,
    data,
    limit,
    ...given({
      offset,
      filter,
      fieldName,
      outputFields,
      partitionNames,
      metric: metric as MetricType | undefined,
    }),
  });
  const hits = results.map((list) =>
    list.map(({ id, score, fields }): PeerHit => {
      const { id: _key, ...others } = plainRow(fields);
      return { id: plain(id) as number, score, fields: others };
    }),
  );
  return { hits };
}

async function change(service: Service, step: PeerStep): Promise<Answer> {
  switch (step.do) {
    case 'create partition':
      await service.createPartition({ ...DOCS, partitionName: step.partition });
      break;
    case 'drop partition':
      await service.dropPartition({ ...DOCS, partitionName: step.partition });
      break;
    case 'flush':
      await service.flush(DOCS);
      break;
    case 'release':
      await service.releaseCollection(DOCS);
      break;
    case 'load':
      await service.loadCollection(DOCS);
      break;
    default:
      await service.dropCollection(DOCS);
  }
  return { done: true };
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Float32Array ? Array.from(value) : value;
}

function plainRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

async function attempt(service: Service, step: PeerStep): Promise<Answer> {
  try {
    return await run(service, step);
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    return { error: failure.message };
  }
}

/** An answer without what is not compared. */
function comparable(answer: Answer | undefined, step: PeerStep): unknown {
  if (answer === undefined || 'done' in answer || 'count' in answer) return answer;
  if ('error' in answer) return 'refused';
  if ('rows' in answer) {
    return answer.rows.map((row) => JSON.stringify(sorted(row))).toSorted();
  }
  const isShown = step.do === 'search' && step.output !== undefined;
  return answer.hits.map((hits) =>
    hits.map(({ id, score, fields }) => {
      return { id, score: score.toFixed(4), fields: isShown ? sorted(fields) : {} };
    }),
  );
}

function sorted(row: Row): Row {
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function answersOf({ fields, dynamic, steps }: PeerCase): Promise<Answer[]> {
  const { service } = await memoryWorld()();
  await service.createCollection('', {
    name: 'docs',
    fields,
    enableDynamicField: dynamic === true,
  });
  await service.loadCollection(DOCS);
  const answers: Answer[] = [];
  for (const step of steps) answers.push(await attempt(service, step));
  return answers;
}

const places = PEER_CASES.flatMap(({ name, steps }) => steps.map((_, i) => `${name} / ${i}`));

describe('answers to the histories that a peer was told', () => {
  it.each(PEER_CASES)('agree but for known differences: $name', async (one) => {
    const ours = await answersOf(one);
    const theirs = PEER[one.name] ?? [];
    expect(theirs.length).toBe(one.steps.length);
    for (const [i, step] of one.steps.entries()) {
      const place = `${one.name} / ${i}`;
      const [a, b] = [comparable(ours[i], step), comparable(theirs[i], step)];
      const shown = `${place}: ${JSON.stringify(step)}\n ours ${JSON.stringify(ours[i])}\n peer ${JSON.stringify(theirs[i])}`;
      if (place in DIFFERENCES) expect.soft(a, `${place} does not differ any more`).not.toEqual(b);
      else expect.soft(a, shown).toEqual(b);
    }
  });

  it('has no known difference of a step that is not there', () => {
    expect(Object.keys(DIFFERENCES).filter((place) => !places.includes(place))).toEqual([]);
  });
});
