/**
 * Compiles native/src to dist/native/<platform>/milvus-lite.node with nothing but a C++17 compiler: no
 * Python, no download, no install script of the package. Where there is no compiler it says so in one
 * line, and the TypeScript twins do the work.
 *
 * Each instruction set has a file of its own, compiled with its flags; nothing else may assume more
 * than the least processor of the platform. Objects are kept between runs under a digest of all that they
 * are made of, so that checkouts may share them, and the addon takes the old one's place only when it is
 * complete.
 *
 *   node tools/build-native.ts              what is out of date
 *   node tools/build-native.ts --sanitize   native/test with address and undefined-behaviour checks, and runs it
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const sourceFolder = join(root, 'native', 'src');
const testFolder = join(root, 'native', 'test');
const cacheFolder = join(root, 'node_modules', '.cache', 'milvus-lite');
/** What is kept of each source, the newest first. */
const KEPT = 6;

interface Compiler {
  readonly command: string;
  readonly isMicrosoft: boolean;
  /** What `--version` says first: another compiler makes other objects. */
  readonly version: string;
}

/** Flags of one way of compiling everything. */
interface Variant {
  readonly name: string;
  readonly compile: readonly string[];
  readonly sources: readonly string[];
}

/** `linux-x64`, `linux-arm64-musl`, `win32-x64`: how src/base/native.ts looks for it. */
function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  // Names of all network interfaces are in a report, too, and take their time.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? `${name}-musl` : name;
}

function findCompiler(): Compiler | null {
  const named = process.env['CXX'];
  const isWindows = process.platform === 'win32';
  const known = isWindows ? ['cl', 'clang++', 'g++'] : ['c++', 'g++', 'clang++'];
  for (const command of named === undefined || named === '' ? known : [named]) {
    const isMicrosoft = /(?:^|[\\/])cl(?:\.exe)?$/i.test(command);
    const { status, stdout, stderr } = spawnSync(command, isMicrosoft ? [] : ['--version'], {
      encoding: 'utf8',
    });
    const [version = ''] = `${isMicrosoft ? stderr : stdout}`.split('\n');
    if (status === 0) return { command, isMicrosoft, version };
  }
  return null;
}

function headerFolder(): string | null {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  } catch {
    return null;
  }
}

/** What the file's instruction set needs, by the end of its name. */
function instructionFlags(source: string, { isMicrosoft }: Compiler): string[] {
  if (process.arch !== 'x64') return [];
  const isWide = source.endsWith('_avx512.cc');
  if (!isWide && !source.endsWith('_avx2.cc')) return [];
  if (isMicrosoft) return [isWide ? '/arch:AVX512' : '/arch:AVX2'];
  const base = ['-mavx2', '-mfma', '-mf16c', '-mpopcnt', '-mpclmul'];
  if (!isWide) return base;
  return [
    ...base,
    '-mvpclmulqdq',
    ...['f', 'bw', 'dq', 'vl', 'vnni'].map((name) => `-mavx512${name}`),
  ];
}

function commonFlags({ isMicrosoft }: Compiler): string[] {
  if (isMicrosoft)
    return ['/nologo', '/std:c++17', '/O2', '/MT', '/fp:precise', '/DNAPI_VERSION=9'];
  return [
    '-std=c++17',
    '-O3',
    '-fPIC',
    '-fno-exceptions',
    '-fno-rtti',
    '-fvisibility=hidden',
    // A sum has one value: whether two operations may become one is written where it is wanted.
    '-ffp-contract=off',
    '-fno-math-errno',
  ];
}

function filesIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => join(folder, name));
}

function digestOf(parts: Iterable<string | Buffer>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 24);
}

/** Removes all but the newest files whose names begin so. */
function prune(folder: string, beginning: string): void {
  const made = readdirSync(folder)
    .filter((name) => name.startsWith(`${beginning}-`))
    .map((name) => join(folder, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of made.slice(KEPT)) rmSync(path, { force: true });
}

function folderOf({ name }: Variant): string {
  const folder = join(cacheFolder, `${platformName()}-${name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs the compiler once; what it said when it failed. */
async function compileOne(command: string, args: readonly string[]): Promise<string | null> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const collect = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status) => resolve(status === 0 ? null : said));
  });
}

/** Objects of the variant, made where there are none yet. @throws Error with what the compiler said */
async function compileAll(compiler: Compiler, variant: Variant): Promise<string[]> {
  const folder = folderOf(variant);
  const headers = [...filesIn(sourceFolder, '.h'), ...filesIn(testFolder, '.h')];
  const shared = digestOf([compiler.version, ...headers.map((path) => readFileSync(path))]);
  const objects = variant.sources.map((source) => {
    const flags = [...variant.compile, ...instructionFlags(source, compiler)];
    const digest = digestOf([shared, ...flags, readFileSync(source)]);
    return { source, flags, object: join(folder, `${basename(source)}-${digest}.o`) };
  });
  const missing = objects.filter(({ object }) => !existsSync(object));
  const compileNext = async (): Promise<void> => {
    for (let next = missing.shift(); next !== undefined; next = missing.shift()) {
      const { source, flags, object } = next;
      const fresh = `${object}.${process.pid}`;
      const output = compiler.isMicrosoft ? [`/Fo${fresh}`, '/c'] : ['-o', fresh, '-c'];
      const failure = await compileOne(compiler.command, [...flags, ...output, source]);
      if (failure !== null) throw new Error(`${source} does not compile:\n${failure}`);
      renameSync(fresh, object);
      prune(folder, basename(source));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
  return objects.map(({ object }) => object);
}

/** How the objects become an addon; names of Node itself are found when it is loaded. */
function linkArguments(compiler: Compiler, objects: readonly string[], output: string): string[] {
  if (compiler.isMicrosoft) {
    const library = join(cacheFolder, 'node_api.lib');
    const headers = headerFolder() ?? '';
    const definitions = join(headers, '..', 'def', 'node_api.def');
    spawnSync('lib', ['/nologo', `/def:${definitions}`, `/out:${library}`, '/machine:x64']);
    return ['/nologo', '/LD', ...objects, library, `/Fe${output}`];
  }
  if (process.platform === 'darwin') {
    return ['-bundle', '-undefined', 'dynamic_lookup', ...objects, '-o', output];
  }
  const own = ['-static-libstdc++', '-static-libgcc', '-Wl,--gc-sections', '-Wl,-z,now', '-s'];
  return ['-shared', ...own, ...objects, '-pthread', '-o', output];
}

function addonPath(folder: string): string {
  return join(folder, 'native', platformName(), 'milvus-lite.node');
}

/** Copies a file to where it is not yet the same. */
function place(from: string, to: string): void {
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  mkdirSync(dirname(to), { recursive: true });
  const fresh = `${to}.${process.pid}`;
  copyFileSync(from, fresh);
  renameSync(fresh, to);
}

/**
 * Brings the addon in `dist` up to date.
 * @returns null, or in one line why there is none
 */
export async function buildNative(dist: string): Promise<string | null> {
  const sources = filesIn(sourceFolder, '.cc');
  const compiler = findCompiler();
  if (compiler === null) return 'no C++ compiler was found';
  const headers = headerFolder();
  if (headers === null) return 'the package node-api-headers is not installed';
  const include = compiler.isMicrosoft ? [`/I${headers}`] : ['-isystem', headers];
  try {
    const compile = [...commonFlags(compiler), ...include];
    const variant = { name: 'addon', compile, sources };
    const objects = await compileAll(compiler, variant);
    const addon = join(
      folderOf(variant),
      `addon-${digestOf(objects.map((path) => basename(path)))}.node`,
    );
    if (!existsSync(addon)) {
      const linked = `${addon}.${process.pid}`;
      const failure = await compileOne(compiler.command, linkArguments(compiler, objects, linked));
      if (failure !== null) return `the addon does not link:\n${failure}`;
      renameSync(linked, addon);
      prune(dirname(addon), 'addon');
    }
    place(addon, addonPath(dist));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compiles native/test and everything but the glue with sanitizers, and runs it. */
async function sanitize(): Promise<number> {
  const compiler = findCompiler();
  if (compiler === null || compiler.isMicrosoft) {
    process.stderr.write('native: no compiler with sanitizers was found\n');
    return 2;
  }
  const core = filesIn(sourceFolder, '.cc').filter((path) => !basename(path).startsWith('binding'));
  const checks = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const compile = [
    '-std=c++17',
    '-O1',
    '-g',
    '-fno-exceptions',
    '-fno-rtti',
    '-ffp-contract=off',
    '-fno-omit-frame-pointer',
    ...checks,
    `-I${sourceFolder}`,
  ];
  const sources = [...core, ...filesIn(testFolder, '.cc')];
  const program = join(cacheFolder, 'self-test');
  try {
    const objects = await compileAll(compiler, { name: 'sanitized', compile, sources });
    const link = [...checks, ...objects, '-pthread', '-o', program];
    const failure = await compileOne(compiler.command, link);
    if (failure !== null) throw new Error(failure);
  } catch (error) {
    process.stderr.write(`native: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { status } = spawnSync(program, [], { stdio: 'inherit' });
  return status ?? 1;
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--sanitize')) process.exitCode = await sanitize();
  else {
    const problem = await buildNative(join(root, 'dist'));
    if (problem !== null) {
      process.stderr.write(`native: ${problem}; vectors are compared in JavaScript\n`);
    }
  }
}
