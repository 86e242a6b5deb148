/**
 * Searches over gRPC by hand: requests that are encoded beforehand, over several connections with several calls
 * under way on each, so that the server is what is measured and not a client. Prints searches a second.
 *
 * A message of gRPC is a flag, its length as u32 big-endian, and its bytes; a call is a stream of HTTP/2.
 */
import http2 from 'node:http2';
import { METHODS, PlaceholderGroup, SERVICE_NAME } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import { report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const CONNECTIONS = 4;
/** Calls under way on each. */
const STREAMS = 4;
const WARM_SEARCHES = 200;
const FLOAT_VECTOR = 101;
const BY_EXPRESSION = 1;
const EVENTUALLY = 3;
const TOP_K = 10;
/** Of one measure: slow servers are timed on fewer calls. */
const MS_MAX = 6000;
const FRAME_HEAD_BYTES = 5;
const PATH = `/${SERVICE_NAME}/Search`;

interface Told {
  /** `host:port`. */
  readonly address: string;
  readonly queries: string;
  readonly dim: number;
  readonly width: number;
}

const { address, queries: queryPath, dim, width } = settings() as Told;
const queries = readVectors(queryPath, dim);
const requests = Array.from({ length: queries.count }, (_, i) => framed(requestOf(i)));

function requestOf(query: number): Uint8Array {
  const vector = vectorAt(queries, query);
  const values = [new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)];
  const params = JSON.stringify({ ef: width });
  const pairs = { anns_field: 'vector', topk: TOP_K, metric_type: 'IP', round_decimal: -1, params };
  return encodeMessage(METHODS.Search.request, {
    collectionName: 'vectors',
    dslType: BY_EXPRESSION,
    placeholderGroup: encodeMessage(PlaceholderGroup, {
      placeholders: [{ tag: '$0', type: FLOAT_VECTOR, values }],
    }),
    searchParams: Object.entries(pairs).map(([key, value]) => ({ key, value: String(value) })),
    nq: 1n,
    guaranteeTimestamp: 1n,
    consistencyLevel: EVENTUALLY,
  });
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEAD_BYTES);
  return frame;
}

/** The hits of one search. */
function search(session: http2.ClientHttp2Session, query: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', reject);
    stream.once('end', () => {
      const frame = Buffer.concat(chunks);
      const answer = decodeMessage(METHODS.Search.response, frame.subarray(FRAME_HEAD_BYTES));
      const hits = answer.results?.topks[0] ?? 0n;
      if (hits === BigInt(TOP_K)) resolve(hits);
      else reject(new Error(`${hits} hits: ${answer.status?.reason}`));
    });
    stream.end(requests[query]);
  });
}

/** Searches a second, by so many calls under way on each connection. */
async function rate(
  sessions: readonly http2.ClientHttp2Session[],
  { streams, count }: { readonly streams: number; readonly count: number },
): Promise<number> {
  const started = performance.now();
  let begun = 0;
  const caller = async (session: http2.ClientHttp2Session): Promise<void> => {
    while (begun < count && performance.now() - started < MS_MAX) {
      await search(session, begun++ % queries.count);
    }
  };
  const callers = sessions.flatMap((session) => Array.from({ length: streams }, () => session));
  await Promise.all(callers.map(caller));
  return begun / ((performance.now() - started) / 1000);
}

const sessions = Array.from({ length: CONNECTIONS }, () => http2.connect(`http://${address}`));
const one = sessions.slice(0, 1);
await rate(one, { streams: 1, count: WARM_SEARCHES });
const count = queries.count;
const load = await rate(one, { streams: 1, count });
const load16 = await rate(sessions, { streams: STREAMS, count: 4 * count });
for (const session of sessions) session.close();
report({ load, load16 });
