import { describe, expect, it } from 'vitest';
import {
  ERRORS,
  invalidParameter,
  milvusError,
  toMilvusError,
  withContext,
} from '../../src/base/errors.ts';

describe('errors', () => {
  it('print message, sentinel and fields in Milvus’s order', () => {
    const fields = { database: 'default', collection: 'x' };
    expect(milvusError('CollectionNotFound', { fields }).message).toBe(
      'collection not found[database=default][collection=x]',
    );
    expect(invalidParameter('bad dim', { expected: 4, actual: 3 }).message).toBe(
      'bad dim: invalid parameter[expected=4][actual=3]',
    );
    expect(milvusError('Unexpected', { message: 'just so' }).message).toBe('just so');
  });

  it('carry code, kind, trait and fields for programs', () => {
    const error = milvusError('RateLimitExceeded', { fields: { rate: 5 } });
    expect(error).toMatchObject({
      name: 'MilvusError',
      reason: 'RateLimitExceeded',
      code: 8,
      kind: 'Limit',
      retriable: true,
      isInputError: false,
      fields: { rate: 5 },
    });
    expect(invalidParameter('x')).toMatchObject({
      code: 1100,
      retriable: false,
      isInputError: true,
    });
  });

  it('have one code each, and input errors are never retriable by construction', () => {
    const codes = Object.values(ERRORS).map(([code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('keep their codes and texts: clients compare both', () => {
    const table = Object.entries(ERRORS).map(([name, row]) => `${name} ${row.join(' | ')}`);
    expect(table).toMatchSnapshot();
  });

  it('take in whatever was thrown, with its cause', () => {
    const own = milvusError('Closed');
    expect(toMilvusError(own)).toBe(own);
    const cause = new TypeError('boom');
    expect(toMilvusError(cause)).toMatchObject({ code: 5, cause });
    expect(toMilvusError('text').message).toContain('text');
  });

  it('say in which call they happened and stay what they are', () => {
    const inner = milvusError('CollectionNotLoaded', { fields: { collection: 'c' } });
    const outer = withContext('failed to search', inner);
    expect(outer.message).toBe('failed to search: collection not loaded[collection=c]');
    expect(outer.reason).toBe('CollectionNotLoaded');
    expect(outer.cause).toBe(inner);
  });
});
