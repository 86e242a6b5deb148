/**
 * Two clients of one server, each a process of its own: what the light searches of one take alone, and while the
 * other sends the worst filters that are let in.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { figure, type Findings, rounded } from '../result.ts';
import { quantile } from '../statistics.ts';

const ROWS = 200_000;
const DIM = 64;
const SECONDS = 15;
const ROUNDS = 2;
/** Times that the slow end may become as long. */
const SLOWER_MAX = 2;

export async function noisyClient(): Promise<Findings> {
  return await inDirectory(async (directory) => {
    const { server, address } = await serve(join(directory, 'rows.db'));
    try {
      const told = { address, rows: ROWS, dim: DIM, seconds: SECONDS };
      await run(program('worst-filters.ts', { ...told, isFirst: true }));
      const alone: number[] = [];
      const beside: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        alone.push(...(await quietClient(told)));
        const { command, arguments: args } = program('worst-filters.ts', told);
        const noisy = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
        try {
          beside.push(...(await quietClient(told)));
          if (noisy.exitCode !== null) throw new Error('the noisy client has ended');
        } finally {
          await ended(noisy);
        }
      }
      const [slow, slowBeside] = [quantile(alone, 0.99), quantile(beside, 0.99)];
      return {
        parameters: { rows: ROWS, dimension: DIM, seconds: SECONDS * ROUNDS },
        figures: [
          figure('light search, alone', 'ms', alone),
          figure('light search, beside the worst filters', 'ms', beside),
        ],
        targets: [
          {
            what: 'p99 beside the worst filters, of that alone',
            value: rounded(slowBeside / slow),
            bound: SLOWER_MAX,
            rule: 'at most',
            unit: 'x',
          },
        ],
      };
    } finally {
      await ended(server);
    }
  });
}

async function quietClient(told: object): Promise<number[]> {
  return (await run<{ ms: number[] }>(program('quiet-client.ts', told))).ms;
}

/** A server of its own, once it has said where it is. */
async function serve(path: string): Promise<{ server: ChildProcess; address: string }> {
  const bin = join(import.meta.dirname, '..', '..', 'dist', 'bin.js');
  const args = [bin, 'serve', path, '--port', '0', '--metrics-port', '0', '--json'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of server.stdout) {
    text += String(chunk);
    if (!text.endsWith('\n')) continue;
    const { uri } = JSON.parse(text) as { readonly uri: string };
    return { server, address: uri.replace('http://', '') };
  }
  throw new Error(`the server ended after ${text}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
