/** What the server tells of itself and its machine; the command that starts it finds it out. */

export interface ServerFacts {
  /** Of the Milvus line whose calls it answers: `v3.0.0` or so; clients parse it. */
  readonly version: string;
  readonly nodeVersion: string;
  /** ISO text. */
  readonly startedAt: string;
  /** `host:port` that clients use. */
  readonly address: string;
  readonly hardware: () => Hardware;
  /** What it was started with, by Milvus's names; secrets left out. */
  readonly configuration?: Readonly<Record<string, string>>;
}

export interface Hardware {
  readonly cpuCount: number;
  /** Of all cores, 0 to 100. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly memoryUsedBytes: number;
  readonly diskBytes: number;
  readonly diskUsedBytes: number;
}
