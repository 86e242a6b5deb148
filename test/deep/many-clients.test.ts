/** Many clients at once, for a minute: `npm run campaign:clients` does it for as long as one likes. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const PROGRAM = path.join(import.meta.dirname, 'many-clients-program.ts');
const SECONDS = 60;
const SEED = 1;
/** What the memory of the server may grow by from its second quarter of a minute to its last. */
const GROWTH_MB = 64;

interface Found {
  readonly calls: number;
  readonly callsOf: Readonly<Record<string, number>>;
  readonly rows: number;
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

describe('32 clients at once', () => {
  it('are answered what their models say, by a server whose memory stays what it was', async () => {
    const found = await run({ seed: SEED, seconds: SECONDS });
    expect(found.faults).toEqual([]);
    expect(found).toMatchObject({ isAlive: true, exitCode: 0 });
    // Each kind of call was made, and there was something to be wrong about.
    for (const count of Object.values(found.callsOf)) expect(count).toBeGreaterThan(3);
    expect(Object.keys(found.callsOf).length).toBe(12);
    expect(found.calls).toBeGreaterThan(1000);
    expect(found.rows).toBeGreaterThan(100);
    expect(found.lateMB - found.warmMB).toBeLessThan(GROWTH_MB);
  });
});
