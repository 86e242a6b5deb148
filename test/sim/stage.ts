/** Where scripted scenarios play: one collection, short verbs, and nothing may fail. */
import type { CollectionRef } from '../../src/core/references.ts';
import type { PrimaryKey } from '../../src/schema/primary-key.ts';
import type { Model, ModelCollection } from './model.ts';
import { checkSearch, Violation } from './model-check.ts';
import { ProcessDisk } from './process-disk.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Shape } from './shapes.ts';
import { SimClock } from './sim-clock.ts';
import type { SimDisk } from './sim-disk.ts';
import {
  type Outcome,
  Simulation,
  type SimulationOptions,
  turns,
  type WriteOptions,
} from './simulated-engine.ts';

export const REF: CollectionRef = { databaseName: 'default', collectionName: 'things' };

export class Stage {
  readonly random: SeededRandom;
  readonly shape: Shape;
  readonly clock = new SimClock();
  readonly #options: Omit<SimulationOptions, 'clock' | 'model'>;
  readonly #onOpen: (model: Model) => void;
  #process: ProcessDisk | null = null;
  #sim: Simulation | null = null;

  /** @param onOpen gets the model before the engine does its first operation on the disk */
  constructor(
    shape: Shape,
    options: Omit<SimulationOptions, 'clock' | 'model'>,
    onOpen: (model: Model) => void,
  ) {
    this.shape = shape;
    this.random = new SeededRandom(options.seed ?? 1);
    this.#options = options;
    this.#onOpen = onOpen;
  }

  get disk(): SimDisk {
    return this.#options.disk;
  }

  get sim(): Simulation {
    if (this.#sim === null) throw new Error('the stage is not open');
    return this.#sim;
  }

  async open(model: Model): Promise<void> {
    this.#onOpen(model);
    this.#process = new ProcessDisk(this.disk);
    const { clock } = this;
    this.#sim = await Simulation.open({ ...this.#options, clock, model, port: this.#process });
  }

  /** `kill`: the process ends without a word, the machine goes on. */
  async reopen(how: 'close' | 'kill'): Promise<void> {
    if (how === 'close') ok(await this.sim.close());
    this.#process?.kill();
    await rest(this.disk);
    await this.open(this.sim.model);
  }

  async create(ref: CollectionRef = REF): Promise<void> {
    ok(await this.sim.createCollection(ref, this.shape));
  }

  collection(ref: CollectionRef = REF): ModelCollection {
    return this.sim.model.catalog.collection(ref.databaseName, ref.collectionName);
  }

  /** Keys that have a row, in the order of their first rows. */
  keys(ref: CollectionRef = REF): PrimaryKey[] {
    return [...this.collection(ref).rowsAt(null).keys()];
  }

  /** Rows with the from-th key and those after it. */
  rows(
    from: number,
    count: number,
  ): { key: PrimaryKey; values: Readonly<Record<string, unknown>> }[] {
    return Array.from({ length: count }, (_, i) => {
      return { key: this.shape.key(from + i), values: this.shape.row(this.random) };
    });
  }

  async insert(from: number, count: number, options: WriteOptions = {}): Promise<void> {
    ok(await this.sim.insert(REF, this.rows(from, count), options));
  }

  /** Whole rows for keys that exist. */
  async upsert(from: number, count: number, options: WriteOptions = {}): Promise<void> {
    const keys = this.keys().slice(from, from + count);
    const rows = keys.map((key) => ({ key, values: this.shape.row(this.random) }));
    ok(await this.sim.upsert(REF, rows, options));
  }

  async upsertPart(from: number, count: number): Promise<void> {
    const keys = this.keys().slice(from, from + count);
    const rows = keys.map((key) => ({ key, values: this.shape.part(this.random) }));
    ok(await this.sim.upsert(REF, rows, { partial: true }));
  }

  async delete(from: number, count: number, options: WriteOptions = {}): Promise<void> {
    ok(await this.sim.delete(REF, this.keys().slice(from, from + count), options));
  }

  async deleteWhere(bound: number): Promise<void> {
    const filter = { text: `n < ${bound}`, matches: (n: number) => n < bound };
    ok(await this.sim.deleteWhere(REF, filter));
  }

  /** Near a few places; as wide as an index needs to be exact. */
  async search(): Promise<void> {
    const { service } = this.sim;
    for (const place of [0, 3, 7]) {
      const vector = Float32Array.of(place, place);
      await checkSearch(REF, this.collection(), { service, vector, limit: 2 });
    }
  }

  async flush(): Promise<void> {
    ok(await this.sim.flush(REF));
  }

  async compact(): Promise<void> {
    ok(await this.sim.compact(REF));
  }
}

export function ok(outcome: Outcome): void {
  if (outcome !== null)
    throw new Violation(`failed without a fault: ${outcome.message}`, { cause: outcome });
}

/** Until nothing more is asked of the disk: what was begun in the background has ended. */
export async function rest(disk: SimDisk): Promise<void> {
  for (let seen = -1; seen !== disk.calls; ) {
    seen = disk.calls;
    await turns(200);
    // Libraries that load on first use take real turns.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
