import { describe, expect, it } from 'vitest';
import {
  checkIndex,
  checkIndexChange,
  checkSearchParameters,
} from '../../src/index/index-definition.ts';
import { VECTOR_INDEX_NAMES, vectorIndexKind } from '../../src/index/registry.ts';
import { DataType, type DataTypeName } from '../../src/schema/data-type.ts';
import { built, fieldOf, listFieldOf } from './index-fields.ts';

const FLOAT = fieldOf('FloatVector');
const BINARY = fieldOf('BinaryVector');
const PQ = { m: '4' };

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 1100, message: `${message}: invalid parameter` });
const unimplemented = (message: string): unknown =>
  expect.objectContaining({ code: 10, message: `${message}: service unimplemented` });
const badParams = (message: string): unknown =>
  expect.objectContaining({
    code: 1100,
    message: `${message}: invalid parameter[expected=valid index params][actual=invalid index params]`,
  });

describe('a definition', () => {
  it('says what is built, defaults filled in', () => {
    expect(built(FLOAT, { index: 'HNSW', metric: 'L2', params: { M: '8' } })).toEqual({
      name: 'HNSW',
      structure: 'HNSW',
      metric: 'L2',
      parameters: { M: 8, efConstruction: 360 },
      isMapped: false,
    });
  });

  it('keeps what the user gave, with the metric and without the dimension', () => {
    const given = { index_type: 'HNSW', metric_type: 'IP', M: '8', unknown: 'x', dim: '32' };
    expect(checkIndex(FLOAT, given)).toEqual({
      params: { index_type: 'HNSW', metric_type: 'IP', M: '8', unknown: 'x' },
      isMetricGiven: true,
    });
    expect(() => checkIndex(FLOAT, { ...given, dim: '31' })).toThrow(
      invalid('dimension mismatch, dimension in schema: 32, dimension: 31'),
    );
  });

  it('may give its parameters as one JSON text', () => {
    const given = { index_type: 'HNSW', metric_type: 'IP' };
    const params = '{"M": 8, "efConstruction": "100", "other": true, "none": null}';
    expect(checkIndex(FLOAT, { ...given, params }).params).toEqual({
      ...given,
      M: '8',
      efConstruction: '100',
      other: 'true',
    });
    for (const text of ['{', '[1]', '1', 'null']) {
      expect(() => checkIndex(FLOAT, { ...given, params: text })).toThrow(
        expect.objectContaining({
          code: 1100,
          message: expect.stringContaining('unmarshal params failed, ') as string,
        }),
      );
    }
    expect(() => checkIndex(FLOAT, { ...given, params: '{"M": [8]}' })).toThrow(
      invalid("invalid integer value, key: 'M', value: '[8]'"),
    );
  });

  it('is all text', () => {
    const params = { index_type: 'HNSW', metric_type: 'IP', M: 8 } as unknown as { M: string };
    expect(() => checkIndex(FLOAT, params)).toThrow(
      invalid('index param M should be text, but got number'),
    );
  });

  it('has at most 100 KiB of parameters', () => {
    const given = { index_type: 'FLAT', metric_type: 'IP', x: '' };
    const room = 102_400 - 'index_typeFLATmetric_typeIPx'.length;
    expect(checkIndex(FLOAT, { ...given, x: 'y'.repeat(room) }).isMetricGiven).toBe(true);
    expect(() => checkIndex(FLOAT, { ...given, x: 'y'.repeat(room + 1) })).toThrow(
      invalid('index params size exceeds limit: 102401 > 102400'),
    );
  });

  it('names an index that there is', () => {
    for (const name of ['ANNOY', 'hnsw', 'HYBRID', 'NSG', '']) {
      expect(() => checkIndex(FLOAT, { index_type: name, metric_type: 'L2' })).toThrow(
        expect.objectContaining({
          code: 1100,
          message: `invalid parameter[expected=valid index][actual=invalid index type: ${name}]`,
        }),
      );
    }
  });

  it('stays acceptable: what is kept builds the same', () => {
    for (const name of VECTOR_INDEX_NAMES) {
      const type = vectorIndexKind(name)?.types[0] ?? DataType.FloatVector;
      const field = type === DataType.BinaryVector ? BINARY : FLOAT;
      const metric = name === 'MINHASH_LSH' ? 'MHJACCARD' : field === BINARY ? 'HAMMING' : 'L2';
      const { params } = checkIndex(field, { index_type: name, metric_type: metric, ...PQ });
      expect(checkIndex(field, params).params).toEqual(params);
      expect(built(field, { params }).structure).toBe(vectorIndexKind(name)?.structure);
    }
  });
});

const TYPES: readonly DataTypeName[] = [
  'FloatVector',
  'Float16Vector',
  'BFloat16Vector',
  'Int8Vector',
  'BinaryVector',
];
const FLOATS = TYPES.slice(0, 3);
const DENSE = TYPES.slice(0, 4);

describe('vectors of which an index is built', () => {
  it.each([
    ['FLAT', DENSE],
    ['IVF_FLAT', DENSE],
    ['IVF_SQ8', DENSE],
    ['IVF_PQ', FLOATS],
    ['IVF_RABITQ', FLOATS],
    ['HNSW', TYPES],
    ['HNSW_SQ', DENSE],
    ['HNSW_PQ', DENSE],
    ['HNSW_PRQ', DENSE],
    ['SCANN', FLOATS],
    ['DISKANN', FLOATS],
    ['AISAQ', FLOATS],
    ['GPU_CAGRA', TYPES.slice(0, 2)],
    ['GPU_BRUTE_FORCE', TYPES.slice(0, 2)],
    ['GPU_IVF_FLAT', TYPES.slice(0, 2)],
    ['GPU_IVF_PQ', TYPES.slice(0, 2)],
    ['BIN_FLAT', ['BinaryVector']],
    ['BIN_IVF_FLAT', ['BinaryVector']],
    ['AUTOINDEX', TYPES],
  ])('%s: %s', (index, types) => {
    for (const type of TYPES) {
      const metric = type === 'BinaryVector' ? 'HAMMING' : 'L2';
      const params = index === 'AUTOINDEX' ? {} : PQ;
      const build = () => built(fieldOf(type), { index, metric, params });
      if (types.includes(type)) expect(build().metric).toBe(metric);
      else expect(build).toThrow(invalid(`data type ${type} can't build with this index ${index}`));
    }
    const sparse = { index, metric: 'IP', params: index === 'AUTOINDEX' ? {} : PQ };
    expect(() => built(fieldOf('SparseFloatVector'), sparse)).toThrow(
      index === 'AUTOINDEX'
        ? unimplemented('index of sparse field v')
        : invalid(`data type SparseFloatVector can't build with this index ${index}`),
    );
  });

  it('are not scalars, sparse vectors and indexes that are not built here', () => {
    expect(() => checkIndex(fieldOf('Int32'), { index_type: 'INVERTED' })).toThrow(
      'an index of scalars is checked elsewhere',
    );
    expect(() => built(FLOAT, { index: 'INVERTED', metric: 'L2' })).toThrow(
      invalid("data type FloatVector can't build with this index INVERTED"),
    );
    for (const index of ['FAISS', 'SVS_VAMANA']) {
      expect(() => built(FLOAT, { index, metric: 'L2' })).toThrow(
        unimplemented(`index type ${index}`),
      );
    }
    const sparse = fieldOf('SparseFloatVector');
    expect(() => built(sparse, { index: 'SPARSE_WAND', metric: 'IP' })).toThrow(
      unimplemented('index of sparse field v'),
    );
    expect(() => built(sparse, { index: 'SPARSE_WAND', metric: 'L2' })).toThrow(
      badParams('only IP&BM25 is the supported metric type for sparse index'),
    );
    expect(() => built(sparse, { index: 'SPARSE_WAND', metric: 'BM25' })).toThrow(
      badParams('only BM25 Function output field support BM25 metric type'),
    );
  });

  it('may be those of a struct, one by one or as a list', () => {
    const field = listFieldOf('FloatVector');
    expect(built(field, { index: 'IVF_SQ8', metric: 'L2' }).metric).toBe('L2');
    expect(built(field, { index: 'HNSW', metric: 'MAX_SIM_IP' }).metric).toBe('MAX_SIM_IP');
    expect(built(field, { index: 'AUTOINDEX' }).metric).toBe('MAX_SIM_COSINE');
    expect(() => built(field, { index: 'IVF_SQ8', metric: 'MAX_SIM' })).toThrow(
      invalid("data type ArrayOfVector can't build with this index IVF_SQ8"),
    );
    expect(() => built(field, { index: 'HNSW', metric: 'HAMMING' })).toThrow(
      badParams(
        'array of vector with float element type does not support metric type: HAMMING, ' +
          'supported: [L2 IP COSINE MAX_SIM MAX_SIM_COSINE MAX_SIM_L2 MAX_SIM_IP]',
      ),
    );
    const bits = listFieldOf('BinaryVector');
    expect(built(bits, { index: 'HNSW', metric: 'MAX_SIM_JACCARD' }).structure).toBe('HNSW');
    for (const list of [field, bits, listFieldOf('Int8Vector')]) {
      expect(built(list, {})).toMatchObject({ structure: 'HNSW', parameters: { M: 18 } });
    }
    expect(() => built(bits, { index: 'HNSW', metric: 'MAX_SIM' })).toThrow('binary element type');
  });
});

describe('the metric of an index', () => {
  it('is one of the type’s, in capitals', () => {
    for (const metric of ['L2', 'IP', 'COSINE']) {
      expect(built(FLOAT, { index: 'HNSW', metric }).metric).toBe(metric);
    }
    for (const metric of ['HAMMING', 'cosine', 'x', '', 'MHJACCARD', 'MAX_SIM', 'BM25']) {
      expect(() => built(FLOAT, { index: 'HNSW', metric })).toThrow(
        `float vector index does not support metric type: ${metric}: invalid parameter`,
      );
      expect(() => built(fieldOf('Int8Vector'), { index: 'HNSW', metric })).toThrow(
        `int vector index does not support metric type: ${metric}: invalid parameter`,
      );
    }
    for (const metric of ['L2', 'COSINE', 'TANIMOTO', 'x']) {
      expect(() => built(BINARY, { index: 'BIN_FLAT', metric })).toThrow(
        badParams(`binary vector index does not support metric type: ${metric}`),
      );
    }
  });

  it.each([
    ['BIN_FLAT', ['HAMMING', 'JACCARD', 'SUBSTRUCTURE', 'SUPERSTRUCTURE']],
    ['BIN_IVF_FLAT', ['HAMMING', 'JACCARD']],
    ['HNSW', ['HAMMING', 'JACCARD']],
    ['MINHASH_LSH', ['MHJACCARD']],
  ])('of %s over bits is one of %s', (index, metrics) => {
    for (const metric of ['HAMMING', 'JACCARD', 'SUBSTRUCTURE', 'SUPERSTRUCTURE', 'MHJACCARD']) {
      const build = () => built(BINARY, { index, metric });
      if (metrics.includes(metric)) expect(build().metric).toBe(metric);
      else {
        const words = `metric type ${metric} not found or not supported, supported: `;
        expect(build).toThrow(invalid(`${words}[${metrics.join(' ')}]`));
      }
    }
  });

  it('is the field’s when it is not given, and for AUTOINDEX the type’s', () => {
    const declared = fieldOf('FloatVector', { metric_type: 'ip' });
    for (const index of ['HNSW', 'AUTOINDEX', undefined]) {
      const given = index === undefined ? {} : { index_type: index };
      expect(checkIndex(declared, given)).toEqual({
        params: { index_type: index ?? 'AUTOINDEX', metric_type: 'IP' },
        isMetricGiven: false,
      });
    }
    expect(built(FLOAT, {}).metric).toBe('COSINE');
    expect(built(BINARY, { index: 'AUTOINDEX' }).metric).toBe('HAMMING');
    expect(() => built(FLOAT, { index: 'HNSW' })).toThrow(
      badParams('metric type not set for vector index'),
    );
  });
});

describe('AUTOINDEX', () => {
  it('is what no type means, with its own parameters', () => {
    const graph = { name: 'HNSW', parameters: { M: 18, efConstruction: 240 } };
    expect(built(FLOAT, {})).toMatchObject(graph);
    expect(built(FLOAT, { index: 'AUTOINDEX', metric: 'L2' })).toMatchObject(graph);
    expect(built(BINARY, { metric: 'MHJACCARD' }).structure).toBe('MINHASH_LSH');
  });

  it('takes a metric and nothing else', () => {
    const refused = invalid('only metric type can be passed when use AutoIndex');
    for (const params of [{ M: '8' }, { 'mmap.enabled': 'true' }, { unknown: '1' }]) {
      expect(() => built(FLOAT, { index: 'AUTOINDEX', params })).toThrow(refused);
      expect(() => built(FLOAT, { index: 'AUTOINDEX', metric: 'L2', params })).toThrow(refused);
      expect(() => built(FLOAT, { params })).toThrow(refused);
    }
  });
});

describe('how an index is kept', () => {
  it('is said when it is created', () => {
    const definition = { index: 'HNSW', metric: 'L2' };
    const mmap = (text: string) =>
      built(FLOAT, { ...definition, params: { 'mmap.enabled': text } }).isMapped;
    expect([mmap('true'), mmap('T'), mmap('false'), mmap('0')]).toEqual([true, true, false, false]);
    expect(() => mmap('yes')).toThrow(
      invalid('invalid mmap type params: invalid mmap.enabled value: yes, expected: true, false'),
    );
    const params = { 'mmap.enabled': 'true' };
    expect(() => built(FLOAT, { index: 'DISKANN', metric: 'L2', params })).toThrow(
      invalid('invalid mmap type params: index type DISKANN does not support mmap'),
    );
    expect(() => built(FLOAT, { ...definition, params: { warmup: 'x' } })).toThrow(
      invalid(
        "invalid warmup params: invalid warmup policy: x, must be 'disable', 'sync' or 'async'",
      ),
    );
    expect(built(FLOAT, { ...definition, params: { warmup: 'sync' } }).structure).toBe('HNSW');
  });

  it('may change, and nothing else may', () => {
    const params = { index_type: 'HNSW' };
    const change = (set: Record<string, string>, remove: readonly string[] = []) =>
      checkIndexChange(params, { set, remove });
    change({ 'mmap.enabled': 'true', warmup: 'async', 'indexoffsetcache.enabled': 'false' });
    change({}, ['mmap.enabled', 'warmup']);
    expect(() => change({})).toThrow(invalid('no properties or delete keys provided'));
    for (const refused of [() => change({ M: '8' }), () => change({}, ['M'])]) {
      expect(refused).toThrow(invalid('M is not a configable index property'));
    }
    expect(() => change({ 'mmap.enabled': 'x' })).toThrow(
      invalid('invalid mmap index params: invalid mmap.enabled value: x, expected: true, false'),
    );
    expect(() => change({ warmup: 'x' })).toThrow('invalid warmup policy: x');
    expect(() => change({ 'indexoffsetcache.enabled': 'true' })).toThrow(
      'only bitmap index support indexoffsetcache.enabled now',
    );
    expect(() => change({ 'indexoffsetcache.enabled': 'x' })).toThrow('expected: true, false');
    const mmap = { set: { 'mmap.enabled': 'true' }, remove: [] };
    expect(() => checkIndexChange({ index_type: 'DISKANN' }, mmap)).toThrow(
      invalid('invalid mmap index params: index type DISKANN does not support mmap'),
    );
  });
});

describe('a search', () => {
  it('without an index takes any parameters and uses none', () => {
    expect(checkSearchParameters(null, { ef: 'x', nprobe: -1 }, 10)).toEqual({});
  });
});
