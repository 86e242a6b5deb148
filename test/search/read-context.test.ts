import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { cancellation, checkSignal, Turn } from '../../src/search/read-context.ts';
import { hurriedClock } from './world.ts';

describe('a cancelled read', () => {
  it('fails with what the caller aborted with', () => {
    const abort = (reason?: unknown): AbortSignal => AbortSignal.abort(reason);
    expect(cancellation(abort()).reason).toBe('Cancelled');
    expect(cancellation(abort('enough')).cause).toBe('enough');
    expect(cancellation(abort(new DOMException('late', 'TimeoutError'))).reason).toBe(
      'DeadlineExceeded',
    );
    const own = milvusError('Closed');
    expect(cancellation(abort(own))).toBe(own);
    expect(() => checkSignal(abort())).toThrow('context canceled');
    expect(() => checkSignal(new AbortController().signal)).not.toThrow();
    expect(() => checkSignal(undefined)).not.toThrow();
  });
});

describe('a turn', () => {
  it('is over after its time and begins again after a yield', async () => {
    let nowMs = 0;
    const clock = { ...hurriedClock(), monotonicMs: () => nowMs };
    const turn = new Turn({ clock });
    expect(turn.isOver).toBe(false);
    nowMs = 10;
    expect(turn.isOver).toBe(true);
    await turn.yield();
    expect(turn.isOver).toBe(false);
  });

  it('hears a cancellation when it yields', async () => {
    const controller = new AbortController();
    const turn = new Turn({ clock: hurriedClock(), signal: controller.signal });
    await turn.yield();
    controller.abort();
    await expect(turn.yield()).rejects.toThrow('context canceled');
  });
});
