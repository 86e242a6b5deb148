/**
 * Thousands of requests that are malformed or mean harm, over real connections: none ends the process, none
 * is answered as a fault of the server, and another client is answered as ever.
 */
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { METHODS, Status } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import type { AnyMessageType } from '../../src/wire/message-type.ts';
import { hostileRequest } from '../server/hostile-messages.ts';
import { runServer, type TestServer } from '../server/running-server.ts';
import { createBooks } from './hostile-books.ts';
import { SeededRandom } from '../sim/seeded-random.ts';

const REQUESTS_OF_EACH = 75;
/** The code of a failure that nobody foresaw. */
const INTERNAL = 5;
const NAMES = Object.keys(METHODS) as (keyof typeof METHODS)[];
const WORDS = {
  texts: [
    'books',
    'p',
    'id',
    'v',
    'tag',
    'id > 1',
    'id in [1, 2]',
    '{"nprobe": 1}',
    'topk',
    '10',
    'params',
    'anns_field',
    'metric_type',
    'L2',
    'index_type',
    'HNSW',
    'limit',
    'offset',
    '$meta["a"]',
    'default',
    'count(*)',
    '*',
    '$0',
    '{"metric_type":"system_info"}',
  ],
};

const tally = { succeeded: 0 };

/** What is wrong with the answer; null: it is one that a client at fault may get. */
async function faultOf(
  server: TestServer,
  name: keyof typeof METHODS,
  bytes: Uint8Array,
): Promise<string | null> {
  let answer: Uint8Array;
  try {
    answer = await server.client.send(name, bytes, { deadlineMs: 10_000 });
  } catch (failure) {
    const { code, details } = failure as grpc.ServiceError;
    const isFault = code === grpc.status.UNKNOWN || code === grpc.status.INTERNAL;
    const isGone = code === grpc.status.UNAVAILABLE || code === grpc.status.DEADLINE_EXCEEDED;
    return isFault || isGone ? `${grpc.status[code]}: ${details}` : null;
  }
  const status = statusIn(METHODS[name].response, answer);
  if (status?.code === 0) tally.succeeded += 1;
  return status?.code === INTERNAL ? status.reason : null;
}

function statusIn(type: AnyMessageType, bytes: Uint8Array): Status | null {
  if (type.name === 'Status') return decodeMessage(Status, bytes);
  const message = decodeMessage(type, bytes) as Record<string, unknown>;
  const field = type.fields.find((one) => one.message?.name === 'Status');
  return field === undefined ? null : (message[field.name] as Status | null);
}

describe('hostile requests', () => {
  it('of every call are refused or answered, and others are served', async () => {
    await using server = await runServer();
    await createBooks(server);
    const random = new SeededRandom(20_240_607);
    const faults: string[] = [];
    for (let i = 0; i < REQUESTS_OF_EACH; i++) {
      for (const name of NAMES) {
        const bytes = hostileRequest(name, random, WORDS);
        const fault = await faultOf(server, name, bytes);
        if (fault !== null) faults.push(`${name} ${Buffer.from(bytes).toString('hex')}: ${fault}`);
      }
      await createBooks(server);
      expect((await server.client.call('CheckHealth', {})).isHealthy).toBe(true);
    }
    expect(faults.slice(0, 10)).toEqual([]);
    // Some got past every check of form, and did something.
    expect(tally.succeeded).toBeGreaterThan(500);
  });
});
