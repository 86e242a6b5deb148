/**
 * Thirty-two clients at once, each of which knows what its rows have to be, for as long as one likes.
 *
 *   npm run campaign:clients -- --minutes 10 [--seed 1] [--record]
 *
 * `--record` adds the run to bench/results/clients-campaign.json. Every fault is printed; the exit code says
 * whether there was one, or whether the server's memory grew by more than GROWTH_MB once it was warm.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit } from '../result.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'clients-campaign.json');
const PROGRAM = join(import.meta.dirname, '..', '..', 'test', 'deep', 'many-clients-program.ts');
/** What the memory of the server may grow by from its second quarter to its last. */
const GROWTH_MB = 64;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

interface Found {
  readonly faults: readonly string[];
  readonly isAlive: boolean;
  readonly exitCode: number | null;
  readonly warmMB: number;
  readonly lateMB: number;
}

async function run(told: object): Promise<Found> {
  // The official client prints every call where this says that it is tested.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(told)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as Found;
}

function record(result: object): void {
  const earlier = existsSync(RESULT)
    ? (JSON.parse(readFileSync(RESULT, 'utf8')) as { readonly runs: readonly object[] }).runs
    : [];
  const runs = [...earlier, result];
  writeFileSync(RESULT, `${JSON.stringify({ name: 'clients campaign', runs }, null, 2)}\n`);
}

const seed = Number(values.seed);
const minutes = Number(values.minutes);
const date = new Date().toISOString();
const found = await run({ seed, seconds: minutes * 60 });
const about = { date, commit: commit(), node: process.version, cores: availableParallelism() };
const result = { ...about, minutes, seed, ...found };
console.log(result);
if (values.record) record(result);
const hasGrown = found.lateMB - found.warmMB > GROWTH_MB;
if (found.faults.length > 0 || !found.isAlive || found.exitCode !== 0 || hasGrown) {
  process.exitCode = 1;
}
