import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import {
  validateAlias,
  validateCollectionName,
  validateDatabaseName,
  validateFieldName,
  validateIndexName,
  validatePartitionName,
} from '../../src/schema/names.ts';

function refusal(check: () => void): { code: number; message: string } {
  try {
    check();
  } catch (thrown) {
    if (thrown instanceof MilvusError) return { code: thrown.code, message: thrown.message };
    throw thrown;
  }
  throw new Error('nothing was refused');
}

const longest = 'n'.repeat(255);
const tooLong = 'n'.repeat(256);

describe('names', () => {
  it('may have 255 bytes of letters, digits and underscores, first no digit', () => {
    for (const name of ['a', '_', 'Z9_', longest]) {
      for (const check of [
        validateDatabaseName,
        validateCollectionName,
        validateAlias,
        validateFieldName,
        validatePartitionName,
      ]) {
        expect(() => check(name)).not.toThrow();
      }
    }
  });

  it('counts bytes, not characters', () => {
    expect(refusal(() => validateCollectionName('é'.repeat(128))).message).toContain(
      'less than 255',
    );
  });

  it('are refused for databases with code 802 and the name', () => {
    const database = (name: string): { code: number; message: string } =>
      refusal(() => validateDatabaseName(name));
    expect(database('1a')).toEqual({
      code: 802,
      message:
        'the first character of a database name must be an underscore or letter: invalid database name[database=1a]',
    });
    expect(database('').message).toBe(
      "database name couldn't be empty: invalid database name[database=]",
    );
    expect(database('a-b').message).toContain(
      'database name can only contain numbers, letters and underscores: invalid database name',
    );
    expect(database(tooLong).message).toContain(
      'the length of a database name must be less than 255 characters',
    );
  });

  it('are refused for collections and aliases with code 1100', () => {
    expect(refusal(() => validateCollectionName('12-s'))).toEqual({
      code: 1100,
      message:
        'Invalid collection name: 12-s. the first character of a collection name must be an underscore or letter: invalid parameter',
    });
    expect(refusal(() => validateCollectionName('español')).message).toBe(
      'Invalid collection name: español. collection name can only contain numbers, letters and underscores: invalid parameter',
    );
    expect(refusal(() => validateCollectionName('')).message).toBe(
      'collection name should not be empty: invalid parameter',
    );
    expect(refusal(() => validateCollectionName(tooLong)).message).toBe(
      `Invalid collection name: ${tooLong}. the length of a collection name must be less than 255 characters: invalid parameter`,
    );
    expect(refusal(() => validateAlias('a b')).message).toBe(
      'Invalid collection alias: a b. collection alias can only contain numbers, letters and underscores: invalid parameter',
    );
    expect(refusal(() => validateAlias('')).message).toContain(
      'collection alias should not be empty',
    );
  });

  it('may start with a digit and hold hyphens for partitions', () => {
    expect(() => validatePartitionName('2024-01')).not.toThrow();
    expect(refusal(() => validatePartitionName('-a'))).toEqual({
      code: 1100,
      message:
        'Invalid partition name: -a. The first character of a partition name must be an underscore or letter.: invalid parameter',
    });
    expect(refusal(() => validatePartitionName('a/b')).message).toContain(
      'Partition name can only contain numbers, letters and underscores.',
    );
    expect(refusal(() => validatePartitionName(' ')).message).toContain(
      'Partition name should not be empty.',
    );
    expect(refusal(() => validatePartitionName(tooLong)).message).toContain(
      'The length of a partition name must be less than 255 characters.',
    );
  });

  it('are refused for fields with code 1701', () => {
    expect(refusal(() => validateFieldName('1a'))).toEqual({
      code: 1701,
      message:
        'Invalid field name: 1a. The first character of a field name must be an underscore or letter.: field name invalid[field=1a]',
    });
    expect(refusal(() => validateFieldName('')).message).toContain(
      'field name should not be empty',
    );
    expect(refusal(() => validateFieldName('a.b')).message).toContain(
      'Field name can only contain numbers, letters, and underscores.',
    );
    expect(refusal(() => validateFieldName('$meta')).message).toContain('The first character');
    expect(refusal(() => validateFieldName(tooLong)).message).toContain(
      'The length of a field name must be less than 255 characters.',
    );
  });

  it.each(['in', 'exists', 'EXISTS', 'True', 'json_contains_all', 'ARRAY_LENGTH', 'Null', 'nULL'])(
    'refuse the keyword %s for a field',
    (name) => {
      expect(refusal(() => validateFieldName(name))).toEqual({
        code: 1701,
        message: `Invalid field name: ${name}. ${name} is keyword in milvus.: field name invalid[field=${name}]`,
      });
    },
  );

  it.each(['RowID', 'Timestamp', '__virtual_pk__'])(
    'refuse the system name %s for a field',
    (name) => {
      expect(refusal(() => validateFieldName(name)).message).toContain(
        `field name "${name}" is reserved for internal use`,
      );
    },
  );

  it('of indexes may be those of sub-fields, and are refused with code 1100', () => {
    for (const name of ['', 'v', '_v1', 'parts[vector]', longest]) {
      expect(() => validateIndexName(name)).not.toThrow();
    }
    const refused = (name: string): string => refusal(() => validateIndexName(name)).message;
    const invalid = (name: string, why: string): string =>
      `Invalid index name: ${name}. ${why}: invalid parameter`;
    const [long, first, rest] = [
      'The length of a index name must be less than 255 characters.',
      'The first character of a index name must be an underscore or letter.',
      'Index name can only contain numbers, letters, and underscores.',
    ];
    expect(refused(tooLong)).toBe(invalid(tooLong, long));
    for (const name of ['1', '[a]', '-', ' ', 'é'])
      expect(refused(name)).toBe(invalid(name, first));
    for (const name of ['a-b', 'a b', 'a.b', 'aé']) expect(refused(name)).toBe(invalid(name, rest));
    expect(refusal(() => validateIndexName('1')).code).toBe(1100);
  });

  it('allow what only resembles a keyword', () => {
    for (const name of ['LIKE', 'In', 'nulls', 'rowid', 'constructor', '__proto__']) {
      expect(() => validateFieldName(name)).not.toThrow();
    }
  });
});
