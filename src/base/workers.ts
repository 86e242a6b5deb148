/**
 * Workers port: computation that would hold the serving thread runs elsewhere, on memory it can see.
 * A task is plain data; the bytes it works on lie in shared memory or in mapped files, and are never copied.
 */
export interface Workers<Task, Result> extends AsyncDisposable {
  /** How many tasks run at the same time; 1 when everything runs on the calling thread. */
  readonly parallelism: number;
  /** Runs one task. @throws MilvusError Cancelled when `signal` aborts first */
  run(task: Task, signal?: AbortSignal): Promise<Result>;
}
