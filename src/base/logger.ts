/** Logger port: events with fields. The library is silent unless the caller hands in a logger. */

export type LogFields = Readonly<Record<string, string | number | bigint | boolean | null>>;

export interface Logger {
  debug(fields: LogFields, event: string): void;
  info(fields: LogFields, event: string): void;
  warn(fields: LogFields, event: string): void;
  error(fields: LogFields, event: string): void;
}

const nothing = (): void => undefined;

export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
