/** A user's empty project: packs the package as it would be published, and installs it there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT: string = join(import.meta.dirname, '..', '..');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

export class User implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'milvus-lite-user-'));
  readonly home: string = join(this.folder, 'app');
  readonly tarball: string;
  /** What is in the tarball. */
  readonly files: readonly PackedFile[];

  constructor() {
    required(run(process.execPath, [join(ROOT, 'tools', 'build.ts'), '--if-stale'], ROOT));
    const packed = required(
      npm(['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder], ROOT),
    );
    const [description] = JSON.parse(packed.stdout) as [{ filename: string; files: PackedFile[] }];
    this.tarball = join(this.folder, description.filename);
    this.files = description.files;
  }

  /** `npm install` of the tarball into an empty project. */
  install(): void {
    mkdirSync(this.home);
    this.write('package.json', JSON.stringify({ private: true, type: 'module' }));
    required(
      npm(['install', '--prefer-offline', '--no-audit', '--no-fund', this.tarball], this.home),
    );
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.home, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.home, name), 'utf8');
  }

  /** Runs a module of the user with `node`; it has to end by itself. */
  node(name: string, ...args: string[]): Outcome {
    return run(process.execPath, [name, ...args], this.home);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function run(command: string, args: readonly string[], cwd: string): Outcome {
  // npm hands its own settings down; this one would make an inner npm work on our folder.
  const env = { ...process.env, npm_config_local_prefix: undefined };
  const options = { cwd, env, encoding: 'utf8', timeout: 180_000 } as const;
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

function npm(args: readonly string[], cwd: string): Outcome {
  const script = process.env['npm_execpath'];
  return script === undefined
    ? run('npm', args, cwd)
    : run(process.execPath, [script, ...args], cwd);
}

function required(outcome: Outcome): Outcome {
  if (outcome.status !== 0) throw new Error(`${outcome.stdout}\n${outcome.stderr}`);
  return outcome;
}
