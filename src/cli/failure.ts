/** How a command ends: exit codes, and errors that say what happened, where, why and what to do next. */
import { MilvusError } from '../base/errors.ts';

export const EXIT_CODES = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  locked: 4,
  corrupt: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** An end that is no error of the engine: a path that is not there, a wrong argument. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  readonly next: string | null;

  constructor(exitCode: ExitCode, message: string, next: string | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.next = next;
  }
}

export interface FailureReport {
  readonly exitCode: ExitCode;
  readonly what: string;
  /** The path that the command worked on. */
  readonly where: string | null;
  readonly why: string | null;
  readonly next: string | null;
  /** Milvus's numeric code and the name of the error. */
  readonly code: number | null;
  readonly reason: string | null;
}

/** @param path what the command was given; null when it was given none */
export function failureReport(error: unknown, path: string | null): FailureReport {
  const why = error instanceof Error ? causeText(error) : null;
  const base = { where: path, why, code: null, reason: null };
  if (error instanceof CommandFailure) {
    return { ...base, exitCode: error.exitCode, what: error.message, next: error.next };
  }
  if (error instanceof MilvusError) {
    const { code, reason } = error;
    const { exitCode, next } = outcomeOf(error, path);
    return { ...base, exitCode, what: error.message, next, code, reason };
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const next = 'this is a defect of mlite: please report it with the lines above';
  return { ...base, exitCode: EXIT_CODES.failure, what, next };
}

/** Lines of a report for people. */
export function failureLines(report: FailureReport): string[] {
  return [
    `error: ${report.what}`,
    ...(report.where === null ? [] : [`  where: ${report.where}`]),
    ...(report.why === null ? [] : [`  why:   ${report.why}`]),
    ...(report.next === null ? [] : [`  next:  ${report.next}`]),
  ];
}

function outcomeOf(
  error: MilvusError,
  path: string | null,
): { exitCode: ExitCode; next: string | null } {
  const place = path ?? '<path>';
  switch (error.reason) {
    case 'DirectoryLocked':
      return {
        exitCode: EXIT_CODES.locked,
        next: `close the other process, or look without writing: mlite inspect ${place}`,
      };
    case 'DataIntegrity':
      return { exitCode: EXIT_CODES.corrupt, next: `list all damage: mlite verify ${place}` };
    case 'FormatNotSupported':
      return {
        exitCode: EXIT_CODES.failure,
        next: 'install a newer version: npm install milvus-lite@latest',
      };
    case 'DiskLimitExceeded':
      return {
        exitCode: EXIT_CODES.failure,
        next: `free some space, then see: mlite doctor ${place}`,
      };
    case 'StoragePermissionDenied':
      return {
        exitCode: EXIT_CODES.failure,
        next: `check who owns the files: mlite doctor ${place}`,
      };
    case 'IoKeyNotFound':
      return { exitCode: EXIT_CODES.notFound, next: `see what is there: mlite verify ${place}` };
    default:
      return {
        exitCode: error.kind === 'NotFound' ? EXIT_CODES.notFound : EXIT_CODES.failure,
        next: null,
      };
  }
}

function causeText(error: Error): string | null {
  return error.cause instanceof Error ? error.cause.message : null;
}
