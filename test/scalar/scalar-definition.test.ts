import { describe, expect, it } from 'vitest';
import { checkIndexChange } from '../../src/index/index-definition.ts';
import {
  checkScalarIndex,
  jsonPathOf,
  jsonPointer,
  scalarBuild,
} from '../../src/scalar/scalar-definition.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { field, FIELDS, META, schemaOf } from '../query/columns.ts';

const SCHEMA = schemaOf([
  ...Object.values(FIELDS),
  field(140, 'ab', DataType.Array, { elementType: DataType.Bool }),
  field(141, 'clips[tag]', DataType.Array, { elementType: DataType.VarChar, structName: 'clips' }),
  field(142, 'clips[flag]', DataType.Array, { elementType: DataType.Bool, structName: 'clips' }),
  META,
]);

function check(name: string, params: Readonly<Record<string, string>>, fieldName = name) {
  const found = SCHEMA.fields.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  const checked = checkScalarIndex({ field: found, fieldName }, params, SCHEMA);
  return { ...checked, build: scalarBuild(found, checked.params) };
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (failure) {
    return (failure as Error).message.split(/\n/)[0]!;
  }
  return 'accepted';
}

const builtAs = (name: string, params: Readonly<Record<string, string>>): string =>
  check(name, params).build.structure;

describe('the index type of a field', () => {
  it.each([
    ['INVERTED', ['b', 'i8', 'i', 'f', 'd', 's', 'ai', 'as', 'af', 'people[age]', 'ab']],
    ['BITMAP', ['b', 'i8', 'i32', 'i', 's', 'ai', 'as', 'ab', 'people[age]']],
    ['STL_SORT', ['i8', 'i', 'f', 'd', 's', 'tz', 'people[age]', 'clips[tag]', 'id']],
    ['TRIE', ['s']],
    ['RTREE', ['geo']],
  ])('%s is of these', (type, names) => {
    for (const name of names) expect(builtAs(name, { index_type: type })).toBe(type);
  });

  it.each([
    ['INVERTED', 'tz', 'INVERTED are not supported on Timestamptz field'],
    ['INVERTED', 'geo', 'INVERTED are not supported on Geometry field'],
    ['BITMAP', 'f', 'bitmap index are only supported on bool, int, string and array field'],
    ['BITMAP', 'af', 'bitmap index are only supported on bool, int, string for array field'],
    ['BITMAP', 'id', 'create bitmap index on primary key not supported'],
    [
      'STL_SORT',
      'b',
      'STL_SORT are only supported on numeric, varchar or timestamptz field, got Bool',
    ],
    [
      'STL_SORT',
      'ai',
      'STL_SORT are only supported on numeric, varchar or timestamptz field, got Array',
    ],
    [
      'STL_SORT',
      'clips[flag]',
      'STL_SORT are only supported on numeric, varchar or timestamptz field, got struct sub-field of Bool',
    ],
    ['TRIE', 'i', 'TRIE are only supported on varchar field'],
    ['Trie', 'j', 'TRIE are only supported on varchar field'],
    ['NGRAM', 'i', 'ngram index can only be created on VARCHAR or JSON field'],
    ['RTREE', 's', 'RTREE index can only be built on geometry field, got VarChar'],
    ['HNSW', 'i', 'index HNSW only supports vector data type'],
    ['INVERTED', 'text', 'TEXT field does not support user-created scalar index'],
  ])('%s is refused of %s', (type, name, message) => {
    expect(refusal(() => check(name, { index_type: type }))).toBe(`${message}: invalid parameter`);
  });

  it('is none of those that do not exist, or are Milvus’s own', () => {
    for (const type of ['HYBRID', 'BTREE', 'inverted']) {
      expect(refusal(() => check('i', { index_type: type }))).toBe(
        `invalid parameter[expected=valid index][actual=invalid index type: ${type}]`,
      );
    }
  });

  it.each([
    ['b', 'BITMAP'],
    ['i8', 'HYBRID'],
    ['i', 'HYBRID'],
    ['f', 'HYBRID'],
    ['s', 'HYBRID'],
    ['ai', 'HYBRID'],
    ['ab', 'BITMAP'],
    ['tz', 'STL_SORT'],
    ['geo', 'RTREE'],
  ])(
    'is chosen by AUTOINDEX, by nothing and by an empty type: of %s it is %s',
    (name, structure) => {
      for (const params of [{ index_type: 'AUTOINDEX' }, {}, { index_type: '' }]) {
        expect(builtAs(name, params)).toBe(structure);
        expect(check(name, params).params['index_type']).toBe('AUTOINDEX');
      }
    },
  );

  it('may be an older name of another', () => {
    expect(builtAs('s', { index_type: 'marisa-trie' })).toBe('TRIE');
    expect(builtAs('i', { index_type: 'Asceneding' })).toBe('STL_SORT');
  });
});

describe('an index of JSON', () => {
  const json = (params: Readonly<Record<string, string>>) => check('j', params);

  it('says how its values are taken', () => {
    const of = (type: string, cast?: string, more = {}): string =>
      refusal(() =>
        json({
          index_type: type,
          ...(cast === undefined ? {} : { json_cast_type: cast }),
          ...more,
        }),
      );
    const missing =
      'json index must specify cast type: missing parameter[missing_param=json_cast_type]';
    for (const type of ['INVERTED', 'BITMAP', 'STL_SORT', 'AUTOINDEX'])
      expect(of(type)).toBe(missing);
    expect(of('INVERTED', 'INT')).toBe('json_cast_type INT is not supported: invalid parameter');
    expect(of('BITMAP', 'DOUBLE')).toBe(
      'json_cast_type DOUBLE is not supported for BITMAP index: invalid parameter',
    );
    expect(of('STL_SORT', 'BOOL')).toBe(
      'json_cast_type BOOL is not supported for STL_SORT index: invalid parameter',
    );
    expect(of('AUTOINDEX', 'ARRAY_BOOL')).toBe(
      'json_cast_type ARRAY_BOOL is not supported for HYBRID index: invalid parameter',
    );
    for (const cast of ['BOOL', 'double', ' ARRAY_DOUBLE', 'JSON']) {
      expect(of('INVERTED', cast)).toBe('accepted');
    }
    expect(json({ json_cast_type: 'json' }).build.structure).toBe('INVERTED');
    expect(json({ json_cast_type: 'varchar' }).build.structure).toBe('HYBRID');
  });

  it('casts texts to numbers, and nothing else', () => {
    const cast = (type: string, name: string, index_type = 'INVERTED'): string =>
      refusal(() => json({ index_type, json_cast_type: type, json_cast_function: name }));
    for (const structure of ['INVERTED', 'STL_SORT', 'AUTOINDEX']) {
      expect(cast('DOUBLE', 'string_to_double', structure)).toBe('accepted');
      expect(cast('DOUBLE', 'TO_DOUBLE', structure)).toContain('TO_DOUBLE is not supported');
    }
    for (const structure of ['BITMAP', 'AUTOINDEX']) {
      expect(cast('BOOL', 'STRING_TO_DOUBLE', structure)).toBe(
        'json_cast_function STRING_TO_DOUBLE is not supported for json_cast_type BOOL: invalid parameter',
      );
    }
    expect(cast('VARCHAR', 'STRING_TO_DOUBLE')).toBe(
      'json_cast_function STRING_TO_DOUBLE is not supported for json_cast_type VARCHAR: invalid parameter',
    );
    expect(cast('DOUBLE', 'TO_DOUBLE')).toBe(
      'json_cast_function TO_DOUBLE is not supported: invalid parameter',
    );
  });

  it('casts no texts to what is no double, whatever was defined before that was refused', () => {
    const params = { index_type: 'BITMAP', json_cast_type: 'BOOL' };
    const stored = { ...params, json_path: 'j', json_cast_function: 'STRING_TO_DOUBLE' };
    expect(scalarBuild(FIELDS.j, stored).json).toMatchObject({ castsTexts: false });
  });

  it('is of a path, as filters write it, or of the whole field', () => {
    const pathOf = (json_path: string): string =>
      refusal(() => {
        const { build } = json({ index_type: 'INVERTED', json_cast_type: 'DOUBLE', json_path });
        throw new Error(jsonPointer(build.json?.path ?? []));
      });
    expect(pathOf('j')).toBe('');
    expect(pathOf('j["a"]')).toBe('/a');
    expect(pathOf("j['a'][0]['b/c~']")).toBe('/a/0/b~1c~0');
    expect(pathOf('i')).toBe('fieldID not match with field name: invalid parameter');
    expect(pathOf('j["a"] == 1')).toContain('cannot parse identifier: j["a"] == 1');
    expect(pathOf('j[')).toContain('cannot parse expression: j[');
    const dynamic = check('$meta', { json_cast_type: 'VARCHAR' }, 'color');
    expect(dynamic.params).toMatchObject({ json_path: 'color' });
    expect(dynamic.build.json).toMatchObject({ path: ['color'], cast: 'VARCHAR' });
    expect(jsonPathOf('$meta["color"]', META)).toEqual(['color']);
  });

  it('of a dynamic field stays what it is when a field has the name of its key', () => {
    const params = { json_path: 's', json_cast_type: 'VARCHAR' };
    expect(scalarBuild(META, params).json).toMatchObject({ path: ['s'] });
    expect(refusal(() => check('$meta', params))).toContain('fieldID not match with field name');
  });
});

describe('an index of grams', () => {
  const grams = (params: Readonly<Record<string, string>>, name = 's'): string =>
    refusal(() => check(name, { index_type: 'NGRAM', ...params }));

  it('says how long they are', () => {
    expect(grams({ min_gram: '2', max_gram: '3' })).toBe('accepted');
    const missing = 'Ngram index must specify both min_gram and max_gram: missing parameter';
    expect(grams({ min_gram: '2' })).toBe(missing);
    expect(grams({ max_gram: '2' })).toBe(missing);
    expect(grams({ min_gram: 'x', max_gram: '3' })).toBe(
      'min_gram for Ngram index must be an integer, got: x: invalid parameter',
    );
    expect(grams({ min_gram: '2', max_gram: '1.5' })).toBe(
      'max_gram for Ngram index must be an integer, got: 1.5: invalid parameter',
    );
    for (const [min, max] of [
      [3, 2],
      [0, 2],
      [-1, 2],
    ] as const) {
      expect(grams({ min_gram: String(min), max_gram: String(max) })).toBe(
        'invalid min_gram or max_gram value for Ngram index, ' +
          `min_gram: ${min}, max_gram: ${max}: invalid parameter`,
      );
    }
  });

  it('takes texts of JSON only', () => {
    const lengths = { min_gram: '2', max_gram: '3' };
    expect(grams({ ...lengths, json_cast_type: 'varchar' }, 'j')).toBe('accepted');
    expect(grams({ ...lengths, json_cast_type: 'DOUBLE' }, 'j')).toBe(
      'JSON field with ngram index only supports VARCHAR cast type, got: DOUBLE: invalid parameter',
    );
    expect(grams(lengths, 'j')).toBe(
      'JSON field with ngram index must specify json_cast_type: missing parameter',
    );
  });
});

describe('how an index is kept', () => {
  it('is mapped, of those that can be', () => {
    const mapped = (type: string, more = {}): string =>
      refusal(() => check('s', { index_type: type, 'mmap.enabled': 'true', ...more }));
    for (const type of ['INVERTED', 'BITMAP', 'Trie', 'AUTOINDEX']) {
      expect(mapped(type)).toBe('accepted');
      expect(check('s', { index_type: type, 'mmap.enabled': 'true' }).build.isMapped).toBe(true);
    }
    expect(mapped('NGRAM', { min_gram: '1', max_gram: '2' })).toBe('accepted');
    for (const type of ['STL_SORT', 'TRIE', 'marisa-trie', 'RTREE']) {
      expect(mapped(type)).toBe(
        `invalid mmap type params: index type ${type} does not support mmap: invalid parameter`,
      );
    }
  });

  it('may be with an offset cache, of BITMAP', () => {
    const change = { set: { 'indexoffsetcache.enabled': 'true' }, remove: [] };
    expect(refusal(() => checkIndexChange({ index_type: 'BITMAP' }, change))).toBe('accepted');
    expect(refusal(() => checkIndexChange({ index_type: 'INVERTED' }, change))).toContain(
      'only bitmap index support indexoffsetcache.enabled now',
    );
  });

  it('decides how many distinct values have bitmaps', () => {
    const limit = (text: string): string =>
      refusal(() => check('i', { bitmap_cardinality_limit: text }));
    expect(limit('500')).toBe('accepted');
    for (const text of ['0', '1001', 'x']) {
      expect(limit(text)).toContain('failed to check bitmap cardinality limit');
    }
  });
});
