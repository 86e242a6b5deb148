/** Deadlines and cancellation: what a caller said once, checked wherever the call waits. */
import type { Clock } from '../base/clock.ts';
import { type MilvusError, milvusError } from '../base/errors.ts';
import type { Call } from './ports.ts';
import type { CallOptions } from './requests.ts';

/** A call without deadline and without a way to cancel it: background work. */
export const BACKGROUND: Call = Object.freeze({ deadlineMs: null });

export function callOf(options: CallOptions | undefined, clock: Clock): Call {
  const timeoutMs = options?.timeoutMs;
  const deadlineMs = timeoutMs === undefined ? null : clock.nowMs() + timeoutMs;
  return options?.signal === undefined ? { deadlineMs } : { deadlineMs, signal: options.signal };
}

function cancelled(call: Call): MilvusError {
  return milvusError('Cancelled', {}, call.signal?.reason);
}

/** @throws MilvusError Cancelled, DeadlineExceeded */
export function checkCall(call: Call, clock: Clock): void {
  if (call.signal?.aborted === true) throw cancelled(call);
  if (call.deadlineMs !== null && clock.nowMs() > call.deadlineMs)
    throw milvusError('DeadlineExceeded');
}

/**
 * The outcome of `work`, unless the caller gives up first. The work itself goes on: what was appended to
 * the log stays appended.
 */
export async function withinCall<T>(work: Promise<T>, call: Call, clock: Clock): Promise<T> {
  const { signal, deadlineMs } = call;
  if (signal === undefined && deadlineMs === null) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(cancelled(call));
  signal?.addEventListener('abort', abort, { once: true });
  const timer =
    deadlineMs === null
      ? null
      : clock.after(Math.max(0, deadlineMs - clock.nowMs()), () =>
          reject(milvusError('DeadlineExceeded')),
        );
  try {
    checkCall(call, clock);
    return await Promise.race([work, promise]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', abort);
    // Whoever gave up first no longer listens; a later failure of the work must not end the process.
    void Promise.allSettled([work]);
  }
}
