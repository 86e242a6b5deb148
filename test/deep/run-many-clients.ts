/** Runs many-clients-program.ts in a process of its own, for the test and for the campaign. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, 'many-clients-program.ts');
/** What the memory of the server may grow by from its second quarter of the time to its last. */
export const GROWTH_MB = 64;

export interface ManyClientsFound {
  readonly calls: number;
  readonly callsOf: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly faults: readonly string[];
  readonly isAlive: boolean;
  readonly exitCode: number | null;
  readonly warmMB: number;
  readonly lateMB: number;
}

export async function runManyClients(told: object): Promise<ManyClientsFound> {
  // The official client prints every call where this says that it is tested.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(told)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as ManyClientsFound;
}
