/** Many clients at once, for a minute: `npm run campaign:clients` does it for as long as one likes. */
import { describe, expect, it } from 'vitest';
import { GROWTH_MB, runManyClients } from './run-many-clients.ts';

const SECONDS = 60;
const SEED = 1;

describe('32 clients at once', () => {
  it('are answered what their models say, by a server whose memory stays what it was', async () => {
    const found = await runManyClients({ seed: SEED, seconds: SECONDS });
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
