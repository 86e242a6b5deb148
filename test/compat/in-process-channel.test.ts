import { describe, expect, it } from 'vitest';
import { type CallCodec, InProcessChannel } from '../../src/compat/in-process-channel.ts';
import { METHODS } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { MessageType } from '../../src/wire/message-type.ts';
import type { MethodName } from '../../src/wire/method-types.ts';

function codec(name: MethodName): CallCodec {
  const { request, response } = METHODS[name];
  return {
    requestSerialize: (value) => encodeMessage(request as MessageType<object>, value),
    responseDeserialize: (bytes) => decodeMessage(response as MessageType<object>, bytes),
  };
}

const malformed: CallCodec = { ...codec('GetVersion'), requestSerialize: () => Buffer.of(7) };

function channel(path = ':memory:'): InProcessChannel {
  return new InProcessChannel({
    databasePath: path,
    codecs: {
      GetVersion: codec('GetVersion'),
      CreateCredential: codec('CreateCredential'),
      HasCollection: malformed,
      Unheard: codec('GetVersion'),
    },
    databaseName: () => '',
  });
}

async function call(
  target: InProcessChannel,
  name: string,
  options: { readonly deadline?: Date } = {},
): Promise<unknown> {
  const client = await target.acquire();
  return await new Promise((resolve, reject) => {
    client[name]!({}, options, (failure: Error | null, answer: object) => {
      if (failure === null) resolve(answer);
      else reject(failure);
    });
  });
}

describe('a channel in the process', () => {
  it('answers calls by name, and says which are not implemented', async () => {
    const target = channel();
    expect(await call(target, 'GetVersion')).toMatchObject({ status: { code: 0 } });
    expect(await call(target, 'CreateCredential')).toMatchObject({
      code: 10,
      reason: expect.stringContaining('CreateCredential is not implemented') as unknown,
    });
    await target.clear();
  });

  it('fails as a connection does', async () => {
    const target = channel();
    await expect(call(target, 'HasCollection')).rejects.toMatchObject({ code: 3 });
    await expect(call(target, 'Unheard')).rejects.toMatchObject({ code: 12 });
    const late = { deadline: new Date(1) };
    await expect(call(target, 'GetVersion', late)).rejects.toMatchObject({
      code: 4,
      message: '4 DEADLINE_EXCEEDED: Deadline exceeded',
    });
    const early = { deadline: new Date(Date.now() + 60_000) };
    expect(await call(target, 'GetVersion', early)).toMatchObject({ status: { code: 0 } });
    await target.clear();
    await target.clear();
    await expect(call(target, 'GetVersion')).rejects.toMatchObject({ code: 1 });
  });

  it('says why a database cannot be opened, each time', async () => {
    const target = channel('/dev/null/nowhere');
    await expect(target.acquire()).rejects.toThrow(/nowhere|directory/i);
    await expect(target.acquire()).rejects.toThrow(/nowhere|directory/i);
    await target.clear();
  });
});
