/**
 * Plays a scenario once, stops at every operation on the disk, and for each state in which a power loss
 * there can leave the disk opens the database again and compares it with the model:
 *
 *   1. what was acknowledged is there, what was in flight is there wholly or not at all, nothing else;
 *   2. every file that is referred to is whole;
 *   3. what is restored from a snapshot is what it was made of;
 *   4. a row written now, and all before, survive a second power loss.
 *
 * `depth: 2` also stops at every operation of the opening, for a selection of the states.
 */
import { MilvusError } from '../../src/base/errors.ts';
import type { World } from '../../src/core/engine.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { CrashPoint, CrashState } from './crash-point.ts';
import { checkDisk } from './disk-check.ts';
import { Model } from './model.ts';
import { checkRecovered, textsOf, Violation } from './model-check.ts';
import type { Scenario } from './scenarios.ts';
import { SeededRandom } from './seeded-random.ts';
import { restoreAll } from './simulated-snapshots.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { Simulation, type SimulationOptions, SMALL } from './simulated-engine.ts';
import { rest, Stage } from './stage.ts';

interface Stop {
  readonly point: CrashPoint;
  readonly model: Model;
  /** Of the model: equal texts, equal promises. */
  readonly promises: string;
  readonly nowMs: number;
}

/** What the lives after one crash have in common. */
type Life = Required<Pick<SimulationOptions, 'clock' | 'tuning'>>;

export interface EnumerationOptions {
  readonly seed: number;
  readonly depth?: 1 | 2;
  readonly disturb?: (world: World) => World;
  /** Calls of the disk take different times, and so overtake each other. */
  readonly overtaking?: boolean;
  /** Stops after so many states; all when left out. */
  readonly stateLimit?: number;
}

export interface EnumerationResult {
  readonly stops: number;
  readonly checked: number;
}

/** Microtask turns by which calls overtake each other. */
const TURNS_MAX = 12;
/** One opening in this many is followed at every operation. */
const SECOND_LEVEL_EVERY = 256;
/** One recovery in this many goes on at once to flush and compact what it found. */
const SMALL_EVERY = 8;

export class Enumeration {
  /** Hashes of the durable images met so far. */
  readonly images = new Set<string>();
  readonly #checked = new Set<string>();
  readonly #verified = new Set<string>();
  /** Of disks after a recovery, with what they must hold. */
  readonly #futures = new Set<string>();
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
    let isStopping = false;
    const note = (): void => {
      if (!isStopping) return;
      const promises = model.promises();
      stops.push({
        point: disk.capture(),
        model: model.freeze(),
        promises,
        nowMs: stage.clock.nowMs(),
      });
    };
    const { seed, disturb, overtaking = false } = this.#options;
    const random = new SeededRandom(seed);
    const disk = new SimDisk({
      beforeOperation: note,
      ...(overtaking ? { turns: () => random.integer(TURNS_MAX) } : {}),
    });
    const options = { disk, seed, ...(disturb === undefined ? {} : { disturb }) };
    const stage = new Stage(this.#scenario.shape, options, (opened) => {
      model = opened;
    });
    const { before, play } = this.#scenario;
    isStopping = before === undefined;
    await stage.open(model);
    await before?.(stage);
    isStopping = true;
    await play(stage);
    await rest(disk);
    note();
    disk.crash();
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
      const isFollowed = depth > 1 && isChosen(state, SECOND_LEVEL_EVERY);
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
    const life: Life = {
      clock: new SimClock(stop.nowMs),
      tuning: isChosen(state, SMALL_EVERY) ? SMALL : PRODUCTION_TUNING,
    };
    const model = new Model(stop.model.catalog);
    model.change = stop.model.change;
    const first = await this.#open(1, state, model, life);
    const settled = new Model(await checkRecovered(model, first.service));
    const kept = ended(first.disk).kept();
    // Torn ends that were cut leave the same disk: from there on every life is the same.
    const future = `${kept.hash} ${stop.nowMs} ${life.tuning === SMALL} ${contentOf(settled)}`;
    if (this.#futures.has(future)) return;
    this.#futures.add(future);
    await checkDisk(kept.image, this.#verified);
    await this.#liveOn(kept, settled, life);
  }

  /** Rows are written after the recovery, and the power goes again. */
  async #liveOn(kept: CrashState, settled: Model, life: Life): Promise<void> {
    const next = await this.#open(2, kept, settled, life);
    await restoreAll(next);
    const random = new SeededRandom(this.#options.seed);
    for (const { databaseName, collectionName, collection } of settled.catalog.all) {
      const { shape } = collection;
      const rows = [{ key: shape.key(3), values: shape.row(random) }];
      const outcome = await next.insert({ databaseName, collectionName }, rows);
      if (outcome !== null) throw new Violation(`writes fail after recovery: ${outcome.message}`);
    }
    const last = await this.#open(3, ended(next.disk).lost(), settled, life);
    await checkRecovered(settled, last.service);
    last.disk.crash();
  }

  async #open(number: number, from: CrashState, model: Model, life: Life): Promise<Simulation> {
    const { seed, disturb } = this.#options;
    return await Simulation.open({
      ...life,
      disk: new SimDisk({ image: from.image }),
      model,
      seed: seed + number,
      ...(disturb === undefined ? {} : { disturb }),
    });
  }

  /** The power goes while the database opens, and while it tidies up what it found. */
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
    await rest(disk);
    points.push(ended(disk));
    for (const [number, point] of points.entries()) {
      for (const inner of point.states()) {
        await this.#check(stop, inner, `${place}, ${state.label}, opening ${number}`, 1);
      }
    }
  }
}

/** All rows that a model has, as text. */
function contentOf(model: Model): string {
  const all = model.catalog.all.map(({ collection }) => {
    const held = [collection, ...collection.snapshots.values()];
    return held.map((one) => [...textsOf(one, one.rowsAt(null))].join()).join('|');
  });
  return `${model.catalog.describe()} ${all.join()}`;
}

/** Of the image alone, so that it does not matter what was met before. */
function isChosen({ hash }: CrashState, oneIn: number): boolean {
  return Buffer.from(hash, 'base64').readUInt32LE() % oneIn === 0;
}

/** Ends the life on a disk, with all that still runs: what it leaves. */
function ended(disk: SimDisk): CrashPoint {
  const point = disk.capture();
  disk.crash();
  return point;
}
