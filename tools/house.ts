/**
 * The rules of the house as data. `test/tidy.test.ts` enforces them, `tools/generate-docs.ts`
 * draws the folder map from them, and `.oxlintrc.json` repeats the import layers for editors.
 * To change a rule, change it here and say why in the commit.
 */

export interface Folder {
  /** Folder of src; '' is src itself, the entry files. */
  readonly name: string;
  /** Level in the import order: a folder imports from lower levels only, and only what is listed. */
  readonly level: number;
  readonly imports: readonly string[];
  /** One sentence for the folder map. */
  readonly what: string;
}

const lower = ['base', 'schema', 'storage', 'meta', 'query', 'index', 'scalar'];
const engine = [...lower, 'wal', 'segments', 'search'];

export const FOLDERS: readonly Folder[] = [
  {
    name: 'base',
    level: 0,
    imports: [],
    what: 'What every file may use; knows nothing of Milvus but its error codes and limits.',
  },
  {
    name: 'wire',
    level: 1,
    imports: ['base'],
    what: 'The messages of Milvus on the wire: Protocol Buffers, read and written.',
  },
  {
    name: 'schema',
    level: 1,
    imports: ['base'],
    what: 'The data model: types, fields, schemas and their rules, rows as typed columns.',
  },
  {
    name: 'storage',
    level: 2,
    imports: ['base'],
    what: 'Bytes at rest: the disk and object ports, file names, the directory lock.',
  },
  {
    name: 'meta',
    level: 2,
    imports: ['base', 'schema', 'storage'],
    what: 'What the database knows about itself: catalog, manifest pointers, ids, clocks.',
  },
  {
    name: 'query',
    level: 2,
    imports: ['base', 'schema'],
    what: 'The filter language, from text to a bitmap over columns.',
  },
  {
    name: 'index',
    level: 2,
    imports: ['base', 'schema'],
    what: 'Metrics, distance kernels, the indexes over vectors, and all indexes by name.',
  },
  {
    name: 'scalar',
    level: 3,
    imports: ['base', 'schema', 'query', 'index'],
    what: 'Indexes over scalars: how they are built, and what they answer of a filter.',
  },
  {
    name: 'wal',
    level: 3,
    imports: ['base', 'schema', 'storage'],
    what: 'The log: what is durable is what the log says.',
  },
  {
    name: 'segments',
    level: 4,
    imports: ['base', 'schema', 'storage', 'index', 'scalar'],
    what: 'Rows in memory and on disk: growing and sealed segments, manifests, deletes, policies.',
  },
  {
    name: 'search',
    level: 5,
    imports: ['base', 'schema', 'storage', 'query', 'index', 'scalar', 'segments'],
    what: 'Reading: plans, their execution over one segment, and merging what comes back.',
  },
  {
    name: 'core',
    level: 6,
    imports: engine,
    what: 'The database: the five roles, the ports between them, recovery, and how all is joined.',
  },
  {
    name: 'api',
    level: 7,
    imports: ['base', 'schema', 'core'],
    what: 'The typed public layer: schema builders, MilvusLite, collections.',
  },
  {
    name: 'imports',
    level: 6,
    imports: ['base', 'schema', 'core'],
    what: 'Files of rows (JSON, CSV, NumPy, Parquet) into collections, as jobs.',
  },
  {
    name: 'rest',
    level: 7,
    imports: ['base', 'wire', 'schema', 'core', 'imports'],
    what: "Milvus's HTTP interface: JSON over the calls of the service.",
  },
  {
    name: 'server',
    level: 8,
    imports: ['base', 'wire', 'schema', 'query', 'core', 'imports', 'rest'],
    what: "Milvus's protocols over the database: translation only.",
  },
  {
    name: 'compat',
    level: 8,
    imports: ['base', 'core', 'imports', 'server'],
    what: "The official Node SDK's calls over a database in this process.",
  },
  {
    name: 'testing',
    level: 8,
    imports: ['base', 'core', 'server'],
    what: "Servers for other programs' tests.",
  },
  {
    name: 'cli',
    level: 9,
    imports: [
      'base',
      'schema',
      'storage',
      'meta',
      'wal',
      'segments',
      'core',
      'api',
      'imports',
      'server',
    ],
    what: 'The commands of `mlite`, one file each.',
  },
];

/** Entry files of src and the folders each may import from. */
export const ENTRY_FILES: Readonly<Record<string, readonly string[]>> = {
  'src/index.ts': ['base', 'schema', 'index', 'core', 'api'],
  'src/compat.ts': ['compat'],
  'src/testing.ts': ['testing'],
  'src/cli.ts': ['base', 'schema', 'core', 'api', 'cli'],
  'src/bin.ts': [],
};

/** What users import by a name of the package: these files pass names on. */
export const PUBLIC_DOORS: readonly string[] = ['src/index.ts', 'src/compat.ts', 'src/testing.ts'];

/** Third-party packages of src, and the only files that import each, so that each can be replaced. */
export const PACKAGE_FILES: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['src/meta/sqlite-store.ts', 'src/storage/directory-lock.ts'],
  'apache-arrow': ['src/segments/segment-file.ts'],
  piscina: ['src/search/pool.ts'],
  commander: ['src/cli.ts'],
  '@grpc/grpc-js': ['src/server/grpc-server.ts'],
  '@zilliz/milvus2-sdk-node': ['src/compat.ts'],
  'prom-client': ['src/server/metric-registry.ts'],
  yaml: ['src/cli/yaml-file.ts'],
  hyparquet: ['src/imports/parquet-rows.ts'],
  jsts: ['src/query/geometry-library.ts'],
};

/** The only files of src with `import()`: heavy packages and commands are loaded when first needed. */
export const DYNAMIC_IMPORT_FILES: readonly string[] = [
  'src/segments/segment-file.ts',
  'src/query/geometry-relations.ts',
  'src/search/pool.ts',
  'src/cli.ts',
  'src/bin.ts',
];

export interface Gate {
  readonly name: string;
  /** Matched against code without comments and strings. */
  readonly code: RegExp | null;
  /** Matched against import specifiers. */
  readonly modules: RegExp | null;
  /** Files of src that may pass; a name that ends in `/` is a folder. */
  readonly files: readonly string[];
  readonly mend: string;
}

const commandLine = ['src/bin.ts', 'src/cli.ts', 'src/cli/'];

/** The world comes in through ports: without that there is no deterministic simulation. */
export const GATES: readonly Gate[] = [
  {
    name: 'the clock',
    code: /\bDate\.now\b|(?<!new )\bDate\(\s*\)|\bnew Date\b(?!\s*\(\s*[^\s)])|\bperformance\b|\bAbortSignal\.timeout\b/,
    modules: /^node:perf_hooks$/,
    files: ['src/base/clock.ts', ...commandLine],
    mend: 'take a Clock (src/base/clock.ts) as a parameter',
  },
  {
    name: 'a timer',
    code: /\bset(?:Timeout|Interval|Immediate)\b|\bAtomics\.wait/,
    modules: /^node:timers/,
    files: [
      'src/base/clock.ts',
      'src/search/pool.ts',
      'src/search/worker.ts',
      'src/server/listen.ts',
      ...commandLine,
    ],
    mend: 'take a Clock (src/base/clock.ts) as a parameter',
  },
  {
    name: 'a random source',
    code: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/,
    modules: null,
    files: ['src/base/random.ts', ...commandLine],
    mend: 'take a Random (src/base/random.ts) as a parameter',
  },
  {
    name: 'the file system',
    code: null,
    modules: /^node:fs(?:\/promises)?$/,
    files: [
      'src/storage/node-disk.ts',
      'src/storage/directory-lock.ts',
      'src/meta/sqlite-store.ts',
      'src/server/this-machine.ts',
      'src/testing/milvus-server.ts',
      ...commandLine,
    ],
    mend: 'take a Disk (src/storage/disk.ts) as a parameter',
  },
  {
    name: 'the network',
    code: /(?<![.\w])fetch\s*\(|\bWebSocket\b/,
    modules: /^node:(?:net|http|https|http2|tls|dgram|dns|dns\/promises|inspector)$/,
    files: ['src/server/listen.ts', 'src/server/management-listener.ts', 'src/rest/'],
    mend: 'the embedded engine opens no socket',
  },
  {
    name: 'a thread',
    code: /\bnew Worker\s*\(|\bBroadcastChannel\b/,
    modules: /^node:(?:worker_threads|cluster)$/,
    files: ['src/search/pool.ts', 'src/search/worker.ts'],
    mend: 'take Workers (src/base/workers.ts) as a parameter',
  },
  {
    name: 'a child process',
    code: null,
    modules: /^node:child_process$/,
    files: ['src/cli/'],
    mend: 'only a command starts processes',
  },
  {
    name: 'the process or the machine',
    code: /(?<![.\w#])process\s*[.[]/,
    modules: /^node:(?:process|os)$/,
    files: [
      'src/base/native.ts',
      'src/storage/node-disk.ts',
      'src/storage/directory-lock.ts',
      'src/search/pool.ts',
      'src/search/worker.ts',
      'src/core/open.ts',
      'src/server/this-machine.ts',
      'src/testing/milvus-server.ts',
      ...commandLine,
    ],
    mend: 'take what you need as a parameter; a library installs no handler and reads no environment',
  },
  {
    name: 'the console',
    code: /\bconsole\b/,
    modules: /^node:console$/,
    files: commandLine,
    mend: 'take a Logger (src/base/logger.ts) as a parameter; the library prints nothing',
  },
];

/** Files of a folder, by their names without the ending, that one file tests. */
function testedBy(test: string, folder: string, names: string): Record<string, string> {
  const files = names.split(/\s+/).map((name) => `${folder}/${name}.ts`);
  return Object.fromEntries(files.map((file) => [file, test]));
}

/**
 * Files of src that have no test file of their own name, and the one that tests them.
 * Files that export types only need no entry.
 */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  // The assemblies, by the suite of what they offer; parts of a shard, by what they do together.
  'src/core/engine.ts': 'test/core/service.test.ts',
  'src/core/frontend.ts': 'test/core/service.test.ts',
  'src/core/frontend-reads.ts': 'test/core/service.test.ts',
  'src/core/frontend-search.ts': 'test/core/service.test.ts',
  'src/core/read-scope.ts': 'test/core/service.test.ts',
  'src/core/aggregate-reads.ts': 'test/suites/service-aggregate-suite.ts',
  'src/core/bucket-search.ts': 'test/suites/service-bucket-suite.ts',
  'src/core/search-by-ids.ts': 'test/suites/service-bucket-suite.ts',
  'src/core/grouped-search.ts': 'test/suites/service-group-suite.ts',
  'src/core/paged-hits.ts': 'test/suites/service-group-suite.ts',
  'src/core/frontend-writes.ts': 'test/core/service.test.ts',
  'src/api/checks.ts': 'test/api/arguments.test.ts',
  'src/core/index-coverage.ts': 'test/core/index-builds.test.ts',
  'src/scalar/dictionary.ts': 'test/scalar/term-dictionary.test.ts',
  'src/query/geometry-library.ts': 'test/query/geometry-relations.test.ts',
  'src/server/iterator-answers.ts': 'test/server/iterators.test.ts',
  'src/core/coordinator-snapshots.ts': 'test/core/frontend-snapshots.test.ts',
  'src/core/shard-cut.ts': 'test/core/frontend-snapshots.test.ts',
  'src/core/shard-restore.ts': 'test/core/frontend-snapshots.test.ts',
  'src/core/shard-manifest.ts': 'test/core/shard-compaction.test.ts',
  // Parts of one thing, by what they do together.
  'src/segments/delete-file.ts': 'test/segments/sealed-segment.test.ts',
  'src/segments/segment-keys.ts': 'test/segments/sealed-segment.test.ts',
  'src/segments/build-index.ts': 'test/segments/segment-index.test.ts',
  'src/search/aggregate-names.ts': 'test/suites/service-aggregate-suite.ts',
  'src/search/ordered-rows.ts': 'test/suites/service-aggregate-suite.ts',
  'src/search/bucket-names.ts': 'test/suites/service-bucket-suite.ts',
  'src/search/buckets.ts': 'test/suites/service-bucket-suite.ts',
  'src/search/group-merge.ts': 'test/suites/service-group-suite.ts',
  'src/search/merge-scans.ts': 'test/search/query.test.ts',
  'src/search/value-names.ts': 'test/suites/service-group-suite.ts',
  'src/search/tie-order.ts': 'test/search/scan.test.ts',
  'src/search/vectors.ts': 'test/search/scan.test.ts',
  'src/core/tuning.ts': 'test/core/streaming-node.test.ts',
  // A port with one check of its own, by the suite of its implementations.
  'src/wal/log.ts': 'test/suites/log-suite.ts',
  // The choice between two implementations, by the suite of both.
  'src/index/kernels.ts': 'test/index/flat.test.ts',
  // Parts of a graph, by what they do together; the port of indexes, by its suite.
  'src/index/code-encoder.ts': 'test/index/codes.test.ts',
  'src/index/code-query.ts': 'test/index/codes.test.ts',
  'src/index/code-training.ts': 'test/index/codes.test.ts',
  'src/index/hnsw-build.ts': 'test/index/hnsw.test.ts',
  'src/index/hnsw-search.ts': 'test/index/hnsw.test.ts',
  'src/index/minhash-build.ts': 'test/index/minhash.test.ts',
  'src/index/minhash-search.ts': 'test/index/minhash.test.ts',
  'src/index/minhash-signature.ts': 'test/index/minhash.test.ts',
  'src/index/vector-index.ts': 'test/suites/vector-index-suite.ts',
  // Parts of lists, by what they do together.
  'src/index/ivf-build.ts': 'test/index/ivf.test.ts',
  'src/index/ivf-codes.ts': 'test/index/ivf.test.ts',
  'src/index/ivf-search.ts': 'test/index/ivf.test.ts',
  'src/index/ivf-vectors.ts': 'test/index/ivf.test.ts',
  // Codes in panels, by the scan that they are for.
  'src/index/panel-codes.ts': 'test/index/flat-image.test.ts',
  // The format, by the messages that are read and written in it.
  'src/wire/byte-lists.ts': 'test/wire/messages.test.ts',
  'src/wire/message-decoder.ts': 'test/wire/messages.test.ts',
  'src/wire/message-encoder.ts': 'test/wire/messages.test.ts',
  'src/wire/message-type.ts': 'test/wire/messages.test.ts',
  'src/wire/wire-reader.ts': 'test/wire/messages.test.ts',
  'src/wire/wire-writer.ts': 'test/wire/messages.test.ts',
  // Translation, by what comes out of it on the wire.
  'src/server/answer-fields.ts': 'test/server/columns.test.ts',
  'src/server/bucket-messages.ts': 'test/server/ask.test.ts',
  'src/server/column-decode.ts': 'test/server/columns.test.ts',
  'src/server/column-encode.ts': 'test/server/columns.test.ts',
  'src/server/find-collection.ts': 'test/server/catalog.test.ts',
  'src/server/grpc-server.ts': 'test/server/server.test.ts',
  'src/server/health.ts': 'test/server/server.test.ts',
  'src/server/key-values.ts': 'test/server/catalog.test.ts',
  'src/server/schema-message.ts': 'test/server/catalog.test.ts',
  'src/server/server-call.ts': 'test/server/server.test.ts',
  'src/server/system-info.ts': 'test/server/catalog.test.ts',
  'src/server/timestamps.ts': 'test/server/catalog.test.ts',
  'src/server/alias-calls.ts': 'test/server/catalog.test.ts',
  'src/server/collection-calls.ts': 'test/server/catalog.test.ts',
  'src/server/connection-calls.ts': 'test/server/server.test.ts',
  'src/server/database-calls.ts': 'test/server/catalog.test.ts',
  'src/server/index-calls.ts': 'test/server/catalog.test.ts',
  'src/server/maintenance-calls.ts': 'test/server/catalog.test.ts',
  'src/server/partition-calls.ts': 'test/server/catalog.test.ts',
  'src/server/read-calls.ts': 'test/server/server.test.ts',
  'src/server/row-calls.ts': 'test/server/server.test.ts',
  'src/server/user-calls.ts': 'test/server/catalog.test.ts',
  'src/compat.ts': 'test/contract/contract.test.ts',
  'src/testing.ts': 'test/testing/milvus-server.test.ts',
  'src/server/call-in-process.ts': 'test/server/rest.test.ts',
  'src/cli/configuration-keys.ts': 'test/cli/configuration.test.ts',
  'src/cli/yaml-file.ts': 'test/cli/configuration.test.ts',
  'src/server/import-calls.ts': 'test/imports/import-jobs.test.ts',
  'src/cli/import-directory.ts': 'test/imports/import-jobs.test.ts',
  // The HTTP interface, the management port and imports, by what they answer.
  ...testedBy(
    'test/server/rest.test.ts',
    'src/rest',
    `access-routes aggregation catalog-routes cluster-routes collection-routes
     create-collection entity-routes function-input index-routes indexes plain-text
     query-vectors quick-create request-body request-bytes rest-call rest-errors routes
     row-output schema-input schema-output search-params search-routes`,
  ),
  'src/rest/import-routes.ts': 'test/imports/import-jobs.test.ts',
  'src/rest/v1-routes.ts': 'test/server/rest-v1.test.ts',
  'src/rest/rest-listener.ts': 'test/server/rest-limits.test.ts',
  'src/rest/other-sites.ts': 'test/server/rest-limits.test.ts',
  ...testedBy(
    'test/server/management.test.ts',
    'src/server',
    `call-metrics console-routes log-level management-listener management-route
     management-routes metric-registry state-metrics`,
  ),
  ...testedBy(
    'test/imports/import-jobs.test.ts',
    'src/imports',
    `import-source import-error import-rows json-rows csv-rows numpy-rows parquet-rows`,
  ),
  'src/imports/given-rows.ts': 'test/server/rest-types.test.ts',
  // Constants, by the rules that use them.
  'src/base/limits.ts': 'test/tidy.test.ts',
  'src/schema/collection-schema.ts': 'test/schema/definition.test.ts',
};

/** Files of src that own a format without a table of offsets at their top; those with one are found. */
export const FORMAT_FILES: readonly string[] = [
  'src/storage/paths.ts',
  'src/meta/keys.ts',
  'src/meta/cluster-record.ts',
  'src/index/codes.ts',
  'src/index/code-planes.ts',
  'src/segments/manifest.ts',
  'src/segments/descriptor.ts',
  'src/segments/segment-index.ts',
  'src/segments/segment-file.ts',
  'src/segments/column-buffers.ts',
];

export const FILE_LINES_MAX = 500;
/** The formatter wraps code at 100 columns; what it leaves alone, such as comments, may be this wide. */
export const LINE_COLUMNS_MAX = 120;
export const RUNTIME_DEPENDENCIES_MAX = 12;

/** Words that say nothing, or that mark a second version beside a first. */
export const FILE_NAME_WORDS: readonly string[] = [
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'manager',
  'impl',
  'v2',
];

/** What no file of the project says. The brackets keep each pattern from matching itself. */
export const BANNED_TEXT: readonly { readonly pattern: RegExp; readonly mend: string }[] = [
  { pattern: /\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/, mend: 'do it, or open an issue' },
  { pattern: /\bphase[ -]?\d/i, mend: 'say what it does, not when it came' },
  {
    pattern: /(?<![\w.)\]}~])\/(?:wor[k]|roo[t]|hom[e])\/[\w.]/,
    mend: 'no path of one machine: use a relative path or a temporary directory',
  },
  {
    pattern: /\b(?:registr[y]|pyp[i]|crate[s]|prox[y]\.golan[g])\.[\w.-]*\b(?:org|io|com)\b/,
    mend: 'name the package, not the host it comes from',
  },
  {
    pattern: /\b(?:wor[k]place|A[I] (?:agent|assistant)|codin[g] agent|languag[e] model said)\b/i,
    mend: 'write for the reader of the code, not about how it was written',
  },
];

/** Sections of a release in CHANGELOG.md, in this order. */
export const CHANGELOG_SECTIONS: readonly string[] = [
  'Safety',
  'Compatibility',
  'Performance',
  'Added',
  'Fixed',
];
