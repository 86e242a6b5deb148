import { describe, expect, it } from 'vitest';
import { ERRORS, milvusError, type ErrorName } from '../../src/base/errors.ts';
import { legacyCode, statusOf, SUCCESS } from '../../src/server/status.ts';
import { Status } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';

describe('a status', () => {
  it('of success is an empty message', () => {
    expect(encodeMessage(Status, SUCCESS)).toHaveLength(0);
  });

  it('has the whole text twice, and both codes', () => {
    const failure = milvusError('IndexNotFound', { fields: { indexName: 'i' } });
    expect(statusOf(failure)).toMatchObject({
      code: 700,
      errorCode: 25,
      reason: 'index not found[indexName=i]',
      detail: 'index not found[indexName=i]',
      retriable: false,
    });
  });

  it('of every error is never the code of success, in neither set', () => {
    for (const name of Object.keys(ERRORS) as ErrorName[]) {
      const status = statusOf(milvusError(name));
      expect(status.code).not.toBe(0);
      expect(status.errorCode).not.toBe(0);
    }
  });

  it('marks what is wrong with the input, which is never worth a retry', () => {
    const status = statusOf(milvusError('ParameterInvalid'));
    expect(status.extraInfo).toEqual(new Map([['is_input_error', 'true']]));
    expect(status.retriable).toBe(false);
    expect(statusOf(milvusError('ServiceNotReady')).retriable).toBe(true);
  });

  it('of whatever else was thrown is an internal error', () => {
    expect(statusOf(new TypeError('x'))).toMatchObject({ code: 5, errorCode: 1 });
  });

  it('has the codes of old clients', () => {
    const codes = [0, 1, 100, 109, 1100, 1101, 1102, 904, 200, 8, 9, 600, 700, 65_535].map(
      legacyCode,
    );
    expect(codes).toEqual([0, 56, 4, 62, 5, 5, 5, 50, 15, 49, 48, 47, 25, 1]);
  });
});
