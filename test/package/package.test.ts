/** What a user gets from `npm install milvus-lite`: the packed package in an empty project. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { beforeAll, expect, it } from 'vitest';
import { ROOT, run, User } from './user.ts';

const PACKAGES_MAX = 30;
/** What may be read before a program that imports the package goes on. */
const IMPORT_FILES_MAX = 24;
const IMPORT_BYTES_MAX: number = 1536 * 1024;
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

let user: User;

beforeAll(() => {
  user = new User();
  user.install();
  user.write('quick-start.ts', quickStart());
  return () => user[Symbol.dispose]();
});

it('holds the compiled code, the native kernels, the demo data and the documents, and nothing else', () => {
  const paths = user.files.map(({ path }) => path);
  const expected =
    /^(?:dist\/[\w./-]+\.(?:js|d\.ts|node|LICENSE\.txt)|demo\/data\/[\w.-]+|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
  expect(paths.filter((path) => !expected.test(path))).toEqual([]);
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const compiled = sources
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `dist/${name.replaceAll('\\', '/').replace(/\.ts$/, '')}`)
    .flatMap((name) => [`${name}.d.ts`, `${name}.js`]);
  const kernels = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.node'))
    .map((name) => `dist/${name.replaceAll('\\', '/')}`);
  const packed = [
    'cli/yaml-file',
    'imports/parquet-rows',
    'query/geometry-library',
    'server/grpc-server',
    'server/metric-registry',
  ];
  const licences = packed.map((name) => `dist/${name}.LICENSE.txt`);
  expect(paths.filter((path) => path.startsWith('dist/')).toSorted()).toEqual(
    [...compiled, ...kernels, ...licences].toSorted(),
  );
  const byteLength = user.files.reduce((sum, { size }) => sum + size, 0);
  expect(byteLength).toBeLessThan(UNPACKED_BYTES_MAX);
});

it('brings few packages, and none of them runs a script at install', () => {
  const { packages } = JSON.parse(user.read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const scripted = Object.keys(packages).filter(
    (name) => packages[name]?.hasInstallScript === true,
  );
  expect(scripted).toEqual([]);
  expect(Object.keys(packages).length).toBeLessThanOrEqual(PACKAGES_MAX);
});

it('is imported from few and small files, and prints nothing', () => {
  // How long that takes is measured by `npm run bench -- import`.
  user.write(
    'import.js',
    `import { readFileSync } from 'node:fs';
    import { registerHooks } from 'node:module';
    const urls = new Set();
    registerHooks({ load: (url, context, next) => (urls.add(url), next(url, context)) });
    await import('milvus-lite');
    const files = [...urls].filter((url) => url.startsWith('file:')).map((url) => new URL(url));
    const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
    const packages = files.map(({ pathname }) => /node_modules\\/([^/]+)/.exec(pathname)[1]);
    process.stdout.write(JSON.stringify({ count: files.length, bytes, packages: [...new Set(packages)] }));`,
  );
  const { status, stdout, stderr } = user.node('import.js');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const found = JSON.parse(stdout) as { count: number; bytes: number; packages: string[] };
  expect(found.packages).toEqual(['milvus-lite', 'better-sqlite3']);
  expect(found.count).toBeLessThanOrEqual(IMPORT_FILES_MAX);
  expect(found.bytes).toBeLessThanOrEqual(IMPORT_BYTES_MAX);
});

it('opens a database in memory, closes it, prints nothing and lets the process end', () => {
  // So much to compute that the search goes to worker threads, whose code lies beside the front door.
  user.write(
    'open.js',
    `import { MilvusLite, f } from 'milvus-lite';
    const db = await MilvusLite.open(':memory:');
    const points = await db.collection('points', {
      schema: { id: f.int64({ primary: true }), vector: f.floatVector(64, { metric: 'L2' }) },
    });
    const vectors = Array.from({ length: 5000 }, (_, i) => Array.from({ length: 64 }, (_, j) => i % (j + 2)));
    await points.insert(vectors.map((vector, id) => ({ id, vector })));
    const found = await points.search({ data: vectors.slice(0, 100), limit: 1 });
    await db.close();
    if (found.some(([hit], i) => hit.id !== BigInt(i) || hit.score !== 0)) process.exitCode = 1;`,
  );
  expect(user.node('open.js')).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('asks the libraries that are packed into it', () => {
  user.write(
    'places.js',
    `import { MilvusLite, f } from 'milvus-lite';
    const db = await MilvusLite.open(':memory:');
    const places = await db.collection('places', {
      schema: {
        id: f.int64({ primary: true }),
        at: f.geometry(),
        vector: f.floatVector(2, { metric: 'L2' }),
      },
    });
    const at = ['POINT (1 1)', 'LINESTRING (0 0, 9 9)', 'POINT (7 7)'];
    await places.insert(at.map((text, id) => ({ id, at: text, vector: [0, 0] })));
    const rows = await places.query({
      filter: "st_within(at, 'POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))')",
    });
    await db.close();
    process.stdout.write(rows.map(({ id }) => id).join());`,
  );
  expect(user.node('places.js')).toEqual({ status: 0, stdout: '0', stderr: '' });
});

it('has a command that works where it is installed', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { bin } = JSON.parse(user.read('node_modules/milvus-lite/package.json')) as {
    bin: { mlite: string };
  };
  const outcome = user.node(join('node_modules', 'milvus-lite', bin.mlite), 'version', '--json');
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(outcome.stdout)).toMatchObject({ version });
});

it('does what the README shows', () => {
  const { status, stdout, stderr } = user.node('quick-start.ts');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\d\.\d+ Roadside Picnic 1972\n\d\.\d+ Invisible Cities 1972\n$/);
});

it('has types that a strict compiler takes, with every library checked', () => {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options =
    '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2023';
  const libraries = '--lib es2023,esnext.disposable --skipLibCheck false --types node --typeRoots';
  const typeRoots = join(ROOT, 'node_modules', '@types');
  const args = [...`${options} ${libraries}`.split(' '), typeRoots, 'quick-start.ts'];
  expect(run(process.execPath, [tsc, ...args], user.home).stdout).toBe('');
});

it('has types that need no others, and no library but that of the target', () => {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  user.write(
    'plain.ts',
    `import { MilvusLite, f } from 'milvus-lite';
    const db = await MilvusLite.open(':memory:');
    await db.collection('points', { schema: { id: f.int64({ primary: true }), at: f.floatVector(2) } });
    await db.close();`,
  );
  const options = '--noEmit --strict --module nodenext --target es2022 --skipLibCheck false';
  const args = [...options.split(' '), '--types', '', 'plain.ts'];
  expect(run(process.execPath, [tsc, ...args], user.home).stdout).toBe('');
});

it('starts a server for tests, in a moment, and leaves nothing', () => {
  user.write(
    'testing.js',
    `import { existsSync } from 'node:fs';
    import { startMilvus } from 'milvus-lite/testing';
    const server = await startMilvus();
    if (!existsSync(server.path)) process.exitCode = 1;
    await server.close();
    if (existsSync(server.path)) process.exitCode = 2;`,
  );
  expect(user.node('testing.js')).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('leaves the official SDK to its user', () => {
  const { packages } = JSON.parse(user.read('package-lock.json')) as {
    packages: Record<string, { peerDependencies?: object; peerDependenciesMeta?: object }>;
  };
  const sdk = '@zilliz/milvus2-sdk-node';
  expect(packages['node_modules/milvus-lite']).toMatchObject({
    peerDependencies: { [sdk]: expect.any(String) as unknown },
    peerDependenciesMeta: { [sdk]: { optional: true } },
  });
  expect(Object.keys(packages)).not.toContain(`node_modules/${sdk}`);
});

it('pleases publint', async () => {
  const bytes = readFileSync(user.tarball);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball } });
  expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
});

it('pleases are-the-types-wrong', () => {
  const cli = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const args = [cli, user.tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'];
  const { status, stdout } = run(process.execPath, args, user.home);
  expect(status, stdout).toBe(0);
});

it('keeps its public types; a change of api.d.ts belongs to the commit that makes it', async () => {
  const entries = ['dist/index.d.ts', 'dist/compat.d.ts', 'dist/testing.d.ts'];
  await expect(publicTypes(entries)).toMatchFileSnapshot('api.d.ts');
});

/** The program in the README. */
function quickStart(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  return /^```ts\n(?<program>[^]*?)^```$/m.exec(readme)?.groups?.['program'] ?? '';
}

/** The declarations that the doors reach, one file after the other. */
function publicTypes(entries: readonly string[]): string {
  const found = new Map<string, string>();
  const pending = [...entries];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path)) continue;
    const text = user.read(`node_modules/milvus-lite/${path}`);
    found.set(path, text);
    for (const [, specifier] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) {
      const target = posix.join(posix.dirname(path), specifier!);
      pending.push(target.replace(/\.[tj]s$/, '.d.ts'));
    }
  }
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => `// ${path.replace('dist/', '')}\n${text.trim()}\n`)
    .join('\n');
}
