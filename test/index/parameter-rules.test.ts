import { describe, expect, it } from 'vitest';
import type { Parameters, ParameterValue } from '../../src/index/parameters.ts';
import { built, fieldOf, searchedWith } from './index-fields.ts';

const FIELD = fieldOf('FloatVector');
const BINARY = fieldOf('BinaryVector');

type Texts = Record<string, string>;

/** The required parameters of an index, and the field it is built of. */
const REQUIRED: Readonly<Record<string, Texts>> = { IVF_PQ: { m: '4' } };

function parametersOf(index: string, params: Texts): Parameters {
  const isBinary = index.startsWith('BIN') || index === 'MINHASH_LSH';
  const metric = index === 'MINHASH_LSH' ? 'MHJACCARD' : isBinary ? 'HAMMING' : 'L2';
  const given = { ...REQUIRED[index], ...params };
  return built(isBinary ? BINARY : FIELD, { index, metric, params: given }).parameters;
}

/** Index, name, default, least, greatest. */
const INTEGERS: readonly [string, string, number, number, number][] = [
  ...['IVF_FLAT', 'IVF_SQ8', 'IVF_PQ', 'IVF_RABITQ', 'SCANN', 'BIN_IVF_FLAT', 'GPU_IVF_FLAT'].map(
    (index): [string, string, number, number, number] => [index, 'nlist', 128, 1, 65_536],
  ),
  ...['HNSW', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'].flatMap(
    (index): [string, string, number, number, number][] => [
      [index, 'M', 30, 2, 2048],
      [index, 'efConstruction', 360, 1, 2_147_483_647],
    ],
  ),
  ...['IVF_PQ', 'HNSW_PQ', 'HNSW_PRQ'].map((index): [string, string, number, number, number] => [
    index,
    'nbits',
    8,
    1,
    24,
  ]),
  ['HNSW_PRQ', 'nrq', 2, 1, 16],
  ['IVF_RABITQ', 'rbq_bits', 1, 1, 9],
  ['GPU_IVF_PQ', 'nbits', 8, 4, 8],
  ['AISAQ', 'inline_pq', -1, -1, 2048],
  ['AISAQ', 'num_entry_points', 100, 0, 1000],
  ['MINHASH_LSH', 'mh_lsh_band', 1, 1, 2_147_483_647],
];

describe('build parameters of integers', () => {
  it.each(INTEGERS)('%s %s is %i, from %i to %i', (index, name, standard, least, greatest) => {
    expect(parametersOf(index, {})[name]).toBe(standard);
    expect(parametersOf(index, { [name]: 'None' })[name]).toBe(standard);
    for (const value of [least, greatest]) {
      expect(parametersOf(index, { [name]: String(value) })[name]).toBe(value);
    }
    const range = `should be in range [${least}, ${greatest}]: invalid parameter`;
    expect(() => parametersOf(index, { [name]: String(least - 1) })).toThrow(
      `Out of range in json: param '${name}' (${least - 1}) ${range}`,
    );
    const above = greatest + 1;
    expect(() => parametersOf(index, { [name]: String(above) })).toThrow(
      above > 2_147_483_647
        ? `integer value out of range, key: '${name}', value: '${above}'`
        : `Out of range in json: param '${name}' (${above}) ${range}`,
    );
    for (const text of [`${least}.0`, `${standard}x`]) {
      expect(() => parametersOf(index, { [name]: text })).toThrow(
        `wrong data type in json, key: '${name}', value: '${text}': invalid parameter`,
      );
    }
    for (const text of ['True', '[16]', '', 'x', '{}']) {
      expect(() => parametersOf(index, { [name]: text })).toThrow(
        `invalid integer value, key: '${name}', value: '${text}': invalid parameter`,
      );
    }
  });

  it('are all of the index: nothing else is kept', () => {
    expect(parametersOf('FLAT', { nlist: '0', M: 'x' })).toEqual({});
    expect(parametersOf('HNSW', { M: '16', nlist: '0' })).toEqual({ M: 16, efConstruction: 360 });
    expect(parametersOf('BIN_FLAT', { nlist: 'x' })).toEqual({});
  });
});

describe('product codes', () => {
  const words = (vector: string, m: number): string =>
    `The dimension of ${vector} vector (dim) should be a multiple of the number of subquantizers ` +
    `(m). Dimension: 32, m: ${m}: invalid parameter`;

  it.each([
    ['IVF_PQ', 'a'],
    ['HNSW_PQ', 'the'],
    ['HNSW_PRQ', 'a'],
    ['GPU_IVF_PQ', 'a'],
  ])('of %s have parts that divide the dimension', (index, vector) => {
    for (const m of [1, 8, 32]) expect(parametersOf(index, { m: String(m) })['m']).toBe(m);
    for (const m of [3, 64]) {
      expect(() => parametersOf(index, { m: String(m) })).toThrow(words(vector, m));
    }
    expect(() => parametersOf(index, { m: '-1' })).toThrow("param 'm' (-1) should be in range [");
    expect(() => parametersOf(index, { m: '65537' })).toThrow('65536]: invalid parameter');
    expect(() => parametersOf(index, { m: '4.0' })).toThrow('wrong data type in json');
  });

  it('have a number of parts: required, or 32, or 2, or the builder’s choice', () => {
    expect(() => built(FIELD, { index: 'IVF_PQ', metric: 'L2' })).toThrow(
      "param 'm' not exist in json: invalid parameter",
    );
    expect(parametersOf('HNSW_PQ', {})['m']).toBe(32);
    expect(parametersOf('HNSW_PRQ', {})['m']).toBe(2);
    expect(parametersOf('GPU_IVF_PQ', {})['m']).toBe(8);
  });
});

const REFINED = ['IVF_SQ8', 'IVF_PQ', 'IVF_RABITQ', 'HNSW_SQ', 'HNSW_PQ', 'HNSW_PRQ'];
const WITH_SQ4U = ['HNSW_SQ', 'HNSW_PQ'];

describe('refinement', () => {
  it.each(REFINED)('of %s is off, or on by any writing of true', (index) => {
    expect(parametersOf(index, {})['refine']).toBe(false);
    for (const text of ['true', 'True', 'TRUE']) {
      expect(parametersOf(index, { refine: text })['refine']).toBe(true);
    }
    for (const text of ['test', '1', '1.0', '[True]', '']) {
      expect(() => parametersOf(index, { refine: text })).toThrow(
        `Type conflict in json: param 'refine' ("${text}") should be a boolean: invalid parameter`,
      );
    }
  });

  it.each(REFINED)('of %s has a type in any case, and none by default', (index) => {
    expect(parametersOf(index, {})).not.toHaveProperty('refine_type');
    for (const type of ['SQ6', 'sq8', 'Fp16', 'BF16', 'FP32', 'flat']) {
      expect(parametersOf(index, { refine_type: type })['refine_type']).toBe(type.toUpperCase());
    }
    const all = `${WITH_SQ4U.includes(index) ? 'sq4u, ' : ''}sq6, sq8, fp16, bf16, fp32, flat`;
    for (const type of ['INT8', '1', '1.0', "['FP16']", ' SQ8 ', '']) {
      expect(() => parametersOf(index, { refine_type: type })).toThrow(
        `invalid refine type : ${type}, optional types are [${all}]: invalid parameter`,
      );
    }
  });
});

describe('scalar codes', () => {
  it('of HNSW_SQ are SQ8 or one of five', () => {
    expect(parametersOf('HNSW_SQ', {})['sq_type']).toBe('SQ8');
    for (const type of ['SQ4U', 'sq6', 'SQ8', 'BF16', 'FP16']) {
      expect(parametersOf('HNSW_SQ', { sq_type: type })['sq_type']).toBe(type.toUpperCase());
    }
    for (const type of ['FP32', '8', '8.0', 'True', "['SQ8']", '']) {
      expect(() => parametersOf('HNSW_SQ', { sq_type: type })).toThrow(
        'invalid scalar quantizer type: invalid parameter',
      );
    }
  });

  it('of IVF_SQ8 are SQ8 or one of three', () => {
    expect(parametersOf('IVF_SQ8', {})['sq_type']).toBe('SQ8');
    expect(parametersOf('IVF_SQ8', { sq_type: 'sq4' })['sq_type']).toBe('SQ4');
    expect(() => parametersOf('IVF_SQ8', { sq_type: 'FP16' })).toThrow(
      'invalid sq_type : FP16, optional types are [sq4, sq6, sq8]: invalid parameter',
    );
  });
});

describe('other build parameters', () => {
  it('of SCANN keep the vectors, and cut them into parts that divide the dimension', () => {
    expect(parametersOf('SCANN', {})).toEqual({ nlist: 128, with_raw_data: true, sub_dim: 2 });
    expect(parametersOf('SCANN', { with_raw_data: 'False' })['with_raw_data']).toBe(false);
    expect(() => parametersOf('SCANN', { with_raw_data: '1' })).toThrow('should be a boolean');
    expect(() => parametersOf('SCANN', { sub_dim: '5' })).toThrow(
      'The dimension of a vector (dim) should be a multiple of sub_dim. Dimension:32, sub_dim:5',
    );
  });

  it('of DISKANN are taken whatever they are, and have defaults where they say nothing', () => {
    const standard = {
      max_degree: 56,
      search_list_size: 100,
      pq_code_budget_gb_ratio: 0.125,
      search_cache_budget_gb_ratio: 0.1,
    };
    expect(parametersOf('DISKANN', {})).toEqual(standard);
    for (const text of ['-1', 'True', 'x', '', 'None', '[1]']) {
      const given = Object.fromEntries(Object.keys(standard).map((name) => [name, text]));
      expect(parametersOf('DISKANN', given)).toEqual(standard);
    }
    expect(parametersOf('DISKANN', { max_degree: '513' })).toEqual(standard);
    const given = { max_degree: '512', search_list_size: '10000', pq_code_budget_gb_ratio: '0.25' };
    const values = { max_degree: 512, search_list_size: 10_000, pq_code_budget_gb_ratio: 0.25 };
    expect(parametersOf('DISKANN', given)).toEqual({ ...standard, ...values });
  });

  it('of MINHASH_LSH fit signatures into the dimension', () => {
    expect(parametersOf('MINHASH_LSH', {})).toEqual({
      mh_element_bit_width: 8,
      mh_lsh_band: 1,
      mh_lsh_code_in_mem: true,
      mh_lsh_shared_bloom_filter: false,
      mh_lsh_bloom_false_positive_prob: 0.01,
      with_raw_data: false,
    });
    const bits = (text: string) => parametersOf('MINHASH_LSH', { mh_element_bit_width: text });
    for (const width of [8, 16, 32]) {
      expect(bits(String(width))['mh_element_bit_width']).toBe(width);
    }
    for (const text of ['12', '64']) expect(() => bits(text)).toThrow('mh_element_bit_width % 8');
    expect(() => bits('257')).toThrow(
      "Out of range in json: param 'mh_element_bit_width' (257) should be in range [8, 256]",
    );
    expect(() => parametersOf('MINHASH_LSH', { mh_lsh_bloom_false_positive_prob: '2' })).toThrow(
      "param 'mh_lsh_bloom_false_positive_prob' (2) should be in range [0.000000, 1.000000]",
    );
  });

  it('of GPU_CAGRA become those of the graph that is built', () => {
    expect(parametersOf('GPU_CAGRA', {})).toEqual({ M: 32, efConstruction: 128 });
    const given = { graph_degree: '33', intermediate_graph_degree: '200' };
    expect(parametersOf('GPU_CAGRA', given)).toEqual({ M: 17, efConstruction: 200 });
    const wide = { graph_degree: '5000', intermediate_graph_degree: '100000' };
    expect(parametersOf('GPU_CAGRA', wide)).toEqual({ M: 2048, efConstruction: 100_000 });
    expect(parametersOf('GPU_CAGRA', { graph_degree: '5000' })['M']).toBe(64);
    expect(() => parametersOf('GPU_CAGRA', { build_algo: 'x' })).toThrow('not supported');
    expect(() => parametersOf('GPU_CAGRA', { adapt_for_cpu: '2' })).toThrow('should be a boolean');
  });
});

const searched = (index: string, given: Record<string, unknown>, params: Texts = {}): Parameters =>
  searchedWith(FIELD, { index, metric: 'L2', params: { ...REQUIRED[index], ...params } }, given);

/** Index, name, default for 10 hits, least, greatest. */
const SEARCHES: readonly [string, string, ParameterValue, number, number][] = [
  ...['IVF_FLAT', 'IVF_SQ8', 'IVF_PQ', 'IVF_RABITQ', 'SCANN', 'GPU_IVF_FLAT', 'GPU_IVF_PQ'].map(
    (index): [string, string, ParameterValue, number, number] => [index, 'nprobe', 8, 1, 65_536],
  ),
  ['HNSW', 'ef', 16, 10, 2_147_483_647],
  ['HNSW_SQ', 'ef', 16, 10, 2_147_483_647],
  ['GPU_CAGRA', 'ef', 64, 10, 2_147_483_647],
  ['IVF_RABITQ', 'rbq_bits_query', 0, 0, 8],
  ['SCANN', 'reorder_k', 10, 10, 2_147_483_647],
  ['DISKANN', 'search_list_size', 16, 10, 2_147_483_647],
  ['AISAQ', 'beamwidth', 8, 1, 64],
];

describe('search parameters', () => {
  it('of GPU_CAGRA say how wide the walk is over the graph that is built', () => {
    const width = (given: Record<string, unknown>): unknown => searched('GPU_CAGRA', given)['ef'];
    expect(width({ itopk_size: 10 })).toBe(32);
    expect(width({ itopk_size: 512 })).toBe(512);
    expect(width({ itopk_size: 500, search_width: 4 })).toBe(512);
    expect(width({ itopk_size: 32, search_width: 4 })).toBe(128);
    expect(width({ search_width: 4 })).toBe(128);
    expect(width({ ef: 20, itopk_size: 100 })).toBe(128);
    expect(width({ ef: 200, itopk_size: 100 })).toBe(200);
    expect(width({ refine_ratio: 30 })).toBe(300);
    expect(width({ refine_ratio: 3e38 })).toBe(2_147_483_647);
    expect(() => width({ ef: 1 })).toThrow('ef(1) should be larger than k(10)');
    const cagra = { index: 'GPU_CAGRA', metric: 'L2' };
    expect(() => searchedWith(FIELD, cagra, { itopk_size: 20 }, 40)).toThrow(
      'max((itopk_size + 31)// 32, search_width) * 32< topk: itopk_size(20), k(40)',
    );
    expect(searchedWith(FIELD, cagra, { itopk_size: 20, search_width: 2 }, 40)['ef']).toBe(64);
  });

  it('of GPU_IVF_PQ say how many candidates the vectors decide about', () => {
    expect(searched('GPU_IVF_PQ', {})['refine_k']).toBe(1);
    expect(searched('GPU_IVF_PQ', { refine_ratio: 0.5 })['refine_k']).toBe(1);
    expect(searched('GPU_IVF_PQ', { refine_ratio: 20 })['refine_k']).toBe(20);
    expect(parametersOf('GPU_IVF_PQ', {})['refine']).toBe(true);
  });

  it.each(SEARCHES)('%s %s is %s, from %i to %i', (index, name, standard, least, greatest) => {
    expect(searched(index, {})[name]).toBe(standard);
    for (const value of [least, greatest, String(least)]) {
      expect(searched(index, { [name]: value })[name]).toBe(Number(value));
    }
    expect(() => searched(index, { [name]: -1 })).toThrow(
      `Out of range in json: param '${name}' (-1) should be in range [`,
    );
    expect(() => searched(index, { [name]: greatest + 1 })).toThrow(
      greatest === 2_147_483_647
        ? `Arithmetic overflow: param '${name}' (${greatest + 1}) should not bigger than ${greatest}`
        : `Out of range in json: param '${name}' (${greatest + 1}) should be in range [`,
    );
    for (const [value, text] of [
      [8.5, '8.5'],
      [true, 'true'],
      [null, 'null'],
      [[8], '[8]'],
    ] as const) {
      expect(() => searched(index, { [name]: value })).toThrow(
        `Type conflict in json: param '${name}' (${text}) should be integer: invalid parameter`,
      );
    }
    expect(() => searched(index, { [name]: '8.0' })).toThrow('wrong data type in json');
  });

  it.each(REFINED)('refine_k of %s is 1 or more', (index) => {
    expect(searched(index, {})['refine_k']).toBe(1);
    expect(searched(index, { refine_k: 2.5 })['refine_k']).toBe(2.5);
    expect(searched(index, { refine_k: '2.5' })['refine_k']).toBe(2.5);
    expect(() => searched(index, { refine_k: 0 })).toThrow('Out of range in json');
    expect(() => searched(index, { refine_k: '' })).toThrow('invalid float value');
    expect(() => searched(index, { refine_k: true })).toThrow('(true) should be a number');
  });

  it('of a graph are at least as wide as the hits wanted', () => {
    for (const index of ['HNSW', 'HNSW_SQ', 'GPU_CAGRA', 'AUTOINDEX']) {
      expect(() => searched(index, { ef: 1 })).toThrow(
        'ef(1) should be larger than k(10): invalid parameter',
      );
    }
    expect(() => searched('SCANN', { reorder_k: 9 })).toThrow(
      'reorder_k(9) should be larger than k(10): invalid parameter',
    );
    for (const name of ['search_list', 'search_list_size']) {
      expect(() => searched('DISKANN', { [name]: 1 })).toThrow(
        'search_list_size(1) should be larger than k(10): invalid parameter',
      );
      expect(searched('DISKANN', { [name]: 100 })['search_list_size']).toBe(100);
    }
  });

  it('of graphs over product codes may be narrower, and are widened', () => {
    for (const index of ['HNSW_PQ', 'HNSW_PRQ']) {
      expect(searched(index, { ef: 1 })['ef']).toBe(10);
      expect(searched(index, {})['ef']).toBe(16);
      expect(searched(index, { ef: 64 })['ef']).toBe(64);
      expect(() => searched(index, { ef: 0 })).toThrow("param 'ef' (0) should be in range [1, ");
    }
  });

  it('that no rule names are ignored, a wide beam among them', () => {
    expect(searched('FLAT', { nprobe: -1, ef: 'x' })).toEqual({});
    expect(searched('AUTOINDEX', { level: 3 })).toEqual({ ef: 16 });
    const ratio = (value: unknown) => searched('DISKANN', { beam_width_ratio: value });
    expect(ratio(2)['beam_width_ratio']).toBe(2);
    for (const value of [-0.1, true, null, 'x']) expect(ratio(value)['beam_width_ratio']).toBe(4);
  });

  it('of MINHASH_LSH compare the candidates or do not', () => {
    const definition = { index: 'MINHASH_LSH', metric: 'MHJACCARD' };
    expect(searchedWith(BINARY, definition, {})).toEqual({
      mh_search_with_jaccard: false,
      mh_lsh_batch_search: false,
      refine_k: 1,
    });
    expect(() => searchedWith(BINARY, definition, { mh_search_with_jaccard: 1 })).toThrow(
      "Type conflict in json: param 'mh_search_with_jaccard' (1) should be a boolean",
    );
  });

  it('rbq_query_bits is another name of rbq_bits_query', () => {
    expect(searched('IVF_RABITQ', { rbq_query_bits: 6 })['rbq_bits_query']).toBe(6);
  });
});
