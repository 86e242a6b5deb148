/** Loading the package: how long it takes, that it says nothing, and that nothing stays open. */
import { entryUrl } from '../package.ts';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Findings, figure, rounded } from '../result.ts';
import { median } from '../statistics.ts';

const RUNS = 15;
const QUIET_MS_MAX = 20_000;

export async function importPackage(): Promise<Findings> {
  const importMs: number[] = [];
  let handles = 0;
  let rssMB = 0;
  for (let i = 0; i < RUNS; i++) {
    const found = await run<{ importMs: number; handles: string[]; rssMB: number }>(
      program('import.mjs', { entry: entryUrl() }),
    );
    importMs.push(found.importMs);
    handles = Math.max(handles, found.handles.length);
    rssMB = Math.max(rssMB, found.rssMB);
  }
  const printed = await inDirectory(async (directory) => {
    const { command, arguments: told } = program('quiet.ts', { path: join(directory, 'quiet.db') });
    const quiet = spawnSync(command, told, { encoding: 'utf8', timeout: QUIET_MS_MAX });
    if (quiet.status !== 0) throw new Error(`it did not end by itself: ${quiet.stderr}`);
    return quiet.stdout.length + quiet.stderr.length;
  });
  return {
    parameters: { runs: RUNS },
    figures: [figure('import of the package', 'ms', importMs, rssMB)],
    targets: [
      atMost('import of the package', rounded(median(importMs)), 80, 'ms'),
      atMost('handles left open by the import', handles, 0, 'handles'),
      atMost('printed by open, write, read and close', printed, 0, 'characters'),
    ],
  };
}

function atMost(
  what: string,
  value: number,
  bound: number,
  unit: string,
): Findings['targets'][number] {
  return { what, value, bound, rule: 'at most', unit };
}
