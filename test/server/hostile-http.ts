/**
 * HTTP as no honest client speaks it, of every kind that a seed can think of: methods, headers, lengths and
 * bodies that are wrong or lie, JSON that is deep, huge or mutated, requests in rows with garbage between them,
 * and clients that say half and leave, or say nothing.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../sim/seeded-random.ts';

/** What a client says, and how it leaves. */
export interface HostileHttp {
  readonly pieces: readonly (string | Buffer)[];
  /** Milliseconds between two pieces. */
  readonly pauseMs: number;
  /** `end`: has said all, and waits for the answer; `vanish`: is gone without a word. */
  readonly leave: 'end' | 'vanish';
}

export interface Route {
  readonly path: string;
  readonly method: 'GET' | 'POST';
}

const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'POKE',
  'get',
];
const TYPES = ['text/plain', 'multipart/form-data', 'application/json; charset=utf-16', '', 'é'];
const KEYS = [
  ...[
    'collectionName',
    'dbName',
    'data',
    'filter',
    'ids',
    'id',
    'limit',
    'offset',
    'annsField',
    'schema',
  ],
  ...[
    'outputFields',
    'partitionName',
    'partitionNames',
    'indexParams',
    'indexName',
    'fieldName',
    'fields',
  ],
  ...[
    'searchParams',
    'params',
    'exprParams',
    'vector',
    'dimension',
    'metricType',
    'search',
    'rerank',
  ],
  ...[
    'aliasName',
    'properties',
    'propertyKeys',
    'jobId',
    'files',
    'options',
    'userName',
    'password',
  ],
  ...[
    'roleName',
    'privilege',
    'objectType',
    'groupingField',
    'consistencyLevel',
    'newCollectionName',
  ],
  ...[
    'newDbName',
    'text',
    'analyzerParams',
    'name',
    'resourceGroup',
    'config',
    'segmentIDs',
    'replicaNum',
  ],
  ...[
    'dataType',
    'isPrimary',
    'elementDataType',
    'elementTypeParams',
    'fieldOps',
    'functions',
    'v',
    'tag',
  ],
];
const TEXTS = [
  ...[
    'books',
    'default',
    '_default',
    'v',
    'id',
    'tag',
    'id > 0',
    'id in [1,2]',
    'L2',
    'COSINE',
    'AUTOINDEX',
  ],
  ...[
    '',
    ' ',
    '\u0000',
    '../../etc/passwd',
    'é'.repeat(300),
    '((((((',
    '💥',
    '-1',
    '1',
    '1e999',
    'true',
    'null',
  ],
  ...[
    '{"a":1}',
    'Int64',
    'FloatVector',
    '*',
    'count(*)',
    '$meta',
    'Bounded',
    '2024-01-01T00:00:00Z',
  ],
];
/** As they stand in JSON: JavaScript could not write some of them. */
const NUMBERS = [
  ...['0', '1', '-1', '10', '1.5', '1e999', '-1e999', '1e-999', '-0', '9223372036854775807'],
  ...[
    '9223372036854775808',
    '1'.repeat(400),
    `0.${'3'.repeat(400)}`,
    '2147483648',
    '1e2',
    '01',
    'NaN',
  ],
];
const DEPTH = 100_000;
const SLOW_MS = 5;
const HELD_MS = 50;

type Maker = (route: Route, random: SeededRandom) => HostileHttp;

/** Every kind, by its name. */
export const KINDS: Readonly<Record<string, Maker>> = {
  'wrong method': (route, random) =>
    whole([requestOf({ ...route, method: random.pick(METHODS) }, randomJson(random))]),
  'wrong content type': (route, random) =>
    whole([requestOf(route, randomJson(random), { 'content-type': random.pick(TYPES) })]),
  'plausible JSON': (route, random) => whole([requestOf(route, randomJson(random))]),
  'plausible JSON again': (route, random) => whole([requestOf(route, randomJson(random))]),
  'JSON with names': (route, random) => whole([requestOf(route, namedJson(random))]),
  'JSON with names again': (route, random) => whole([requestOf(route, namedJson(random))]),
  'mutated JSON': (route, random) => whole([requestOf(route, mutated(namedJson(random), random))]),
  'mutated bytes': (route, random) =>
    whole([requestOf(route, flipped(Buffer.from(namedJson(random)), random))]),
  'deep JSON': (route, random) => whole([requestOf(route, deepJson(random))]),
  'huge numbers': (route, random) =>
    whole([
      requestOf(route, `{"collectionName":"books","${random.pick(KEYS)}":${random.pick(NUMBERS)}}`),
    ]),
  'no object': (route, random) =>
    whole([
      requestOf(route, random.pick(['', 'null', '[]', '7', '"x"', '{', '}', '{}{}', '\ufeff{}'])),
    ]),
  'keys of objects': (route, random) =>
    whole([
      requestOf(
        route,
        `{"${random.pick(['__proto__', 'constructor', 'toString'])}":${randomJson(random)}}`,
      ),
    ]),
  'too short a length': (route, random) =>
    whole([requestOf(route, randomJson(random), { 'content-length': '3' })]),
  'too long a length': (route, random) =>
    whole([requestOf(route, randomJson(random), { 'content-length': '4000' })]),
  'no number for a length': (route, random) =>
    whole([
      requestOf(route, '{}', {
        'content-length': random.pick(['-1', '1e3', '0x2', '', '2, 2', 'two']),
      }),
    ]),
  'more than the server takes': (route) =>
    whole([requestOf(route, '{', { 'content-length': String(65 * 1024 * 1024) })]),
  'two lengths': (route) => whole([requestOf(route, '{}', { 'transfer-encoding': 'chunked' })]),
  'chunks that are none': (route, random) =>
    whole([
      headOf(route, { 'transfer-encoding': 'chunked' }),
      random.pick([
        'zz\r\n{}\r\n',
        '-2\r\n{}\r\n',
        '2\r\n{}',
        'ffffffffffffffff1\r\n',
        '2;a=\u0000\r\n{}\r\n0\r\n',
      ]),
    ]),
  'chunks without an end': (route) => ({
    pieces: [headOf(route, { 'transfer-encoding': 'chunked' }), '1\r\n{\r\n', '1\r\n"\r\n'],
    pauseMs: SLOW_MS,
    leave: 'vanish',
  }),
  'unknown encoding': (route) =>
    whole([requestOf(route, '{}', { 'transfer-encoding': 'gzip', 'content-encoding': 'br' })]),
  'many headers': (route, random) =>
    whole([requestOf(route, '{}', manyHeaders(random.pick([150, 3000])))]),
  'long headers': (route, random) =>
    whole([
      requestOf(route, '{}', {
        [random.pick(['x-a', 'db-name', 'authorization'])]: 'a'.repeat(20_000),
      }),
    ]),
  'broken headers': (route, random) =>
    whole([
      `${route.method} ${route.path} HTTP/1.1\r\n`,
      random.pick([
        'Host x\r\n\r\n',
        'Host: x\r\n : y\r\n\r\n',
        'Host: \u0000\r\n\r\n',
        '\r\r\n\n',
        'a:b\nc: d\n\n',
      ]),
    ]),
  'odd headers': (route, random) =>
    whole([
      requestOf(route, '{}', {
        [random.pick([
          'request-timeout',
          'db-name',
          'accept-type-allow-int64',
          'x-milvus-trace-id',
        ])]: random.pick(['-1', '1e9', 'é', '', '99999999999999', 'default', 'true']),
      }),
    ]),
  'long path': (route, random) =>
    whole([requestOf({ ...route, path: `${route.path}${random.pick(TAILS)}` }, '{}')]),
  'other versions': (route, random) =>
    whole([
      `${route.method} ${route.path} HTTP/${random.pick(['0.9', '1.0', '2.0', '9.9', 'x'])}\r\nHost: x\r\n\r\n`,
    ]),
  'pipelined garbage': (route, random) =>
    whole([
      ...Array.from({ length: 5 }, () =>
        requestOf(route, namedJson(random), { connection: 'keep-alive' }),
      ),
      Buffer.from(random.bytes(100)),
    ]),
  'half of a request': (route, random) => {
    const bytes = requestOf(route, randomJson(random));
    return whole([bytes.subarray(0, random.integer(bytes.length))]);
  },
  'a byte at a time': (route) => ({
    pieces: [...headOf(route).slice(0, 40)],
    pauseMs: SLOW_MS,
    leave: 'vanish',
  }),
  'gone at once': (route, random) => ({
    pieces: [requestOf(route, namedJson(random))],
    pauseMs: 0,
    leave: 'vanish',
  }),
  'a body that was promised': (route) => ({
    pieces: [headOf(route, { 'content-length': '2', expect: '100-continue' })],
    pauseMs: HELD_MS,
    leave: 'vanish',
  }),
  'the preface of HTTP/2': (_route, random) =>
    whole([
      random.pick(['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\n', 'PRI', 'PRI x']),
      Buffer.from(random.bytes(random.integer(300))),
    ]),
  'frames of HTTP/2': (_route, random) => whole([framesOf(random)]),
  'another protocol': (_route, random) =>
    whole([
      random.pick<string | Buffer>([
        Buffer.from('160301020001000', 'hex'),
        'SSH-2.0-x\r\n',
        'EHLO x\r\n',
        '\r\n\r\n\r\n',
        Buffer.from(random.bytes(64)),
        '',
      ]),
    ]),
};

const TAILS = [
  `?${'a'.repeat(9000)}`,
  '?a=%',
  '?dbName=%00&collectionName=%ff',
  '/../..',
  '%2e%2e',
  '?',
  '#x',
  ';',
];

export interface HttpAnswer {
  /** Null: nothing came but the end of the connection. */
  readonly status: number | null;
  readonly text: string;
  readonly isLate: boolean;
}

/** Says it, and listens until the server closes, the client leaves or `lateMs` are over. */
export async function say(
  port: number,
  { pieces, pauseMs, leave }: HostileHttp,
  lateMs: number,
): Promise<HttpAnswer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  socket.on('data', (chunk) => chunks.push(chunk));
  // What the server does with the connection is its answer.
  socket.on('error', () => socket.destroy());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    if (pauseMs > 0) await delay(pauseMs);
  }
  if (leave === 'vanish') socket.resetAndDestroy();
  if (leave === 'end') socket.end();
  const late = new AbortController();
  const isLate = await Promise.race([
    closed.then(() => false),
    delay(lateMs, true, { signal: late.signal }),
  ]);
  late.abort();
  socket.destroy();
  const text = Buffer.concat(chunks).toString();
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text.replace(/^HTTP\/1\.1 100[^]*?\r\n\r\n/, ''))?.[1];
  return { status: status === undefined ? null : Number(status), text, isLate };
}

function whole(pieces: HostileHttp['pieces']): HostileHttp {
  return { pieces, pauseMs: 0, leave: 'end' };
}

type Headers = Readonly<Record<string, string>>;

function headOf(
  { method, path }: { readonly method: string; readonly path: string },
  headers: Headers = {},
): string {
  const given: Headers = { host: '127.0.0.1', connection: 'close', ...headers };
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function requestOf(
  route: { readonly method: string; readonly path: string },
  body: string | Buffer,
  headers: Headers = {},
): Buffer {
  const bytes = Buffer.from(body);
  const head = headOf(route, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  });
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

function manyHeaders(count: number): Headers {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, String(i)]));
}

function randomJson(random: SeededRandom, depth = 0): string {
  const kind = depth > 3 ? random.integer(3) : random.integer(6);
  const many = (make: () => string): string =>
    Array.from({ length: random.integer(5) }, make).join(',');
  switch (kind) {
    case 0:
      return JSON.stringify(random.pick(TEXTS));
    case 1:
      return random.pick(NUMBERS.slice(0, -2));
    case 2:
      return random.pick(['true', 'false', 'null']);
    case 3:
      return `[${many(() => randomJson(random, depth + 1))}]`;
    default:
      return `{${many(() => `"${random.pick(KEYS)}":${randomJson(random, depth + 1)}`)}}`;
  }
}

/** With what most endpoints want first, so that some come further. */
function namedJson(random: SeededRandom): string {
  const more = Array.from(
    { length: random.integer(8) },
    () => `,"${random.pick(KEYS)}":${randomJson(random, 1)}`,
  );
  return `{"collectionName":${random.pick(['"books"', '"books"', '7', '""'])}${more.join('')}}`;
}

function mutated(text: string, random: SeededRandom): string {
  const at = random.integer(text.length);
  const odd = ['"', '{', '[', ',', ':', '\\', '\\ud800', '\u0000', '1e', '//', "'"];
  switch (random.integer(3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.pick(odd) + text.slice(at);
    default:
      return text.slice(0, at) + random.pick(odd) + text.slice(at + 3) + text;
  }
}

function flipped(bytes: Buffer, random: SeededRandom): Buffer {
  for (let i = 0; i < 4; i++) bytes[random.integer(bytes.length)] = random.integer(256);
  return bytes;
}

function deepJson(random: SeededRandom): string {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"data":', '}'],
    ['[{"a":', '}]'],
  ] as const);
  const inner = open.repeat(DEPTH) + (random.chance(0.5) ? `1${close.repeat(DEPTH)}` : '');
  return `{"collectionName":"books","${random.pick(KEYS)}":${inner}}`;
}

/** The preface and settings as they should be, then frames with lengths, types and streams of any kind. */
function framesOf(random: SeededRandom): Buffer {
  const frame = (type: number, flags: number, stream: number, payload: Uint8Array): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(random.chance(0.2) ? random.integer(2 ** 24) : payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const frames = Array.from({ length: random.integer(20) }, () => {
    const payload = random.bytes(random.pick([0, 4, 5, 6, 8, 40]));
    return frame(
      random.integer(12),
      random.integer(256),
      random.pick([0, 1, 2, 3, 2 ** 31]),
      payload,
    );
  });
  return Buffer.concat([preface, frame(4, 0, 0, new Uint8Array(0)), ...frames]);
}
