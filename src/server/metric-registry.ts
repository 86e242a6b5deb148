/** Counters, histograms and gauges of one server, in the text that Prometheus reads. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Milliseconds: 1, 2, 4 … 131072, as Milvus has them. */
const LATENCY_BUCKETS: readonly number[] = Array.from({ length: 18 }, (_, i) => 2 ** i);
/** Of one metric; what has more labels than that is counted without them. */
const LABEL_SETS_MAX = 1000;
const PREFIX = 'milvus_';

type Labels = Readonly<Record<string, string>>;

export interface MetricName {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Adds to a count. */
export type Count = (labels: Labels, amount?: number) => void;
/** Notes how many milliseconds something took. */
export type Observe = (labels: Labels, tookMs: number) => void;

export interface Reading {
  readonly labels: Labels;
  readonly value: number;
}

export class MetricRegistry {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  counter(metric: MetricName): Count {
    const counter = new Counter(this.#options(metric));
    const bound = boundLabels(metric);
    return (labels, amount = 1) => counter.inc(bound(labels), amount);
  }

  histogram(metric: MetricName): Observe {
    const histogram = new Histogram({
      ...this.#options(metric),
      buckets: [...LATENCY_BUCKETS],
    });
    const bound = boundLabels(metric);
    return (labels, tookMs) => histogram.observe(bound(labels), tookMs);
  }

  /** @param read asked whenever the text is */
  gauge(metric: MetricName, read: () => Promise<readonly Reading[]>): void {
    const gauge = new Gauge({
      ...this.#options(metric),
      async collect(): Promise<void> {
        gauge.reset();
        for (const { labels, value } of await read()) gauge.set(labels, value);
      },
    });
  }

  #options({ name, help, labels }: MetricName): {
    name: string;
    help: string;
    labelNames: string[];
    registers: Registry[];
  } {
    return { name: PREFIX + name, help, labelNames: [...labels], registers: [this.#registry] };
  }
}

/** Names come from requests: whoever makes them up must not fill the memory. */
function boundLabels({ labels: names }: MetricName): (labels: Labels) => Labels {
  const seen = new Set<string>();
  return (labels) => {
    const key = names.map((name) => labels[name] ?? '').join('\0');
    if (seen.has(key)) return labels;
    if (seen.size < LABEL_SETS_MAX) {
      seen.add(key);
      return labels;
    }
    const kept = names.map((name) => [name, isOfRequest(name) ? '' : (labels[name] ?? '')]);
    return Object.fromEntries(kept) as Labels;
  };
}

function isOfRequest(name: string): boolean {
  return name === 'db_name' || name === 'collection_name';
}
