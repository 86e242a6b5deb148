/**
 * The order of system calls that durability rests upon, as the kernel saw it: a real process appends to a
 * log and stores an object under strace.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../storage/temporary-directory.ts';
import { traceProgram } from './strace.ts';

const SOURCE = path.join(import.meta.dirname, '..', '..', 'src');

const PROGRAM = `
  import { systemClock } from '${SOURCE}/base/clock.ts';
  import { systemRandom } from '${SOURCE}/base/random.ts';
  import { diskStore } from '${SOURCE}/storage/disk-store.ts';
  import { nodeDisk } from '${SOURCE}/storage/node-disk.ts';
  import { fileLog } from '${SOURCE}/wal/file-log.ts';
  import { writeSync } from 'node:fs';

  const disk = nodeDisk(process.argv[1]);
  const log = fileLog({ disk, clock: systemClock, random: systemRandom, durability: 'sync', fileBytesMax: 4096 });
  for (const term of [1, 2]) {
    const writer = await log.open(term);
    writeSync(1, 'opened ' + term + ';');
    for (let i = 0; i < 5; i++) {
      await writer.append({ kind: 1, shardId: 1, timestamp: 1n, payload: [new Uint8Array(1500)] });
      writeSync(1, 'acknowledged;');
    }
    await writer.seal();
    writeSync(1, 'sealed;');
  }
  const object = await diskStore(disk, '', systemRandom).create('segments/1.keys');
  await object.write(new Uint8Array(2_000_000));
  await object.commit();
  writeSync(1, 'committed;');
`;

describe('system calls of log and object store', () => {
  it('make bytes durable before their acknowledgement, and names before their bytes count', async () => {
    await using directory = await temporaryDirectory();
    const trace = traceProgram(PROGRAM, path.join(directory.path, 'db'));
    const said = trace.filter(({ kind }) => kind === 'say').map(({ what }) => what);
    expect(said.filter((what) => what === 'acknowledged;').length).toBe(10);

    const dirty = new Set<string>();
    const unnamed = new Set<string>();
    for (const { kind, what } of trace) {
      if (kind === 'create' || kind === 'rename') unnamed.add(what);
      else if (kind === 'write') {
        dirty.add(what);
        // The only writes to a file whose name may still be lost are those of objects before their rename.
        if (unnamed.has(what)) expect(what).toMatch(/\.tmp$/);
      } else if (kind === 'sync') {
        dirty.delete(what);
        for (const name of unnamed) if (path.dirname(name) === what) unnamed.delete(name);
      } else {
        expect([...dirty], `un-synced at "${what}"`).toEqual([]);
        const names = [...unnamed].filter((name) => !name.endsWith('.tmp'));
        expect(names, `names not durable at "${what}"`).toEqual([]);
      }
    }
    const object = trace.slice(trace.findLastIndex(({ kind }) => kind === 'create'));
    expect(object.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1])).toEqual([
      'create',
      'write',
      'sync',
      'rename',
      'sync',
      'say',
    ]);
  });
});
