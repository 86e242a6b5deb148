/** Work in steps on the serving thread: between any two of them others get their turn, and a cancellation is heard. */
import type { Steps } from '../query/steps.ts';
import type { Turn } from './read-context.ts';

/** @throws MilvusError Cancelled or DeadlineExceeded when the caller gave up; no step is done after that */
export async function inTurns<Result>(
  steps: Steps<Result>,
  turn: Pick<Turn, 'isOver' | 'yield'>,
): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (turn.isOver) await turn.yield();
    if (step.done === true) return step.value;
  }
}
