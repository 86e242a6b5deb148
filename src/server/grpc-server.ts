/**
 * Milvus's gRPC service over connections that listen.ts hands in. A request is decoded here and not by the
 * library, so that bytes which are no message are the client's fault (INVALID_ARGUMENT) and never ours; what
 * goes wrong in a call itself is a Status in its answer, as Milvus has it.
 */
import type { Duplex } from 'node:stream';
import * as grpc from '@grpc/grpc-js';
import { MalformedBytes } from '../base/bytes.ts';
import { MilvusError } from '../base/errors.ts';
import { METHODS, SERVICE_NAME } from '../wire/generated/milvus.ts';
import type { MethodName } from '../wire/method-types.ts';
import type { BytesUnderWay } from './bytes-under-way.ts';
import { dispatch, refusedAnswer } from './dispatch.ts';
import type { Handlers } from './handlers.ts';
import type { ServerCall } from './server-call.ts';

const RECEIVE_BYTES_MAX = 64 * 1024 * 1024;
const SEND_BYTES_MAX = 256 * 1024 * 1024;
/** Calls of one connection at a time; more wait at the client. */
const STREAMS_MAX = 256;

export interface GrpcServer {
  /** Serves one connection that speaks HTTP/2. */
  accept(connection: Duplex): void;
  /** Takes no new calls; resolves when those under way have their answers. */
  drain(): Promise<void>;
  /** Ends every connection at once. */
  stop(): void;
}

export interface GrpcDeps {
  readonly bytesUnderWay: BytesUnderWay;
  readonly handlers: Handlers;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** Made once: an exception with its stack costs as much as a small search. */
const GONE = new Error('the client has cancelled the call, or is gone');

type RawCall = grpc.ServerUnaryCall<Buffer, Buffer>;

export function grpcServer(deps: GrpcDeps): GrpcServer {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': RECEIVE_BYTES_MAX,
    'grpc.max_send_message_length': SEND_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    // What the library would count of its calls nobody reads: see call-metrics.ts.
    'grpc.enable_channelz': 0,
    // Clients ping as often as they like.
    'grpc.keepalive_permit_without_calls': 1,
  });
  server.addService(definition(), implementation(deps));
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    drain: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((failure) => (failure === undefined ? resolve() : reject(failure)));
      }),
    stop: () => {
      injector.destroy();
      server.forceShutdown();
    },
  };
}

/** Every call of the service, its messages as bytes. */
function definition(): grpc.ServiceDefinition {
  const asIs = (bytes: Buffer): Buffer => bytes;
  return Object.fromEntries(
    Object.keys(METHODS).map((name) => [
      name,
      {
        path: `/${SERVICE_NAME}/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  );
}

/** What has no handler is left out, which the library answers as unimplemented. */
function implementation(deps: GrpcDeps): grpc.UntypedServiceImplementation {
  return Object.fromEntries(
    Object.keys(deps.handlers).map((name) => [
      name,
      (raw: RawCall, reply: grpc.sendUnaryData<Buffer>) => {
        const method = name as MethodName;
        const { request } = raw;
        const cancelled = new AbortController();
        const cancel = (): void => cancelled.abort(GONE);
        raw.on('cancelled', cancel);
        const call = callOf(raw, cancelled.signal, deps);
        const work = (): Promise<Uint8Array> => dispatch(deps.handlers, method, request, call);
        void answered(deps.bytesUnderWay, { method, byteLength: request.length, work })
          // The library says it of every call whose stream has closed, also of those that were answered.
          .finally(() => raw.off('cancelled', cancel))
          .then(
            (bytes) => reply(null, bufferOf(bytes)),
            (failure: unknown) => reply(refusal(failure)),
          );
      },
    ]),
  );
}

/** What is refused for its size beside others is told so like any other error of a call. */
async function answered(
  bytesUnderWay: BytesUnderWay,
  {
    method,
    byteLength,
    work,
  }: {
    readonly method: MethodName;
    readonly byteLength: number;
    readonly work: () => Promise<Uint8Array>;
  },
): Promise<Uint8Array> {
  try {
    return await bytesUnderWay.count(byteLength, work);
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    return refusedAnswer(method, failure);
  }
}

function callOf(raw: RawCall, signal: AbortSignal, { nowMs }: GrpcDeps): ServerCall {
  const [databaseName] = raw.metadata.get('dbname');
  const timeoutMs = Number(raw.getDeadline()) - nowMs();
  return {
    databaseName: String(databaseName ?? ''),
    options: {
      signal,
      ...(Number.isFinite(timeoutMs) ? { timeoutMs: Math.max(0, timeoutMs) } : {}),
    },
  };
}

function refusal(failure: unknown): Partial<grpc.StatusObject> {
  if (failure instanceof MalformedBytes) {
    const details = `the request is no message of this call: ${failure.message}`;
    return { code: grpc.status.INVALID_ARGUMENT, details };
  }
  const details = failure instanceof Error ? failure.message : String(failure);
  return { code: grpc.status.INTERNAL, details };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
