/** How much a server says of what it does; may be changed while it runs. */
import { invalidParameter } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/logger.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

/** One event. */
export interface LogEvent {
  readonly level: LogLevelName;
  readonly fields: LogFields;
  readonly event: string;
}

/** Levels of Milvus that ours have no name for. */
const OTHER_NAMES: ReadonlyMap<string, LogLevelName> = new Map([
  ['trace', 'debug'],
  ['warning', 'warn'],
  ['dpanic', 'error'],
  ['panic', 'error'],
  ['fatal', 'error'],
]);

export class LogLevel {
  #level: LogLevelName;
  readonly #write: (event: LogEvent) => void;

  constructor(level: LogLevelName, write: (event: LogEvent) => void) {
    this.#level = level;
    this.#write = write;
  }

  get level(): LogLevelName {
    return this.#level;
  }

  /** @throws MilvusError ParameterInvalid */
  change(name: string): void {
    this.#level = logLevelOf(name);
  }

  readonly logger: Logger = {
    debug: (fields, event) => this.#say({ level: 'debug', fields, event }),
    info: (fields, event) => this.#say({ level: 'info', fields, event }),
    warn: (fields, event) => this.#say({ level: 'warn', fields, event }),
    error: (fields, event) => this.#say({ level: 'error', fields, event }),
  };

  #say(event: LogEvent): void {
    if (LOG_LEVELS.indexOf(event.level) >= LOG_LEVELS.indexOf(this.#level)) this.#write(event);
  }
}

/** @throws MilvusError ParameterInvalid */
export function logLevelOf(name: string): LogLevelName {
  const lower = name.toLowerCase();
  const level = LOG_LEVELS.find((one) => one === lower) ?? OTHER_NAMES.get(lower);
  if (level !== undefined) return level;
  throw invalidParameter(`unrecognized level: "${name}"`, { expected: LOG_LEVELS.join(', ') });
}
