/**
 * An engine in a process of its own, which stays between its turns. Every answer has a time to come in; after
 * that the process is killed, with all that it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BuildCommand, Built, SearchCommand, Searched, Told } from './driver.ts';
import type { Engine } from './engines.ts';

const BUILD_SECONDS_MAX = 900;
const SEARCH_SECONDS_MAX = 120;
const END_SECONDS_MAX = 30;

export class EngineProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;
  #failure: Error | null = null;

  constructor(engine: Engine, told: Told) {
    const { command, arguments: words } = engine.command(told);
    this.#name = engine.name;
    // A group of its own, so that a server goes with its driver. All end when their standard input does.
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    this.#child = spawn(command, words, { stdio: [...stdio], detached: true });
    // Why it cannot be asked any more; that it cannot shows when it says nothing more.
    const onError = (error: Error): unknown => (this.#failure ??= error);
    this.#child.once('error', onError).stdin!.on('error', onError);
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** @throws Error when it ended or is late */
  build(): Promise<Built> {
    return this.#ask({ do: 'build' }, BUILD_SECONDS_MAX) as Promise<Built>;
  }

  /** @throws Error when it ended or is late */
  search(command: Omit<SearchCommand, 'do'>): Promise<Searched> {
    return this.#ask({ do: 'search', ...command }, SEARCH_SECONDS_MAX) as Promise<Searched>;
  }

  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#kill(), END_SECONDS_MAX * 1000);
    await ended;
    clearTimeout(timer);
  }

  async #ask(command: BuildCommand | SearchCommand, secondsMax: number): Promise<Built | Searched> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#kill();
    }, secondsMax * 1000);
    try {
      this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
      for (;;) {
        const line = await this.#lines.next();
        if (line.done === true) {
          const why = isLate ? `took more than ${secondsMax} s` : 'ended';
          const what = `${this.#name} ${why}: ${JSON.stringify(command)}`;
          throw new Error(what, { cause: this.#failure });
        }
        // Libraries print, too.
        if (line.value.startsWith('{')) return JSON.parse(line.value) as Built | Searched;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}
