/**
 * Thirty-two clients at once, each of which knows what its rows have to be, for as long as one likes.
 *
 *   npm run campaign:clients -- --minutes 10 [--seed 1] [--record]
 *
 * `--record` adds the run to bench/results/clients-campaign.json. Every fault is printed; the exit code says
 * whether there was one, or whether the server's memory grew by more than GROWTH_MB once it was warm.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit } from '../result.ts';
import { GROWTH_MB, runManyClients } from '../../test/deep/run-many-clients.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'clients-campaign.json');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

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
const found = await runManyClients({ seed, seconds: minutes * 60 });
const about = { date, commit: commit(), node: process.version, cores: availableParallelism() };
const result = { ...about, minutes, seed, ...found };
console.log(result);
if (values.record) record(result);
const hasGrown = found.lateMB - found.warmMB > GROWTH_MB;
if (found.faults.length > 0 || !found.isAlive || found.exitCode !== 0 || hasGrown) {
  process.exitCode = 1;
}
