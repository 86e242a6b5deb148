/** Deadlines and cancellation: what a caller said once, heard wherever the call waits or computes. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError } from '../base/errors.ts';
import { TURN_MS_MAX } from '../base/limits.ts';
import { Turn } from '../search/read-context.ts';
import type { Call } from './ports.ts';
import type { CallOptions } from './requests.ts';

/** A call without deadline and without a way to cancel it: background work. */
export const BACKGROUND: Call = Object.freeze({ deadlineMs: null });

/** @throws MilvusError Cancelled, DeadlineExceeded: whichever ended the call */
export function checkCall({ signal }: Call): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

/** What of a call goes to work that may be cancelled. */
export function signalOf({ signal }: Call): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Work for a call on the serving thread, which ends when its caller gives up. */
export function turnOf({ signal }: Call, clock: Clock): Turn {
  return new Turn(signal === undefined ? { clock } : { clock, signal });
}

/**
 * Runs `work` under what its caller said. When the caller gives up first, the call's signal aborts: reads
 * stop, a write that is not appended to the log never is, and what was appended stays.
 *
 * An answer, or a failure, for which nothing but promises was waited for is held back now and then until the event
 * loop has had a turn: whoever calls in a loop, until something changes, would else keep it from changing.
 * @throws MilvusError Cancelled, DeadlineExceeded, ParameterInvalid for options that are none
 */
export async function withinCall<T>(
  options: CallOptions | undefined,
  clock: Clock,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  try {
    return await runCall(options, clock, work);
  } finally {
    const turn = clock.turnIfDue(TURN_MS_MAX);
    if (turn !== null) await turn;
  }
}

async function runCall<T>(
  options: CallOptions | undefined,
  clock: Clock,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const signal = checkedSignal(options);
  const timeoutMs = checkedTimeout(options);
  if (signal === undefined && timeoutMs === null) return await work(BACKGROUND);
  if (signal?.aborted === true) throw cancelled(signal);
  if (timeoutMs === 0) throw milvusError('DeadlineExceeded');
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (reason: MilvusError): void => {
    controller.abort(reason);
    reject(reason);
  };
  const onAbort = (): void => giveUp(cancelled(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === null
      ? null
      : clock.after(timeoutMs, () => giveUp(milvusError('DeadlineExceeded')));
  const deadlineMs = timeoutMs === null ? null : clock.nowMs() + timeoutMs;
  // Also when it throws at once: what was set up above must be taken down again.
  const working = (async () => await work({ deadlineMs, signal: controller.signal }))();
  try {
    return await Promise.race([working, promise]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
    // Whoever gave up first no longer listens; a later failure of the work must not end the process.
    void Promise.allSettled([working]);
  }
}

/** All answers; a failure waits for the others, so that a call that failed leaves nothing under way. */
export async function everyAnswer<T>(answers: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(answers);
  return await Promise.all(answers);
}

function cancelled(signal: AbortSignal | undefined): MilvusError {
  return milvusError('Cancelled', {}, signal?.reason);
}

function reasonOf(signal: AbortSignal): MilvusError {
  return signal.reason instanceof MilvusError ? signal.reason : cancelled(signal);
}

function checkedSignal(options: CallOptions | undefined): AbortSignal | undefined {
  const signal: unknown = options?.signal;
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw invalidParameter('signal is an AbortSignal', { signal: typeof signal });
}

/** Null: as long as it takes. */
function checkedTimeout(options: CallOptions | undefined): number | null {
  const timeoutMs: unknown = options?.timeoutMs;
  if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return null;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs;
  throw invalidParameter('timeoutMs is a number of milliseconds', {
    timeoutMs: isPrintable(timeoutMs) ? timeoutMs : typeof timeoutMs,
  });
}

function isPrintable(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}
