import { describe, expect, it } from 'vitest';
import { asksForKeysOnly, checkIsolation, keysAskedFor } from '../../src/query/key-conditions.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { DYNAMIC_SCHEMA, FIELDS } from './columns.ts';

const bound = (text: string) => compileFilter(text, DYNAMIC_SCHEMA);

const ID = FIELDS.id.id;
const TEXT = FIELDS.s.id;

function keys(text: string, fieldId = ID): string | null {
  const found = keysAskedFor(bound(text), fieldId);
  return found === null ? null : [...found].map(String).sort().join(' ');
}

describe('the keys that a filter asks for', () => {
  it('are those that every row has that it accepts', () => {
    const cases: [string, string | null][] = [
      ['id == 3', '3'],
      ['3 == id', '3'],
      ['id in [3, 1, 3]', '1 3'],
      ['id == 3 or id == 4', '3 4'],
      ['id == 3 and id in [3, 4]', '3'],
      ['id in [1, 2] and s == "x"', '1 2'],
      ['(id == 1 and s == "x") or (id == 2 and i > 3)', '1 2'],
      ['id in []', ''],
      ['false', ''],
      ['id == 3 or s == "x"', null],
      ['id > 3', null],
      ['id != 3', null],
      ['not (id == 3)', null],
      ['id + 1 == 3', '2'],
      ['id % 2 == 1', null],
      ['true', null],
    ];
    for (const [text, expected] of cases) expect(keys(text), text).toBe(expected);
    expect(keys('s in ["b", "a"]', TEXT)).toBe('a b');
  });

  it('are not looked at when they are very many', () => {
    const list = (count: number): string => Array.from({ length: count }, (_, i) => i).join(',');
    expect(keys(`id in [${list(16_384)}]`)).not.toBeNull();
    expect(keys(`id in [${list(16_385)}]`)).toBeNull();
    expect(keys(`id in [${list(16_384)}] or id == 99999`)).toBeNull();
  });
});

describe('a filter of nothing but keys', () => {
  it('is one that accepts every row with one of them', () => {
    const isOfKeys = (text: string, fieldId = ID): boolean => asksForKeysOnly(bound(text), fieldId);
    const alone = ['id == 3', 'id in [3, 1]', 'id in []', 'id == 3 or id == 4'];
    for (const text of alone) expect(isOfKeys(text), text).toBe(true);
    expect(isOfKeys('s in ["b", "a"]', TEXT)).toBe(true);
    const others = ['id == 3 and i > 1', 'id > 3', 'id != 3', 'true', 'false'];
    for (const text of [...others, 's == "x"']) expect(isOfKeys(text), text).toBe(false);
    expect(isOfKeys('id in [1, 2] and random_sample(0.5)')).toBe(false);
  });
});

describe('an isolated partition key', () => {
  const check = (text: string) => (): void => checkIsolation(bound(text), ID);

  it('is named by one value', () => {
    for (const text of ['id == 3', 'id == 3 and i > 1', '(i > 1 or i < 0) and id == 3']) {
      expect(check(text), text).not.toThrow();
    }
  });

  it('is refused in Milvus’s words where it is not', () => {
    const cases: [string, string][] = [
      ['i > 1', 'partition key not found in expr or the expr is invalid'],
      ['true', 'partition key not found in expr'],
      ['id in [1, 2]', 'partition key isolation does not support IN'],
      ['id == 1 or i > 1', 'partition key isolation does not support OR'],
      ['not (id == 1)', 'partition key isolation does not support NOT'],
      ['id > 1', 'partition key isolation does not support GreaterThan'],
      ['id >= 1', 'partition key isolation does not support GreaterEqual'],
      ['id < 1', 'partition key isolation does not support LessThan'],
      ['id <= 1', 'partition key isolation does not support LessEqual'],
      ['1 < id < 5', 'partition key isolation does not support BinaryRange'],
    ];
    for (const [text, message] of cases) expect(check(text), text).toThrow(message);
    expect(() => checkIsolation(null, ID)).toThrow('partition key not found in expr');
  });
});
