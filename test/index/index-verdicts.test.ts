/**
 * What Milvus 2.3.5 says of definitions and searches (`record_index_verdicts.py` asked it), and where the
 * newer Milvus, whose rules are ours, says otherwise.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { MilvusError } from '../../src/base/errors.ts';
import { checkIndex, indexBuild } from '../../src/index/index-definition.ts';
import type { DataTypeName } from '../../src/schema/data-type.ts';
import { checkScalarIndex } from '../../src/scalar/scalar-definition.ts';
import { isVector } from '../../src/schema/data-type.ts';
import { DYNAMIC_SCHEMA } from '../query/columns.ts';
import { fieldOf, searchedWith } from './index-fields.ts';

type Answer = 'accepted' | { readonly code: number; readonly text: string };

interface BuildVerdict {
  readonly field: DataTypeName;
  readonly index: string | null;
  readonly metric: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
}

interface SearchVerdict {
  readonly index: string;
  readonly build: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly metric?: string;
  readonly answer: Answer;
}

const path = new URL('../fixtures/index-verdicts.json', import.meta.url);
const verdicts = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly server: string;
  readonly build: readonly BuildVerdict[];
  readonly search: readonly SearchVerdict[];
};

/** Definitions that are answered otherwise by the newer Milvus, and why. */
const BUILDS_CHANGED: Readonly<Record<string, string>> = {
  'FloatVector IVF_FLAT L2 {}': 'parameters have defaults',
  'FloatVector HNSW COSINE {}': 'parameters have defaults',
  'FloatVector HNSW COSINE {"M":1,"efConstruction":100}': 'M is at least 2',
  'FloatVector IVF_PQ L2 {"nlist":16,"m":-1}': 'm has a range',
  'FloatVector IVF_PQ L2 {"nlist":16,"m":4,"nbits":0}': 'nbits has a range',
  'FloatVector IVF_PQ L2 {"nlist":16,"m":4,"nbits":25}': 'nbits has a range',
  'FloatVector SCANN L2 {"nlist":16,"with_raw_data":1}': 'it is checked to be a boolean',
  'FloatVector SCANN L2 {"nlist":16,"with_raw_data":"x"}': 'it is checked to be a boolean',
  'FloatVector HNSW HAMMING {"M":16,"efConstruction":100}': 'a metric has to suit the type',
  'FloatVector HNSW JACCARD {"M":16,"efConstruction":100}': 'a metric has to suit the type',
};

/** Searches that are answered otherwise here, and why. */
const SEARCHES_CHANGED: Readonly<Record<string, string>> = {
  'IVF_FLAT {"nprobe":8}': 'Milvus was given 8.0, which is 8 in JavaScript',
  'HNSW {"ef":32}': 'Milvus was given 32.0, which is 32 in JavaScript',
};

function named({ field, index, metric, params }: BuildVerdict): string {
  return [field, String(index), String(metric), JSON.stringify(params)].join(' ');
}

function isAccepted(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (failure) {
    if (failure instanceof MilvusError) return false;
    throw failure;
  }
}

function accepts({ field: type, index, metric, params }: BuildVerdict): boolean {
  const given = {
    ...(index === null ? {} : { index_type: index }),
    ...(metric === null ? {} : { metric_type: metric }),
    ...(Object.keys(params).length === 0 ? {} : { params: JSON.stringify(params) }),
  };
  const field = fieldOf(type);
  if (!isVector(field.type)) {
    const asked = { field, fieldName: field.name };
    return isAccepted(() => checkScalarIndex(asked, given, DYNAMIC_SCHEMA));
  }
  return isAccepted(() => indexBuild(field, checkIndex(field, given).params));
}

function searches({ index, build, params }: SearchVerdict): boolean {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(build)) texts[name] = String(value);
  const definition = { index, metric: 'L2', params: texts };
  return isAccepted(() => searchedWith(fieldOf('FloatVector'), definition, { ...params }));
}

describe(`definitions as Milvus ${verdicts.server} answers them`, () => {
  const all = verdicts.build.map((verdict) => [named(verdict), verdict] as const);

  it.each(all.filter(([name]) => BUILDS_CHANGED[name] === undefined))('%s', (_, verdict) => {
    expect(accepts(verdict)).toBe(verdict.answer === 'accepted');
  });

  it.each(Object.entries(BUILDS_CHANGED))('%s is answered otherwise: %s', (name) => {
    const verdict = must(all.find(([each]) => each === name)?.[1], 'it was asked');
    expect(accepts(verdict)).toBe(verdict.answer !== 'accepted');
  });
});

describe(`searches as Milvus ${verdicts.server} answers them`, () => {
  const all = verdicts.search
    .filter(({ metric }) => metric === undefined)
    .map((verdict) => [`${verdict.index} ${JSON.stringify(verdict.params)}`, verdict] as const);

  it.each(all.filter(([name]) => SEARCHES_CHANGED[name] === undefined))('%s', (_, verdict) => {
    expect(searches(verdict)).toBe(verdict.answer === 'accepted');
  });

  it.each(Object.entries(SEARCHES_CHANGED))('%s is answered otherwise: %s', (name) => {
    const verdict = must(all.find(([each]) => each === name)?.[1], 'it was asked');
    expect(searches(verdict)).toBe(verdict.answer !== 'accepted');
  });

  it('refuse every metric but the index’s', () => {
    const others = verdicts.search.filter(({ metric }) => metric !== undefined);
    expect(others.length).toBeGreaterThan(9);
    for (const { answer, metric } of others) {
      expect(answer).toMatchObject({
        text: expect.stringContaining(
          `metric type not match: invalid parameter[expected=L2][actual=${metric}]`,
        ) as string,
      });
    }
  });
});
