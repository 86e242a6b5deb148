/**
 * Compiles src to dist: one file a source, and the front door in one piece, because loading some two
 * hundred modules takes three times as long as loading one of their size. The new dist takes the old
 * one's place only when it is complete, so that a failed build leaves the last good one, and nobody
 * runs half of one. The native kernels come with it: see build-native.ts.
 *
 *   node tools/build.ts              always
 *   node tools/build.ts --if-stale   only when a source is newer than its output
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';
import { buildNative } from './build-native.ts';
import { generateWire } from './generate-wire.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/**
 * Libraries that are put into the one file that uses them: as dependencies they would bring packages that nothing
 * here calls, some of which run scripts on users' machines.
 */
const PACKED: readonly { readonly file: string; readonly packages: readonly string[] }[] = [
  { file: 'server/grpc-server', packages: ['@grpc/grpc-js', '@js-sdsl/ordered-map'] },
  {
    file: 'server/metric-registry',
    packages: ['prom-client', '@opentelemetry/api', 'tdigest', 'bintrees'],
  },
  { file: 'cli/yaml-file', packages: ['yaml'] },
  { file: 'imports/parquet-rows', packages: ['hyparquet'] },
  { file: 'query/geometry-library', packages: ['jsts', 'fastpriorityqueue'] },
];

/** True when each source has an output younger than itself, and no output lost its source. */
function isFresh(): boolean {
  if (!existsSync(dist)) return false;
  const sources = typeScriptFiles(join(root, 'src'));
  const outputs = new Set(filesEndingWith(dist, '.js'));
  if (sources.length !== outputs.size) return false;
  const configured = Math.max(
    ...['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
      modifiedMs(join(root, name)),
    ),
  );
  return sources.every((source) => {
    const output = source.replace(/\.ts$/, '.js');
    if (!outputs.has(output)) return false;
    const builtMs = modifiedMs(join(dist, output));
    return builtMs >= modifiedMs(join(root, 'src', source)) && builtMs >= configured;
  });
}

function typeScriptFiles(folder: string): string[] {
  return filesEndingWith(folder, '.ts').filter((name) => !name.endsWith('.d.ts'));
}

function filesEndingWith(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(ending),
  );
}

function modifiedMs(path: string): number {
  return statSync(path).mtimeMs;
}

async function build(): Promise<void> {
  const fresh = `${dist}.new-${process.pid}`;
  const stale = `${dist}.old-${process.pid}`;
  try {
    if (!compile(fresh)) {
      process.exitCode = 1;
      return;
    }
    await joinFrontDoor(fresh);
    for (const packed of PACKED) await pack(fresh, packed);
    const native = join(dist, 'native');
    if (existsSync(native)) {
      cpSync(native, join(fresh, 'native'), { recursive: true, preserveTimestamps: true });
    }
    if (existsSync(join(fresh, 'bin.js'))) chmodSync(join(fresh, 'bin.js'), 0o755);
    if (existsSync(dist)) renameSync(dist, stale);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(stale, { recursive: true, force: true });
  }
}

function compile(folder: string): boolean {
  const compilerArguments = ['--project', join(root, 'tsconfig.build.json'), '--outDir', folder];
  // On Windows tsc is a command file, which only a shell runs.
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync('tsc', compilerArguments, { stdio: 'inherit', shell });
  if (error !== undefined) throw error;
  return status === 0;
}

/** Puts everything that index.js loads at once into it; what it loads later stays where it is. */
async function joinFrontDoor(folder: string): Promise<void> {
  const input = join(folder, 'index.js');
  if (!existsSync(input)) return;
  const placed = new Set(
    filesEndingWith(folder, '.js')
      .map((name) => join(folder, name))
      .filter((path) => readFileSync(path, 'utf8').includes('import.meta')),
  );
  for (const { file } of PACKED) placed.add(join(folder, `${file}.js`));
  const bundle = await rolldown({
    input,
    platform: 'node',
    // Packages and built-ins are loaded by name, and a file that asks where it lies stays there.
    external: (id) => placed.has(id) || (!id.startsWith('.') && !isAbsolute(id)),
  });
  // What people read is in the sources and the .d.ts files; every byte here is read at each import.
  await bundle.write({ file: input, format: 'esm', comments: false });
  await bundle.close();
}

/** Puts the libraries of a file into it, with the licences of what is in there beside it. */
async function pack(
  folder: string,
  { file, packages }: { readonly file: string; readonly packages: readonly string[] },
): Promise<void> {
  const input = join(folder, `${file}.js`);
  if (!existsSync(input)) return;
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: (id, importer) =>
      isBuiltin(id) || id === '@grpc/proto-loader' || (id.startsWith('.') && importer === input),
  });
  await bundle.write({ file: input, format: 'esm' });
  await bundle.close();
  const licences = packages.map((name) => `${name}\n\n${licenceOf(name)}`);
  writeFileSync(join(folder, `${file}.LICENSE.txt`), licences.join('\n\n'));
}

/** A package that comes without the text of its licence has it among the tools. */
function licenceOf(name: string): string {
  const shipped = join(root, 'node_modules', name, 'LICENSE');
  return readFileSync(
    existsSync(shipped) ? shipped : join(root, 'tools', 'licences', `${name}.txt`),
    'utf8',
  );
}

generateWire();
if (!process.argv.includes('--if-stale') || !isFresh()) await build();
const missing = process.exitCode === undefined ? await buildNative(dist) : null;
if (missing !== null) {
  const [reason] = missing.split('\n', 1);
  process.stderr.write(`native: ${reason}; vectors are compared in JavaScript\n`);
}
