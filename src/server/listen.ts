/**
 * One port for two protocols: a connection that begins with the preface of HTTP/2 is gRPC's, any other is
 * HTTP/1's. One that does not say which it is within a minute is closed.
 */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { invalidParameter, milvusError } from '../base/errors.ts';

/** The first bytes of `PRI * HTTP/2.0`; no method of HTTP/1 begins so. */
const PREFACE = Buffer.from('PRI ');
const SILENCE_MS = 60_000;
/** For the headers of a request, and for all of it. */
const HEADERS_MS = 20_000;
const REQUEST_MS = 120_000;
/** How often it is looked whether that is over. */
const LOOK_MS = 2000;
/** Of one server; more are refused at once. */
const CONNECTIONS_MAX = 10_000;

export interface Listening {
  readonly port: number;
  /** Takes no new connections. */
  close(): Promise<void>;
  /** Ends those of HTTP/1 too. */
  destroy(): void;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly onHttp2: (connection: Duplex) => void;
  readonly onRequest: RequestListener;
}

/** @throws MilvusError ServiceUnavailable when the port is taken */
export async function listen(options: ListenOptions): Promise<Listening> {
  const http = createHttpServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: LOOK_MS,
    },
    options.onRequest,
  );
  // It never listens by itself, and would not look at its clients' time otherwise.
  http.emit('listening');
  const connections = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    // A client that goes away in the middle is no fault of ours.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    route(socket, {
      toHttp1: () => http.emit('connection', socket),
      toHttp2: () => {
        // Nobody says half of a call: who has said all is gone. A request of HTTP/1 may be all there is.
        socket.allowHalfOpen = false;
        options.onHttp2(socket);
      },
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closed(server),
    destroy: () => {
      http.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** Looks at the first bytes, puts them back, and hands the connection on. */
function route(
  socket: Socket,
  { toHttp1, toHttp2 }: { readonly toHttp1: () => void; readonly toHttp2: () => void },
): void {
  // Put back only once it is decided: what is put back is announced again at once.
  const pieces: Buffer[] = [];
  const look = (): void => {
    const piece = socket.read() as Buffer | null;
    if (piece === null) return;
    pieces.push(piece);
    const seen = Buffer.concat(pieces);
    const length = Math.min(seen.length, PREFACE.length);
    const isPreface = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
    // Three bytes may be the beginning of either.
    if (isPreface && length < PREFACE.length) return;
    socket.off('readable', look);
    socket.off('end', leave);
    socket.unshift(seen);
    // An answer may take longer, and clients of gRPC keep their connection for when they need it; who says
    // only half of a request of HTTP/1 is found by the times that it has for one.
    socket.setTimeout(0);
    if (isPreface) toHttp2();
    else toHttp1();
  };
  const leave = (): void => {
    socket.destroy();
  };
  socket.on('readable', look);
  socket.on('end', leave);
}

async function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (failure) => reject(portFailure(failure, { host, port })));
    server.listen({ host, port }, resolve);
  });
}

function portFailure(
  failure: Error,
  place: { readonly host: string; readonly port: number },
): Error {
  const code = 'code' in failure ? String(failure.code) : '';
  if (code === 'EADDRINUSE') {
    const message = `port ${place.port} is taken`;
    return milvusError('ServiceUnavailable', { message, fields: place }, failure);
  }
  return invalidParameter(`cannot listen: ${failure.message}`, place);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
