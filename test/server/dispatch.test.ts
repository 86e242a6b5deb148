import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { milvusError } from '../../src/base/errors.ts';
import { dispatch, isMethod } from '../../src/server/dispatch.ts';
import type { Handlers } from '../../src/server/handlers.ts';
import { METHODS } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';

const CALL = { databaseName: 'shelf', options: {} };

const handlers: Handlers = {
  HasCollection: async ({ collectionName }, { databaseName }) => {
    if (collectionName === 'wrong') throw milvusError('CollectionNotFound');
    return { value: databaseName === 'shelf' };
  },
};

async function has(collectionName: string): Promise<unknown> {
  const { request, response } = METHODS.HasCollection;
  const bytes = encodeMessage(request, { collectionName });
  return decodeMessage(response, await dispatch(handlers, 'HasCollection', bytes, CALL));
}

describe('dispatch', () => {
  it('goes from bytes to bytes, with a status beside the answer', async () => {
    expect(await has('right')).toMatchObject({ value: true, status: { code: 0 } });
    expect(await has('wrong')).toMatchObject({ value: false, status: { code: 100, errorCode: 4 } });
  });

  it('says in the status that nothing answers', async () => {
    const answer = await dispatch(handlers, 'CreateRole', new Uint8Array(), CALL);
    expect(decodeMessage(METHODS.CreateRole.response, answer)).toMatchObject({
      code: 10,
      reason: expect.stringContaining('CreateRole is not implemented') as unknown,
    });
    expect([isMethod('CreateRole'), isMethod('constructor')]).toEqual([true, false]);
  });

  it('throws for bytes that are no message', async () => {
    const work = dispatch(handlers, 'HasCollection', Uint8Array.of(7), CALL);
    await expect(work).rejects.toBeInstanceOf(MalformedBytes);
  });
});
