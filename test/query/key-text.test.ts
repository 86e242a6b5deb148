import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { asksForKeysOnly, keysAskedFor } from '../../src/query/key-conditions.ts';
import { keysOfText } from '../../src/query/key-text.ts';
import { primaryField } from '../../src/schema/fields.ts';
import { schemaOf } from '../search/world.ts';
import { DataType } from '../../src/schema/data-type.ts';

const schema = schemaOf();
const primary = primaryField(schema);
const keys = (text: string): readonly bigint[] | null => keysOfText(text, primary);

describe('a filter that asks for keys, read at a glance', () => {
  it.each([
    ['id in [1]', [1n]],
    ['id in [1, -2,3 , 0]', [1n, -2n, 3n, 0n]],
    ['  id   in[ 7 ]  ', [7n]],
    ['id IN [5,5]', [5n, 5n]],
    ['id == 12', [12n]],
    ['id==-0', [0n]],
    ['id in [999999999999999999]', [999_999_999_999_999_999n]],
  ])('is %s', (text, expected) => {
    expect(keys(text)).toEqual(expected);
    const filter = compileFilter(text, schema);
    expect(asksForKeysOnly(filter, primary.id)).toBe(true);
    expect(new Set(keysAskedFor(filter, primary.id))).toEqual(new Set(expected));
  });

  it.each([
    'id in []',
    'id not in [1]',
    'id in [1, 2',
    'id in [1.0]',
    'id in [010]',
    'id in [0x1f]',
    'id in ["1"]',
    'id in [9223372036854775808]',
    'id in {keys}',
    'id != 1',
    'idin [1]',
    'size in [1]',
    '$meta["id"] in [1]',
    'id in [1] and size > 2',
    `id in [${'1,'.repeat(4096)}1]`,
  ])('is not %.40s', (text) => {
    expect(keys(text)).toBeNull();
  });

  it('is none where keys are text', () => {
    const text = primaryField(schemaOf({ keyType: DataType.VarChar }));
    expect(keysOfText('id in [1]', text)).toBeNull();
  });
});
