/**
 * The messages and the service of Milvus as TypeScript: types for the compiler, tables for src/wire. They come
 * from the descriptors that the official Node SDK ships, and are made again by every build:
 *
 *   node tools/generate-wire.ts
 *
 * A message is there when a call of the service, or ROOTS, can reach it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const OUTPUT = join(import.meta.dirname, '..', 'src', 'wire', 'generated', 'milvus.ts');
const DESCRIPTORS = '@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.base.js';
const SERVICE = 'milvus.proto.milvus.MilvusService';
/** Messages that travel as the bytes of a field. */
const ROOTS = [
  'milvus.proto.schema.CollectionSchema',
  'milvus.proto.common.PlaceholderGroup',
  'milvus.proto.common.ErrorCode',
];
/** Repeated text and bytes that hold a column. */
const COLUMNS: Readonly<Record<string, 'texts' | 'blobs'>> = {
  'StringArray.data': 'texts',
  'BytesArray.data': 'blobs',
  'JSONArray.data': 'blobs',
  'GeometryArray.data': 'blobs',
  'GeometryWktArray.data': 'texts',
};
const SCALARS: Readonly<Record<string, string>> = {
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
  bool: 'boolean',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
};
const LISTS: Readonly<Record<string, string>> = {
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  int64: 'BigInt64Array',
  uint64: 'BigUint64Array',
  bool: 'Uint8Array',
  float: 'Float32Array',
  double: 'Float64Array',
};

interface FieldNode {
  readonly type: string;
  readonly id: number;
  readonly rule?: 'repeated';
  readonly keyType?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

interface MethodNode {
  readonly requestType: string;
  readonly responseType: string;
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
}

interface Node {
  readonly nested?: Readonly<Record<string, Node>>;
  readonly fields?: Readonly<Record<string, FieldNode>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<Record<string, MethodNode>>;
}

const root = (createRequire(import.meta.url)(DESCRIPTORS) as { readonly default: Node }).default;

function nodeAt(path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path.split('.')) node = node?.nested?.[name];
  return node;
}

/** The full name of `type` as a message or the service at `scope` means it. */
function resolve(type: string, scope: string): string {
  const parts = scope.split('.');
  for (let length = parts.length; length >= 0; length--) {
    const path = [...parts.slice(0, length), type].join('.');
    const node = nodeAt(path);
    if (node?.fields !== undefined || node?.values !== undefined) return path;
  }
  throw new Error(`${type} is not known in ${scope}`);
}

const reached = new Set<string>();

function reach(path: string): void {
  if (reached.has(path)) return;
  reached.add(path);
  for (const { type } of Object.values(nodeAt(path)?.fields ?? {})) {
    if (SCALARS[type] === undefined) reach(resolve(type, path));
  }
}

const service = nodeAt(SERVICE)?.methods ?? {};
for (const path of ROOTS) reach(path);
for (const { requestType, responseType } of Object.values(service)) {
  reach(resolve(requestType, SERVICE));
  reach(resolve(responseType, SERVICE));
}

/** Short names; where two packages share one, all but Milvus's own carry their package. */
function typeNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const own = 'milvus.proto.milvus.';
  const paths = [...reached].sort((a, b) => Number(b.startsWith(own)) - Number(a.startsWith(own)));
  for (const path of paths) {
    const parts = path.replace(/^milvus\.proto\./, '').split('.');
    const [, ...rest] = parts;
    const short = rest.join('');
    const name = taken.has(short)
      ? parts.map((part) => part[0]!.toUpperCase() + part.slice(1)).join('')
      : short;
    if (taken.has(name)) throw new Error(`two types are called ${name}`);
    taken.add(name);
    names.set(path, name);
  }
  return names;
}

const names = typeNames();
const nameOf = (path: string): string => names.get(path) ?? path;
const paths = [...reached].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

interface FieldPlan {
  readonly rule: string;
  readonly kind: string;
  readonly message: string | null;
  readonly keyKind: string;
  /** In TypeScript. */
  readonly type: string;
}

function planOf(path: string, name: string, field: FieldNode): FieldPlan {
  const scalar = SCALARS[field.type];
  const target = scalar === undefined ? resolve(field.type, path) : null;
  const isEnum = target !== null && nodeAt(target)?.values !== undefined;
  const kind = isEnum ? 'int32' : target === null ? field.type : 'message';
  const message = target === null || isEnum ? null : nameOf(target);
  const single = isEnum ? 'number' : (scalar ?? nameOf(target ?? ''));
  const common = { kind, message, keyKind: field.keyType ?? 'string' };
  if (field.keyType !== undefined) {
    const type = `ReadonlyMap<${SCALARS[field.keyType]!}, ${single}>`;
    return { ...common, rule: 'map', type };
  }
  if (field.rule === 'repeated') {
    const column = COLUMNS[`${nameOf(path)}.${name}`];
    if (column !== undefined) return { ...common, rule: column, type: 'ByteList' };
    return { ...common, rule: 'list', type: LISTS[kind] ?? `readonly ${single}[]` };
  }
  if (kind === 'message') return { ...common, rule: 'single', type: `${single} | null` };
  const oneofs = Object.values(nodeAt(path)?.oneofs ?? {});
  if (!oneofs.some(({ oneof }) => oneof.includes(name))) {
    return { ...common, rule: 'single', type: single };
  }
  return { ...common, rule: 'optional', type: `${single} | undefined` };
}

function messageText(path: string): string {
  const name = nameOf(path);
  const fields = Object.entries(nodeAt(path)?.fields ?? {}).map(
    ([field, node]) => [field, node.id, planOf(path, field, node)] as const,
  );
  const members = fields.map(([field, , plan]) => `  readonly ${field}: ${plan.type};`);
  const rows = fields.map(([field, id, { rule, kind, message, keyKind }]) => {
    const more = [
      ...(message === null ? [] : [`message: ${message}`]),
      ...(rule === 'map' ? [`keyKind: '${keyKind}'`] : []),
    ];
    const last = more.length === 0 ? '' : `, { ${more.join(', ')} }`;
    return `  row([${id}, '${field}'], '${rule}', '${kind}'${last}),`;
  });
  return [
    `export interface ${name} {`,
    ...members,
    '}',
    `export const ${name}: MessageType<${name}> = new MessageType('${name}', () => [`,
    ...rows,
    ']);',
  ].join('\n');
}

function enumText(path: string): string {
  const values = Object.entries(nodeAt(path)?.values ?? {});
  const rows = values.map(([name, value]) => `  ${name}: ${value},`);
  return [`export const ${nameOf(path)} = {`, ...rows, '} as const;'].join('\n');
}

function serviceText(): string {
  const rows = Object.entries(service).map(([name, method]) => {
    const types = [method.requestType, method.responseType].map((type) =>
      nameOf(resolve(type, SERVICE)),
    );
    const isStream = method.requestStream === true || method.responseStream === true;
    return `  ${name}: { request: ${types[0]!}, response: ${types[1]!}, isStream: ${String(isStream)} },`;
  });
  return [
    `export const SERVICE_NAME = '${SERVICE}';`,
    'export const METHODS: {',
    ...Object.entries(service).map(([name, method]) => {
      const types = [method.requestType, method.responseType].map((type) =>
        nameOf(resolve(type, SERVICE)),
      );
      return `  readonly ${name}: MethodType<${types[0]!}, ${types[1]!}>;`;
    }),
    '} = {',
    ...rows,
    '};',
  ].join('\n');
}

const HEAD = `// Made by tools/generate-wire.ts from the descriptors of the official Node SDK.
import type { ByteList } from '../byte-lists.ts';
import { MessageType, type MethodType, row } from '../message-type.ts';`;

const text = `${[
  HEAD,
  ...paths.map((path) => (nodeAt(path)?.values === undefined ? messageText(path) : enumText(path))),
  serviceText(),
].join('\n\n')}\n`;

/** Writes the file when it is not there or says something else. */
export function generateWire(): void {
  if (existsSync(OUTPUT) && readFileSync(OUTPUT, 'utf8') === text) return;
  mkdirSync(dirname(OUTPUT), { recursive: true });
  writeFileSync(OUTPUT, text);
}

if (process.argv[1] === import.meta.filename) generateWire();
