/**
 * What commands print to. Results go to standard output, everything else to standard error; colours and
 * progress appear only where a person looks at them; with `json` a result is one JSON document.
 */
import { styleText } from 'node:util';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Streams of a process tell of a reader who went away; others just take what they get. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

export interface TerminalOptions {
  readonly output: OutputStream;
  readonly errors: OutputStream;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** False: no colours, whatever the stream is. */
  readonly hasColor: boolean;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export class Terminal {
  readonly isJson: boolean;
  readonly #options: TerminalOptions;
  #isProgressShown = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.isJson = options.isJson;
  }

  /** `text` in a style, where standard output shows styles. */
  style(style: Style, text: string): string {
    const { output, hasColor, isJson } = this.#options;
    if (!hasColor || isJson || output.isTTY !== true) return text;
    return styleText(style, text, { validateStream: false });
  }

  /** A line for people; left out with `json` and `quiet`. */
  line(text = ''): void {
    if (this.#options.isJson || this.#options.isQuiet) return;
    this.clearProgress();
    this.#options.output.write(`${text}\n`);
  }

  /** The result for programs; left out without `json`. */
  json(report: unknown): void {
    if (!this.#options.isJson) return;
    this.#options.output.write(`${jsonText(report)}\n`);
  }

  /** Text as it is, whatever the options: for completion scripts. */
  raw(text: string): void {
    this.#options.output.write(text);
  }

  error(text: string): void {
    this.clearProgress();
    this.#options.errors.write(`${text}\n`);
  }

  /** The state of something that takes a while, on one line that the next output replaces. */
  progress(text: string): void {
    const { errors, isJson, isQuiet } = this.#options;
    if (isJson || isQuiet || errors.isTTY !== true) return;
    errors.write(`\r\u001B[2K${text}`);
    this.#isProgressShown = true;
  }

  clearProgress(): void {
    if (!this.#isProgressShown) return;
    this.#options.errors.write('\r\u001B[2K');
    this.#isProgressShown = false;
  }
}

/** JSON with bigints as numbers where that is exact, else as text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, member: unknown) => {
      if (typeof member !== 'bigint') return member;
      const number = Number(member);
      return Number.isSafeInteger(number) ? number : member.toString();
    },
    2,
  );
}
