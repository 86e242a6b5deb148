/** Where the code of a worker thread lies: beside this file, compiled or not, as this file is. */

/** True when this is run from its TypeScript source. */
export const runsFromSource: boolean = import.meta.url.endsWith('.ts');

export const workerEntry: URL = new URL(
  runsFromSource ? './worker.ts' : './worker.js',
  import.meta.url,
);
