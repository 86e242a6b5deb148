/**
 * The process that test/deep/kill.test.ts kills: goes on with the history of each lane from where it was,
 * flushes and compacts beside it, and says on its output what it begins and what is acknowledged.
 *
 *   node kill-writer.ts <directory> <next operation of lane 0> <of lane 1> <of lane 2>
 */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { openDatabase } from '../../src/core/open.ts';
import { collectionOf, createCollections, LANES, runOperation } from './lane-history.ts';

const [directory = '', ...starts] = process.argv.slice(2);
const OPERATIONS_BETWEEN_FLUSHES = 15;

/** One line, in one system call: what the pipe has taken survives this process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const { service } = await openDatabase(directory, { threads: 1 });
await createCollections(service);
let acknowledged = 0;

async function runLane(lane: number): Promise<never> {
  for (let v = Number(starts[lane]); ; v++) {
    say(`begin ${lane} ${v}`);
    await runOperation(service, lane, v);
    say(`done ${lane} ${v}`);
    acknowledged++;
  }
}

async function keepHouse(): Promise<never> {
  for (let round = 0, next = OPERATIONS_BETWEEN_FLUSHES; ; ) {
    if (acknowledged < next) {
      await setImmediate();
      continue;
    }
    next = acknowledged + OPERATIONS_BETWEEN_FLUSHES;
    round++;
    for (const lane of [0, LANES - 1]) {
      say('flush');
      await service.flush(collectionOf(lane));
      if (round % 3 !== 0) continue;
      say('compact');
      await service.compact(collectionOf(lane));
    }
    say('rest');
  }
}

await Promise.all([keepHouse(), ...Array.from({ length: LANES }, (_, lane) => runLane(lane))]);
