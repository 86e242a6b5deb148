/** What a process asked of the kernel, in the order in which calls ended, as strace saw it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export interface SystemCall {
  /** `say` is a write to standard output; `sync` also of a directory. */
  readonly kind: 'say' | 'create' | 'rename' | 'write' | 'sync' | 'remove';
  /** Path relative to the root, target of a rename; of `say` the text. */
  readonly what: string;
}

const TRACED =
  'trace=openat,rename,renameat,renameat2,unlink,unlinkat,pwrite64,pwritev,pwritev2,write,fsync,fdatasync';

/**
 * Runs a module with strace, which is installed when it is missing.
 * @param program its source text, given `root` as its first argument
 * @returns the calls that concern files under `root`, and what the program said
 */
export function traceProgram(program: string, root: string): SystemCall[] {
  requireStrace();
  const file = `${root}.trace`;
  const node = [process.execPath, '--input-type=module', '-e', program, root];
  const run = spawnSync('strace', ['-f', '-y', '-s', '80', '-e', TRACED, '-o', file, ...node], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  return parse(readFileSync(file, 'utf8'), root);
}

function requireStrace(): void {
  if (spawnSync('strace', ['-V']).status === 0) return;
  const install = spawnSync('apt-get', ['install', '-y', 'strace'], { encoding: 'utf8' });
  if (spawnSync('strace', ['-V']).status === 0) return;
  const reason = install.error?.message ?? install.stderr;
  throw new Error(
    `this test needs strace, which is not here and could not be installed: ${reason}`,
  );
}

/** Completed calls in order, with descriptors replaced by the paths that strace prints for them. */
function parse(trace: string, root: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, string>();
  for (const raw of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(raw) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, rest.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const line = rest.replace(/^<\.\.\. \w+ resumed>/, unfinished.get(thread) ?? '');
    const call = parseLine(line, root);
    if (call !== null) calls.push(call);
  }
  return calls.filter(({ kind, what }) => kind === 'say' || !what.startsWith('..'));
}

function parseLine(line: string, root: string): SystemCall | null {
  const relative = (text: string | undefined): string => path.relative(root, text ?? '');
  const said = /^write\(1<[^>]*>, "([^"]*)"/.exec(line)?.[1];
  if (said !== undefined) return { kind: 'say', what: said.replaceAll('\\n', '') };
  if (line.includes('= -1 E')) return null;
  const name = /^\w+/.exec(line)?.[0] ?? '';
  const file = relative(/^\w+\(\d+<([^>]+)>/.exec(line)?.[1]);
  if (name === 'openat') {
    if (!line.includes('O_CREAT')) return null;
    return { kind: 'create', what: relative(/"([^"]+)"/.exec(line)?.[1]) };
  }
  if (name.startsWith('rename')) {
    return { kind: 'rename', what: relative(/, "([^"]+)"/.exec(line)?.[1]) };
  }
  if (name.startsWith('unlink')) {
    return { kind: 'remove', what: relative(/"([^"]+)"/.exec(line)?.[1]) };
  }
  if (name.startsWith('pwrite')) return { kind: 'write', what: file };
  return /^f(data)?sync$/.test(name) ? { kind: 'sync', what: file } : null;
}
