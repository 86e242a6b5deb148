/** The data node: tasks that are pure functions of immutable objects, run in this process. */
import type { Clock } from '../base/clock.ts';
import { type BuildControl, newBuildControl, rowsBuilt } from '../index/vector-index.ts';
import { buildSegmentIndex } from '../segments/build-index.ts';
import { compactSegments } from '../segments/compact.ts';
import type { SearchWorkers } from '../search/read-context.ts';
import type { SegmentIndex, SegmentInfo } from '../segments/segment-info.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { BuildIndexTask, Call, CompactTask, TaskRunner } from './ports.ts';

export interface LocalTaskRunnerDeps {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly workers: SearchWorkers;
}

export class LocalTaskRunner implements TaskRunner {
  readonly #deps: LocalTaskRunnerDeps;
  /** Of builds under way, by the id of their files. */
  readonly #controls = new Map<number, BuildControl>();

  constructor(deps: LocalTaskRunnerDeps) {
    this.#deps = deps;
  }

  async compact(task: CompactTask): Promise<SegmentInfo | null> {
    const { store, clock } = this.#deps;
    return await compactSegments({ ...task, store, clock });
  }

  async buildIndex(task: BuildIndexTask, { signal }: Call): Promise<SegmentIndex> {
    const { store, clock, workers } = this.#deps;
    const control = newBuildControl();
    this.#controls.set(task.fileId, control);
    try {
      return await buildSegmentIndex(task, {
        store,
        clock,
        // Half of the machine is left to those who search.
        threadCount: Math.max(1, workers.parallelism >> 1),
        control,
        run: async (work) => await workers.buildIndex(work, signal),
      });
    } finally {
      this.#controls.delete(task.fileId);
    }
  }

  async rowsBuilt({ fileId }: { fileId: number }): Promise<number> {
    const control = this.#controls.get(fileId);
    return control === undefined ? 0 : rowsBuilt(control);
  }
}
