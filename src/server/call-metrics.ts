/**
 * What the server counts of its calls, by Milvus's names: every handler is wrapped once, whichever door asks.
 * Source: Milvus `pkg/metrics/proxy_metrics.go`.
 */
import type { Clock } from '../base/clock.ts';
import { toMilvusError } from '../base/errors.ts';
import { NAME_BYTES_MAX } from '../base/limits.ts';
import type { MutationResult, SearchResults } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { MethodName } from '../wire/method-types.ts';
import type { Handlers } from './handlers.ts';
import type { Count, MetricRegistry, Observe } from './metric-registry.ts';
import type { ServerCall } from './server-call.ts';

/** Of this process, as Milvus numbers its nodes. */
export const NODE_ID = '1';

const READS: ReadonlyMap<string, string> = new Map([
  ['Search', 'search'],
  ['HybridSearch', 'hybrid_search'],
  ['Query', 'query'],
]);
const WRITES: ReadonlyMap<string, string> = new Map([
  ['Insert', 'insert'],
  ['Upsert', 'upsert'],
  ['Delete', 'delete'],
]);

interface CallNames {
  readonly databaseName: string;
  readonly collectionName: string;
}

/** What an answer says of rows and queries. */
type CountedAnswer = Init<MutationResult> & Pick<Init<SearchResults>, 'results'>;

type AnyHandler = (request: object, call: ServerCall) => Promise<object>;

export class CallMetrics {
  readonly #clock: Clock;
  readonly #requests: Count;
  readonly #latency: Observe;
  readonly #readLatency: Observe;
  readonly #writeLatency: Observe;
  readonly #queries: Count;
  readonly #rows: ReadonlyMap<string, Count>;
  readonly #restRequests: Count;
  readonly #restLatency: Observe;
  readonly #restReceived: Count;
  readonly #restSent: Count;

  constructor(registry: MetricRegistry, clock: Clock) {
    const place = ['node_id', 'db_name', 'collection_name'];
    const counter = (name: string, help: string, labels: readonly string[]): Count =>
      registry.counter({ name: `proxy_${name}`, help, labels });
    const histogram = (name: string, help: string, labels: readonly string[]): Observe =>
      registry.histogram({ name: `proxy_${name}`, help, labels });
    this.#clock = clock;
    this.#requests = counter('req_count', 'count of operation executed', [
      'node_id',
      'function_name',
      'status',
      'db_name',
      'collection_name',
    ]);
    this.#latency = histogram('req_latency', 'latency of each request', [
      'node_id',
      'function_name',
    ]);
    this.#readLatency = histogram('sq_latency', 'latency of search or query successfully', [
      ...place,
      'query_type',
    ]);
    this.#writeLatency = histogram('mutation_latency', 'latency of insert or delete successfully', [
      ...place,
      'msg_type',
    ]);
    const searched = 'counter of vectors successfully searched';
    this.#queries = counter('search_vectors_count', searched, place);
    this.#rows = new Map(
      Array.from(WRITES, ([method, word]) => {
        const help = `counter of vectors successfully ${word}${word.endsWith('e') ? 'd' : 'ed'}`;
        return [method, counter(`${word}_vectors_count`, help, place)] as const;
      }),
    );
    const path = ['node_id', 'path'];
    this.#restRequests = counter('restful_api_req_count', 'count of operation executed', path);
    this.#restLatency = histogram('restful_api_req_latency', 'latency of each request', path);
    this.#restReceived = counter('restful_api_receive_bytes_count', 'bytes received', path);
    this.#restSent = counter('restful_api_send_bytes_count', 'bytes sent back', path);
  }

  /** The same handlers, counted. */
  wrap(handlers: Handlers): Handlers {
    const wrapped = Object.entries(handlers).map(([name, handler]) => {
      const inner = handler as AnyHandler;
      const counted: AnyHandler = async (request, call) => {
        const names = namesOf(request, call);
        return await this.count(name as MethodName, names, async () => await inner(request, call));
      };
      return [name, counted];
    });
    return Object.fromEntries(wrapped) as Handlers;
  }

  async count<Answer extends object>(
    name: MethodName,
    names: CallNames,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const startedMs = this.#clock.monotonicMs();
    const place = {
      node_id: NODE_ID,
      db_name: labelOf(names.databaseName),
      collection_name: labelOf(names.collectionName),
    };
    const label = { ...place, function_name: name };
    try {
      const answer = await work();
      this.#requests({ ...label, status: 'success' });
      const tookMs = this.#clock.monotonicMs() - startedMs;
      this.#succeeded(name, { place, answer, tookMs });
      return answer;
    } catch (failure) {
      const status = toMilvusError(failure).isInputError ? 'fail_input' : 'fail_system';
      this.#requests({ ...label, status });
      throw failure;
    } finally {
      this.#requests({ ...label, status: 'total' });
      const tookMs = this.#clock.monotonicMs() - startedMs;
      this.#latency({ node_id: NODE_ID, function_name: name }, tookMs);
    }
  }

  countRest(request: {
    readonly path: string;
    readonly tookMs: number;
    readonly receivedBytes: number;
    readonly sentBytes: number;
  }): void {
    const label = { node_id: NODE_ID, path: request.path };
    this.#restRequests(label);
    this.#restLatency(label, request.tookMs);
    this.#restReceived(label, request.receivedBytes);
    this.#restSent(label, request.sentBytes);
  }

  #succeeded(
    name: MethodName,
    {
      place,
      answer,
      tookMs,
    }: {
      readonly place: Readonly<Record<string, string>>;
      readonly answer: CountedAnswer;
      readonly tookMs: number;
    },
  ): void {
    const readWord = READS.get(name);
    const writeWord = WRITES.get(name);
    if (readWord !== undefined) {
      this.#readLatency({ ...place, query_type: readWord }, tookMs);
      this.#queries(place, Number(answer.results?.numQueries ?? 0));
    }
    if (writeWord !== undefined) {
      this.#writeLatency({ ...place, msg_type: writeWord }, tookMs);
      this.#rows.get(name)?.(place, rowsOf(name, answer));
    }
  }
}

/** Labels are kept for ever: what is too long to name anything is none. */
function labelOf(name: string): string {
  return Buffer.byteLength(name) > NAME_BYTES_MAX ? '' : name;
}

function rowsOf(name: MethodName, answer: CountedAnswer): number {
  if (name === 'Insert') return Number(answer.insertCnt ?? 0);
  return Number((name === 'Upsert' ? answer.upsertCnt : answer.deleteCnt) ?? 0);
}

function namesOf(request: object, call: ServerCall): CallNames {
  const { dbName, collectionName } = request as { dbName?: unknown; collectionName?: unknown };
  const databaseName = typeof dbName === 'string' && dbName !== '' ? dbName : call.databaseName;
  return {
    databaseName: databaseName === '' ? 'default' : databaseName,
    collectionName: typeof collectionName === 'string' ? collectionName : '',
  };
}
