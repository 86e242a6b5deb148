/**
 * One random life of a database, all of it decided by a seed: at least OPERATIONS operations, some of them
 * at the same time, on a disk with faults, with crashes and recoveries, compared with the model throughout.
 * The same seed gives the same life, call by call, which `traceHash` shows.
 */
import { MilvusError } from '../../src/base/errors.ts';
import type { World } from '../../src/core/engine.ts';
import { PRODUCTION_TUNING, type Tuning } from '../../src/core/tuning.ts';
import { FaultPlan, type FaultProfile } from './fault-plan.ts';
import { DOUBTFUL_MAX, Model } from './model.ts';
import { checkLive, checkRecovered, describeCatalog, Violation } from './model-check.ts';
import { RandomOperations } from './random-operations.ts';
import { SeededRandom } from './seeded-random.ts';
import { NARROW_SHAPES } from './shapes.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { restoreAll } from './simulated-snapshots.ts';
import { type Outcome, Simulation, SMALL } from './simulated-engine.ts';
import { hashNumber, hashText } from './trace-hash.ts';

export const OPERATIONS = 50;
const CHECK_EVERY = 17;

export interface ScheduleOptions {
  readonly seed: number;
  readonly profile?: FaultProfile;
  /** Gets every operation and what came of it, in words. */
  readonly trace?: (line: string) => void;
  readonly disturb?: (world: World) => World;
}

export interface ScheduleResult {
  readonly operations: number;
  readonly crashes: number;
  readonly faults: number;
  readonly traceHash: number;
}

/** @throws Violation that names the seed */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const schedule = new Schedule(options);
  try {
    return await schedule.run();
  } catch (failure) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    throw new Violation(`seed ${options.seed}: ${text}`, { cause: failure });
  }
}

class Schedule {
  readonly #options: ScheduleOptions;
  readonly #random: SeededRandom;
  readonly #clock = new SimClock();
  readonly #faults: FaultPlan;
  readonly #tuning: Tuning;
  readonly #model = new Model();
  #disk: SimDisk;
  #openings = 0;
  #crashes = 0;
  #operations = 0;
  #traceHash = 0;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#faults = new FaultPlan(new SeededRandom(options.seed ^ 0x5bd1e995), options.profile);
    this.#tuning = this.#random.chance(0.7) ? SMALL : PRODUCTION_TUNING;
    this.#disk = this.#newDisk();
  }

  async run(): Promise<ScheduleResult> {
    let sim = await this.#open();
    const shapes = [this.#random.pick(NARROW_SHAPES), this.#random.pick(NARROW_SHAPES)];
    const operations = new RandomOperations({
      random: this.#random,
      shapes,
      faults: this.#faults,
      note: (line) => this.#note(line),
    });
    const crashAt = 20 + this.#random.integer(OPERATIONS - 20);
    let nextCheck = CHECK_EVERY;
    while (this.#operations < OPERATIONS) {
      const isCrashing = this.#operations >= crashAt && this.#crashes === 0;
      if (isCrashing) this.#faults.crashAfter(this.#random.integer(12), this.#disk);
      this.#operations += await operations.step(sim);
      if (this.#disk.isCrashed || isCrashing) {
        sim = await this.#crash();
        operations.forget();
        nextCheck = this.#operations + CHECK_EVERY;
        continue;
      }
      if (this.#operations >= nextCheck) {
        await this.#checkLive(sim);
        nextCheck = this.#operations + CHECK_EVERY;
      }
      if (this.#mustReopen(sim)) {
        sim = await this.#reopen(sim);
        operations.forget();
      }
    }
    await this.#checkLive(sim);
    sim = await this.#crash();
    await this.#finish(sim, operations);
    const { count } = this.#faults;
    return {
      operations: this.#operations,
      crashes: this.#crashes,
      faults: count,
      traceHash: this.#traceHash,
    };
  }

  /** No more faults: it works, closes cleanly, and everything is there when it opens again. */
  async #finish(sim: Simulation, operations: RandomOperations): Promise<void> {
    this.#faults.stop();
    operations.forget();
    for (let i = 0; i < 3; i++) this.#operations += await operations.step(sim);
    await restoreAll(sim);
    await this.#checkLive(sim);
    const closed = await sim.close();
    if (closed !== null) throw new Violation(`close failed without a fault: ${closed.message}`);
    this.#keepTrace();
    this.#disk = this.#newDisk(this.#disk.capture().lost());
    const last = await this.#open();
    if (!last.engine.recovery.cleanEnd) throw new Violation('a clean close was not recognised');
    this.#model.catalog = await checkRecovered(this.#model, last.service);
    await last.close();
    this.#keepTrace();
  }

  /** Writes are refused, or too many are in doubt to go on. */
  #mustReopen(sim: Simulation): boolean {
    const doubtful = this.#model.catalog.all.flatMap(({ collection }) =>
      collection.shards.map((shard) => shard.doubtfulCount),
    );
    if (this.#model.change !== null || Math.max(0, ...doubtful) >= DOUBTFUL_MAX - 2) return true;
    return sim.isPoisoned ? this.#random.chance(0.5) : this.#random.chance(0.02);
  }

  /** The process ends, by `close` or by a signal; the machine goes on. */
  async #reopen(sim: Simulation): Promise<Simulation> {
    const isClosed = this.#random.chance(0.5);
    const outcome: Outcome = isClosed ? await sim.close() : null;
    this.#note(isClosed ? `close: ${outcome?.message ?? 'ok'}` : 'kill');
    if (this.#disk.isCrashed) return await this.#crash();
    this.#keepTrace();
    // What the operating system holds survives its process, which does nothing more.
    this.#disk.crash();
    this.#disk = this.#newDisk(this.#disk.capture().kept());
    return await this.#recover();
  }

  async #crash(): Promise<Simulation> {
    this.#disk.crash();
    this.#crashes += 1;
    this.#keepTrace();
    const point = this.#disk.capture();
    const roll = this.#random.next();
    const state =
      roll < 0.6 ? point.random(this.#random) : roll < 0.8 ? point.lost() : point.kept();
    this.#note(`crash with ${point.changes.length} changes in the air: ${state.label}`);
    this.#disk = this.#newDisk(state);
    return await this.#recover();
  }

  async #recover(): Promise<Simulation> {
    const sim = await this.#open();
    await this.#faults.pause(async () => {
      this.#model.catalog = await checkRecovered(this.#model, sim.service);
      this.#model.change = null;
    });
    return sim;
  }

  /** Opening may fail while the disk does; it succeeds when the disk works again. */
  async #open(): Promise<Simulation> {
    for (let attempt = 0; ; attempt++) {
      this.#openings += 1;
      const { disturb } = this.#options;
      const options = {
        disk: this.#disk,
        clock: this.#clock,
        model: this.#model,
        seed: this.#options.seed * 1000 + this.#openings,
        tuning: this.#tuning,
        ...(disturb === undefined ? {} : { disturb }),
      };
      const before = this.#faults.count;
      const wasFull = this.#disk.capacityBytes !== Number.POSITIVE_INFINITY;
      try {
        if (attempt < 2) return await Simulation.open(options);
        return await this.#faults.pause(() => Simulation.open(options));
      } catch (failure) {
        const isAllowed =
          failure instanceof MilvusError && (this.#faults.count > before || wasFull);
        if (!isAllowed) throw failure;
        this.#note(`open: ${failure.message}`);
      }
    }
  }

  async #checkLive(sim: Simulation): Promise<void> {
    await this.#faults.pause(async () => {
      const { model } = this;
      if (model.change !== null) {
        const found = await describeCatalog(sim.service);
        const [before, after] = model.candidates().map((one) => one.describe());
        if (found !== before && found !== after) throw new Violation(`catalog is ${found}`);
        return;
      }
      await checkLive(model, sim.service);
    });
  }

  get model(): Model {
    return this.#model;
  }

  #newDisk(state?: {
    readonly image: NonNullable<ConstructorParameters<typeof SimDisk>[0]>['image'];
  }): SimDisk {
    const { turns } = this.#faults;
    const disk: SimDisk = new SimDisk({
      clock: this.#clock,
      fault: (call) => this.#faults.ask(call, disk),
      ...(state?.image === undefined ? {} : { image: state.image }),
      ...(turns === null ? {} : { turns }),
    });
    return disk;
  }

  #keepTrace(): void {
    this.#traceHash = hashNumber(this.#disk.traceHash, this.#traceHash);
  }

  #note(line: string): void {
    this.#traceHash = hashText(line, this.#traceHash);
    this.#options.trace?.(line);
  }
}
