/**
 * Milvus's HTTP interface on the port of the clients: `/v2/vectordb/*`, and the older `/v1/vector/*`, which has
 * two GET paths and answers code 200 where today's answers 0. A request is JSON and so is its answer,
 * with a code; the status is 200 whatever the code, but for paths that are none (404), pages of other sites
 * (403), bodies that are too large (413), requests whose time is over (408) and a server that stops (503).
 * Source: Milvus
 * `internal/distributed/proxy/httpserver`.
 *
 *   DB-Name                   the database, unless the body names one
 *   Request-Timeout           seconds, instead of the server's own time
 *   Accept-Type-Allow-Int64   false: int64 values are written as text
 *   Authorization             accepted and ignored: there are no users
 *   X-Milvus-Trace-Id         given back
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { ERRORS, invalidParameter, milvusError, toMilvusError } from '../base/errors.ts';
import type { CallOptions } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { Init } from '../wire/message-type.ts';
import type { MethodName, RequestOf, ResponseOf } from '../wire/method-types.ts';
import type { JsonObject } from '../imports/given-rows.ts';
import type { ImportJobs } from '../imports/import-jobs.ts';
import { parseJsonObject } from './json-parse.ts';
import { jsonPieces } from './json-write.ts';
import { isFromOtherSite } from './other-sites.ts';
import { booleanFrom } from './plain-text.ts';
import { type HeldBytes, requestBytes } from './request-bytes.ts';
import { RequestBody } from './request-body.ts';
import type { RestCall, RestHandler } from './rest-call.ts';
import { PREFIX, ROUTES } from './routes.ts';
import { V1_PREFIX, V1_READS, V1_ROUTES } from './v1-routes.ts';

const TIMEOUT_SECONDS_MAX = 24 * 60 * 60;
const DEFAULT_DATABASE = 'default';
/** Characters; longer ones are not given back. */
const TRACE_ID_LENGTH_MAX = 128;

export interface RestDeps {
  readonly service: Service;
  readonly clock: Clock;
  readonly imports: ImportJobs;
  /** Answers a call as gRPC would. @throws MilvusError */
  readonly call: <Name extends MethodName>(
    name: Name,
    request: Init<RequestOf<Name>>,
    context: { readonly databaseName: string; readonly options: CallOptions },
  ) => Promise<ResponseOf<Name>>;
  /** False: every path is none. Null: the server stops. */
  readonly isEnabled: boolean | null;
  /** Whether int64 values are numbers where the client does not say. */
  readonly allowsInt64: boolean;
  /** Of a request that does not say. Milvus `proxy.http.requestTimeoutMs`. */
  readonly requestTimeoutMs: number;
  /** For the bytes of one request. */
  readonly holdBytes: () => HeldBytes;
  /** Told of every request that was answered. */
  readonly onAnswered: (request: AnsweredRequest) => void;
  /** Counts a call that does not go through `call`. */
  readonly count: RestCall['count'];
}

export interface AnsweredRequest {
  readonly path: string;
  readonly tookMs: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** What a request comes to. */
export interface Outcome {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestPort {
  readonly onRequest: RequestListener;
  /** Takes no new requests; resolves when those under way have their answers. */
  drain(): Promise<void>;
}

export function restPort(deps: RestDeps): RestPort {
  const running = new Set<Promise<void>>();
  let isDraining = false;
  return {
    onRequest: (request, response) => {
      // Whoever goes away while the answer is written is no fault of ours.
      response.on('error', () => response.destroy());
      const work = answer(request, response, isDraining ? { ...deps, isEnabled: null } : deps)
        .catch(() => response.destroy())
        .then(() => undefined)
        .finally(() => running.delete(work));
      running.add(work);
    },
    drain: async () => {
      isDraining = true;
      await Promise.all(running);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  deps: RestDeps,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const traceId = request.headers['x-milvus-trace-id'];
  if (typeof traceId === 'string' && traceId.length <= TRACE_ID_LENGTH_MAX) {
    response.setHeader('X-Milvus-Trace-Id', traceId);
  }
  const { status, body } = await outcomeOf(request, gone.signal, deps);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  // What is left of a request that was not read is not another one.
  if (!request.complete || deps.isEnabled === null) response.setHeader('Connection', 'close');
  const sentBytes = await send(response, { body, clock: deps.clock });
  const path = endpointOf(request) === undefined ? '' : pathOf(request);
  const receivedBytes = Number(request.headers['content-length'] ?? 0);
  const tookMs = deps.clock.monotonicMs() - startedMs;
  deps.onAnswered({ path, tookMs, receivedBytes, sentBytes });
}

async function outcomeOf(
  request: IncomingMessage,
  signal: AbortSignal,
  deps: RestDeps,
): Promise<Outcome> {
  if (deps.isEnabled === null) return failed(milvusError('ServiceUnavailable'));
  const endpoint = deps.isEnabled ? endpointOf(request) : undefined;
  if (endpoint === undefined) {
    return { status: 404, body: { code: 404, message: '404 page not found' } };
  }
  if (isFromOtherSite(request)) {
    const message = 'requests from pages of other sites are refused';
    return { status: 403, body: { code: ERRORS.OperationNotSupported[0], message } };
  }
  const held = deps.holdBytes();
  try {
    const object = endpoint.isRead
      ? queryObject(request)
      : await parseJsonObject(await requestBytes(request, held), deps.clock);
    const body = new RequestBody(object);
    const given = await handled(request, { body, signal, handler: endpoint.handler, deps });
    return { status: 200, body: { code: endpoint.code, ...given } };
  } catch (failure) {
    return failed(failure);
  } finally {
    held.release();
  }
}

function queryObject(request: IncomingMessage): JsonObject {
  const [, query = ''] = (request.url ?? '').split('?', 2);
  return Object.fromEntries(new URLSearchParams(query));
}

function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?');
  return path;
}

interface Endpoint {
  readonly handler: RestHandler;
  /** Of what succeeds. */
  readonly code: number;
  /** A GET, with its parameters in the query. */
  readonly isRead: boolean;
}

function endpointOf(request: IncomingMessage): Endpoint | undefined {
  const path = pathOf(request);
  const isRead = request.method === 'GET';
  if (request.method !== 'POST' && !isRead) return undefined;
  const isFirst = path.startsWith(V1_PREFIX);
  const prefix = isFirst ? V1_PREFIX : PREFIX;
  const routes = isFirst ? (isRead ? V1_READS : V1_ROUTES) : isRead ? {} : ROUTES;
  const rest = path.slice(prefix.length);
  if (!path.startsWith(prefix) || !Object.hasOwn(routes, rest)) return undefined;
  const handler = routes[rest];
  return handler === undefined ? undefined : { handler, code: isFirst ? 200 : 0, isRead };
}

async function handled(
  request: IncomingMessage,
  {
    body,
    signal,
    handler,
    deps,
  }: {
    readonly body: RequestBody;
    readonly signal: AbortSignal;
    readonly handler: RestHandler;
    readonly deps: RestDeps;
  },
): ReturnType<RestHandler> {
  const timeoutMs = timeoutOf(request, deps.requestTimeoutMs);
  if (timeoutMs === 0) throw milvusError('DeadlineExceeded');
  const databaseName = body.filledText('dbName', headerText(request, 'db-name', DEFAULT_DATABASE));
  const options = { signal, timeoutMs };
  const call: RestCall = {
    body,
    databaseName,
    allowsInt64: allowsInt64(request, deps),
    options,
    service: deps.service,
    clock: deps.clock,
    imports: deps.imports,
    count: deps.count,
    call: (name, message) => deps.call(name, message, { databaseName, options }),
  };
  let late: ReturnType<Clock['after']> | null = null;
  try {
    return await Promise.race([
      handler(call),
      new Promise<never>((_resolve, reject) => {
        late = deps.clock.after(timeoutMs, () => reject(milvusError('DeadlineExceeded')));
      }),
    ]);
  } finally {
    (late as ReturnType<Clock['after']> | null)?.cancel();
  }
}

function headerText({ headers }: IncomingMessage, name: string, fallback = ''): string {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** @throws MilvusError ParameterInvalid */
function timeoutOf(request: IncomingMessage, defaultMs: number): number {
  const text = headerText(request, 'request-timeout');
  if (text === '') return defaultMs;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (seconds >= 0) return Math.min(seconds, TIMEOUT_SECONDS_MAX) * 1000;
  throw invalidParameter(`Request-Timeout parse failed, err: "${text}" is no number of seconds`);
}

function allowsInt64(request: IncomingMessage, deps: RestDeps): boolean {
  const text = headerText(request, 'accept-type-allow-int64');
  return text === '' ? deps.allowsInt64 : booleanFrom(text) === true;
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ParameterTooLarge', 413],
  ['ServiceUnavailable', 503],
]);

function failed(failure: unknown): Outcome {
  const { reason, code, message } = toMilvusError(failure);
  if (reason === 'DeadlineExceeded') {
    return { status: 408, body: { code, message: 'request timeout' } };
  }
  return { status: STATUSES.get(reason) ?? 200, body: { code, message } };
}

/**
 * Some at a time: a long answer gives way to others, and waits for a client that reads slowly.
 * @returns how many bytes
 */
async function send(
  response: ServerResponse,
  { body, clock }: { readonly body: Outcome['body']; readonly clock: Clock },
): Promise<number> {
  const pieces = jsonPieces(body);
  const first = pieces.next().value ?? '{}';
  let byteLength = Buffer.byteLength(first);
  let next = pieces.next();
  if (next.done === true) {
    response.end(first);
    return byteLength;
  }
  response.write(first);
  while (next.done !== true && !response.destroyed) {
    byteLength += Buffer.byteLength(next.value);
    if (!response.write(next.value)) await drained(response);
    await clock.yieldTurn();
    next = pieces.next();
  }
  response.end();
  return byteLength;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
