/** Work that is done in steps: whoever runs it may rest, or give up, between any two of them. */

/** Each step is a bounded piece of work; after the last one there is the result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** All steps in one stretch. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
