/**
 * Plays a scenario once, stops at every operation on the disk, and for each state in which a power loss
 * there can leave the disk opens the database again and compares it with the model:
 *
 *   1. what was acknowledged is there, what was in flight is there wholly or not at all, nothing else;
 *   2. every file that is referred to is whole;
 *   3. a row written now, and all before, survive a second power loss.
 *
 * `depth: 2` also stops at every operation of the opening, for a selection of the states.
 */
import { MilvusError } from '../../src/base/errors.ts';
import type { World } from '../../src/core/engine.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { CrashPoint, CrashState } from './crash-point.ts';
import { checkDisk } from './disk-check.ts';
import { Model } from './model.ts';
import { checkRecovered, Violation } from './model-check.ts';
import type { Scenario } from './scenarios.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { Simulation, SMALL } from './simulated-engine.ts';
import { Stage } from './stage.ts';

interface Stop {
  readonly point: CrashPoint;
  readonly model: Model;
  /** Of the model: equal texts, equal promises. */
  readonly promises: string;
  readonly nowMs: number;
}

export interface EnumerationOptions {
  readonly seed: number;
  readonly depth?: 1 | 2;
  readonly disturb?: (world: World) => World;
  /** Stops after so many states; all when left out. */
  readonly stateLimit?: number;
}

export interface EnumerationResult {
  readonly stops: number;
  readonly checked: number;
}

/** One opening in this many is followed at every operation. */
const SECOND_LEVEL_EVERY = 61;
/** One recovery in this many goes on at once to flush and compact what it found. */
const SMALL_EVERY = 8;

export class Enumeration {
  /** Hashes of the durable images met so far. */
  readonly images = new Set<string>();
  readonly #checked = new Set<string>();
  readonly #scenario: Scenario;
  readonly #options: EnumerationOptions;
  #states = 0;

  constructor(scenario: Scenario, options: EnumerationOptions) {
    this.#scenario = scenario;
    this.#options = options;
  }

  /** @throws Violation with the scenario, the stop and the state */
  async run(): Promise<EnumerationResult> {
    const stops = await this.#play();
    for (const [number, stop] of stops.entries()) {
      for (const state of stop.point.states()) {
        if (this.#states >= (this.#options.stateLimit ?? Infinity)) break;
        await this.#check(stop, state, `stop ${number}`, this.#options.depth ?? 1);
      }
    }
    return { stops: stops.length, checked: this.#checked.size };
  }

  async #play(): Promise<Stop[]> {
    const stops: Stop[] = [];
    let model = new Model();
    const note = (): void => {
      const promises = model.promises();
      stops.push({
        point: disk.capture(),
        model: model.freeze(),
        promises,
        nowMs: stage.clock.nowMs(),
      });
    };
    const disk = new SimDisk({ beforeOperation: note });
    const { seed, disturb } = this.#options;
    const options = { disk, seed, ...(disturb === undefined ? {} : { disturb }) };
    const stage = new Stage(this.#scenario.shape, options, (opened) => {
      model = opened;
    });
    await stage.open(model);
    await this.#scenario.play(stage);
    note();
    return stops;
  }

  async #check(stop: Stop, state: CrashState, place: string, depth: number): Promise<void> {
    this.images.add(state.hash);
    const pair = `${state.hash} ${stop.promises}`;
    if (this.#checked.has(pair)) return;
    this.#checked.add(pair);
    this.#states += 1;
    const where = `${this.#scenario.name}, ${place}, ${state.label}`;
    try {
      const isFollowed = depth > 1 && this.#states % SECOND_LEVEL_EVERY === 0;
      if (isFollowed) await this.#followOpening(stop, state, place);
      await this.#recover(stop, state);
    } catch (failure) {
      const isKnown = failure instanceof Violation || failure instanceof MilvusError;
      const text = isKnown
        ? failure.message
        : String(failure instanceof Error ? failure.stack : failure);
      throw new Violation(`${where}:\n  ${text}`, { cause: failure });
    }
  }

  async #recover(stop: Stop, state: CrashState): Promise<void> {
    const clock = new SimClock(stop.nowMs);
    const { seed, disturb } = this.#options;
    const disturbed = disturb === undefined ? {} : { disturb };
    const first = new SimDisk({ image: state.image });
    const tuning = this.#states % SMALL_EVERY === 0 ? SMALL : PRODUCTION_TUNING;
    const model = new Model(stop.model.catalog);
    model.change = stop.model.change;
    const sim = await Simulation.open({
      disk: first,
      clock,
      model,
      seed: seed + 1,
      tuning,
      ...disturbed,
    });
    const settled = new Model(await checkRecovered(model, sim.service));
    await checkDisk(first);
    // Life goes on, and the power goes again.
    const random = new SeededRandom(seed);
    const next = await Simulation.open({
      disk: new SimDisk({ image: first.capture().kept().image }),
      clock,
      model: settled,
      seed: seed + 2,
      tuning,
      ...disturbed,
    });
    for (const { databaseName, collectionName, collection } of settled.catalog.all) {
      const { shape } = collection;
      const rows = [{ key: shape.key(3), values: shape.row(random) }];
      const outcome = await next.insert({ databaseName, collectionName }, rows);
      if (outcome !== null) throw new Violation(`writes fail after recovery: ${outcome.message}`);
    }
    const last = new SimDisk({ image: next.disk.capture().lost().image });
    const end = await Simulation.open({
      disk: last,
      clock,
      model: settled,
      seed: seed + 3,
      tuning,
      ...disturbed,
    });
    await checkRecovered(settled, end.service);
  }

  /** The power goes while the database opens. */
  async #followOpening(stop: Stop, state: CrashState, place: string): Promise<void> {
    const points: CrashPoint[] = [];
    const disk = new SimDisk({
      image: state.image,
      beforeOperation: () => points.push(disk.capture()),
    });
    const { seed, disturb } = this.#options;
    const clock = new SimClock(stop.nowMs);
    const disturbed = disturb === undefined ? {} : { disturb };
    await Simulation.open({ disk, clock, seed: seed + 1, ...disturbed });
    for (const [number, point] of points.entries()) {
      for (const inner of point.states()) {
        await this.#check(stop, inner, `${place}, ${state.label}, opening ${number}`, 1);
      }
    }
  }
}
