/**
 * One engine in a comparison: its process, and what it found so far.
 *
 * What a slow engine is asked is bounded: as many queries as it answers in POINT_SECONDS, though QUERIES_LEAST
 * at the least, and all where that is half of them. Its recall is still that of all queries if it takes many
 * a call: fifty do not tell 0.998 from 0.99. One that ends or does not answer in its time is out; what it found
 * until then stands. No wider search is asked for where a narrower one found all there is.
 */
import { mkdirSync } from 'node:fs';
import { rounded } from '../result.ts';
import { median } from '../statistics.ts';
import type { EngineResult, Point } from './comparison.ts';
import type { Built, Searched, Told } from './driver.ts';
import { EngineProcess } from './engine-process.ts';
import type { Engine } from './engines.ts';
import type { Judge } from './sets.ts';

/** Of one point in one round, about. */
const POINT_SECONDS = 1;
const QUERIES_LEAST = 50;
/** Asked before anything counts, of each engine and of each point; from those of a point its speed is guessed. */
const QUERIES_TO_WARM_UP = 100;
const QUERIES_TO_GUESS = 20;
const RECALL_ENOUGH = 0.9999;

export interface Asked {
  readonly width: number;
  readonly share: number | null;
  readonly batch: number;
}

interface Found {
  readonly asked: Asked;
  readonly queries: number;
  readonly recall: number;
  readonly speeds: number[];
}

const keyOf = ({ width, share, batch }: Asked): string => `${width} ${share} ${batch}`;

export class Standing {
  readonly engine: Engine;
  readonly #process: EngineProcess;
  readonly #asks: ReadonlySet<string>;
  readonly #queryCount: number;
  readonly #found = new Map<string, Found>();
  #built: Built | null = null;
  #why: string | null = null;

  constructor(engine: Engine, told: Told, points: readonly Asked[], queryCount: number) {
    mkdirSync(told.directory);
    this.engine = engine;
    this.#process = new EngineProcess(engine, told);
    this.#asks = new Set(points.map(keyOf));
    this.#queryCount = queryCount;
  }

  /** Why it is out; null while it is not. */
  get why(): string | null {
    return this.#why;
  }

  async build(): Promise<void> {
    this.#built = await this.#attempt(() => this.#process.build());
    if (this.#built === null) return;
    const { buildSeconds, rssMB } = this.#built;
    console.log(`${this.engine.name}: built in ${buildSeconds.toFixed(1)} s, ${rssMB} MB`);
  }

  /** One round of one point, if it is one of this engine's. */
  async ask(asked: Asked, judge: Judge): Promise<void> {
    const key = keyOf(asked);
    if (this.#why !== null || !this.#asks.has(key) || this.#hasEnough(asked)) return;
    await this.#attempt(async () => {
      const known = this.#found.get(key);
      const queries = known?.queries ?? (await this.#affordable(asked));
      const { seconds, rows } = await this.#process.search({ ...asked, queries });
      const recall = known?.recall ?? judge.recall(await this.#allRows(asked, rows), asked.share);
      const speeds = [...(known?.speeds ?? []), queries / seconds];
      this.#found.set(key, { asked, queries, recall, speeds });
    });
  }

  tell(asked: Asked): void {
    const key = keyOf(asked);
    const found = this.#found.get(key);
    if (found === undefined) return;
    const speed = median(found.speeds).toFixed(0).padStart(7);
    const { recall, queries } = found;
    const name = this.engine.name.padEnd(32);
    console.log(`${key.padEnd(14)} ${name} ${recall.toFixed(4)} ${speed} QPS, ${queries} queries`);
  }

  async end(): Promise<void> {
    await this.#process.end();
  }

  /** Null when it was never built. */
  result(): EngineResult | null {
    if (this.#built === null) return null;
    const { name, kind, isOurs, isBare } = this.engine;
    const { buildSeconds, rssMB } = this.#built;
    const points = [...this.#found.values()].map(
      ({ asked, queries, recall, speeds }): Point => ({
        ...asked,
        ...(queries < this.#queryCount ? { queries } : {}),
        recall: Number(recall.toFixed(5)),
        queriesASecond: rounded(median(speeds)),
        least: rounded(Math.min(...speeds)),
        most: rounded(Math.max(...speeds)),
      }),
    );
    return { name, kind, isOurs, isBare, buildSeconds: rounded(buildSeconds), rssMB, points };
  }

  async #allRows(asked: Asked, rows: Searched['rows']): Promise<Searched['rows']> {
    const all = this.#queryCount;
    if (rows.length === all || !this.engine.takesBatches) return rows;
    return (await this.#process.search({ ...asked, batch: all, queries: all })).rows;
  }

  #hasEnough({ width, share, batch }: Asked): boolean {
    return [...this.#found.values()].some(
      ({ asked, recall }) =>
        asked.share === share &&
        asked.batch === batch &&
        asked.width < width &&
        recall >= RECALL_ENOUGH,
    );
  }

  /** How many queries of a point it answers in the time there is for one. */
  async #affordable(asked: Asked): Promise<number> {
    // Most of a batch is what a call costs anyway.
    if (asked.batch > 1) return this.#queryCount;
    const all = this.#queryCount;
    if (this.#found.size === 0) {
      await this.#process.search({ ...asked, queries: Math.min(QUERIES_TO_WARM_UP, all) });
    }
    const guessed = Math.min(QUERIES_TO_GUESS, all);
    const { seconds } = await this.#process.search({ ...asked, queries: guessed });
    const affordable = Math.round((guessed / seconds) * POINT_SECONDS);
    return affordable * 2 >= all ? all : Math.max(QUERIES_LEAST, affordable);
  }

  async #attempt<T>(task: () => Promise<T>): Promise<T | null> {
    try {
      return await task();
    } catch (error) {
      this.#why = error instanceof Error ? error.message : String(error);
      console.log(`out: ${this.#why}`);
      await this.#process.end();
      return null;
    }
  }
}
