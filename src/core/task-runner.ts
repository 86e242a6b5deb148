/** The data node: tasks that are pure functions of immutable objects, run in this process. */
import type { Clock } from '../base/clock.ts';
import { compactSegments } from '../segments/compact.ts';
import type { SegmentInfo } from '../segments/segment-info.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { CompactTask, TaskRunner } from './ports.ts';

export interface LocalTaskRunnerDeps {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

export class LocalTaskRunner implements TaskRunner {
  readonly #deps: LocalTaskRunnerDeps;

  constructor(deps: LocalTaskRunnerDeps) {
    this.#deps = deps;
  }

  async compact(task: CompactTask): Promise<SegmentInfo | null> {
    const { store, clock } = this.#deps;
    return await compactSegments({ ...task, store, clock });
  }
}
