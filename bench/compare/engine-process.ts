/** An engine in a process of its own, which stays between its turns. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BuildCommand, Built, SearchCommand, Searched, Told } from './driver.ts';
import type { Engine } from './engines.ts';

export class EngineProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(engine: Engine, told: Told) {
    const { command, arguments: words } = engine.command(told);
    this.#name = engine.name;
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  build(): Promise<Built> {
    return this.#ask({ do: 'build' }) as Promise<Built>;
  }

  search(command: Omit<SearchCommand, 'do'>): Promise<Searched> {
    return this.#ask({ do: 'search', ...command }) as Promise<Searched>;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    await ended;
  }

  async #ask(command: BuildCommand | SearchCommand): Promise<Built | Searched> {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error(`${this.#name} ended`);
      // Libraries print, too.
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Built | Searched;
    }
  }
}
