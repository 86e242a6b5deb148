/**
 * A file system of 8 MiB that is full to every degree while rows are appended, flushed and compacted; then
 * space returns. It is a tmpfs in a mount namespace of the program's own, which needs no privilege to undo.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

const MOUNT_BYTES = 8 * 1024 * 1024;
const PROGRAM = path.join(import.meta.dirname, 'disk-full-program.ts');

interface Found {
  readonly lost: readonly number[];
  readonly revived: number;
}

interface Round {
  readonly kind: 'append' | 'flush' | 'compact';
  readonly leftBytes: number;
  readonly outcomes: readonly (string | null)[];
  readonly whileFull: Found;
  readonly again: string | null;
  readonly closed: string | null;
  readonly reopened: Found;
  readonly afterwards: readonly (string | null)[];
  readonly after: Found;
}

function runProgram(mountPoint: string): Round[] {
  const isRoot = process.getuid?.() === 0;
  const namespaces = isRoot ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const script = `mount -t tmpfs -o size=${MOUNT_BYTES} tmpfs "$1" && exec "$2" "$3" "$1" ${MOUNT_BYTES}`;
  const run = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', script, 'sh', mountPoint, process.execPath, PROGRAM],
    { encoding: 'utf8' },
  );
  expect(run.stderr, 'a small file system can be mounted here, and the program ends well').toBe('');
  expect(run.status).toBe(0);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Round);
}

it('loses nothing when the disk is full during append, flush or compaction', async () => {
  await using directory = await temporaryDirectory();
  const rounds = runProgram(directory.path);
  for (const round of rounds) {
    const { kind, outcomes } = round;
    const where = JSON.stringify(round);
    expect(round.whileFull, where).toEqual({ lost: [], revived: 0 });
    expect(round.reopened.lost, where).toEqual([]);
    expect(round.afterwards, where).toEqual([null, null]);
    expect(round.after.lost, where).toEqual([]);
    if (kind === 'append') {
      // Written until the disk was full, refused from then on, also with a small row.
      expect(outcomes.slice(-2), where).toEqual(['DiskLimitExceeded', 'WriterPoisoned']);
      expect(new Set(outcomes.slice(0, -2)).size, where).toBeLessThanOrEqual(1);
    } else {
      expect([null, 'DiskLimitExceeded'], where).toContain(outcomes[0]);
      expect(round.again, where).toBeNull();
      expect(round.closed, where).toBeNull();
    }
  }
  for (const kind of ['append', 'flush', 'compact'] as const) {
    const outcomes = rounds
      .filter((round) => round.kind === kind)
      .map((round) => round.outcomes[0]);
    expect(new Set(outcomes), `${kind} both failed and succeeded`).toEqual(
      new Set(['DiskLimitExceeded', null]),
    );
  }
});
