/** What the rows of a collection, or the hits of a search, add up to by the values of their fields. */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionRef } from '../core/references.ts';
import type { BucketRequest, HitBucket } from '../core/requests.ts';
import { AGGREGATE_MEMBERS, BUCKET_MEMBERS, BUCKET_SEARCH_MEMBERS, callOf } from './arguments.ts';
import { requireMembers, requireObject, requireText, requireTexts } from './checks.ts';
import type { AggregateRequest, Bucket, BucketOptions, BucketSearchRequest } from './requests.ts';
import type { AnySchema, Hit, QueryVector, Schema } from './schema.ts';
import { isOneVector, orderParts, readParts, searchParts } from './search-parts.ts';
import type { Session } from './session.ts';
import { onceLoaded } from './loaded.ts';

/** Reached as `collection.aggregates`. */
export class Aggregates<S extends Schema = AnySchema> {
  readonly #session: Session;
  readonly #reference: () => CollectionRef;

  /** Made by the collection. */
  constructor(session: Session, reference: () => CollectionRef) {
    this.#session = session;
    this.#reference = reference;
  }

  /**
   * Counts, sums, averages and extremes of the rows that a filter matches, one object a group: in the order
   * of the groups' values, or as `orderBy` says. Counts, sums of integers and int64 are bigints; null where
   * no row has a value. A sum of floats beyond the range of a double is Infinity or NaN; an average never is.
   * @param request.show names of `groupBy`, and `count(*)`, `count(f)`, `sum(f)`, `avg(f)`, `min(f)`, `max(f)`
   * @example
   *   await books.aggregates.query({ groupBy: ['author'], show: ['author', 'count(*)', 'avg(pages)'] });
   * @throws MilvusError ParameterInvalid for types that have no such aggregate, more than 100,000 groups, and
   *   sums that do not fit int64
   */
  async query(request: AggregateRequest): Promise<Array<Record<string, unknown>>> {
    requireMembers('request', request, AGGREGATE_MEMBERS);
    const { show, groupBy, limit, offset, orderBy } = request;
    requireTexts('show', show);
    if (show.length === 0)
      throw invalidParameter('show is empty, it must name what the answer has');
    const target = {
      ...this.#reference(),
      ...readParts(request),
      outputFields: show,
      ...(groupBy === undefined ? {} : { groupBy }),
      ...(limit === undefined ? {} : { limit }),
      ...(offset === undefined ? {} : { offset }),
      ...orderParts(orderBy),
    };
    const { service } = this.#session;
    const { rows } = await this.#loaded(() => service.query(target, callOf(request)), request);
    return rows;
  }

  /**
   * The nearest hits of one vector in buckets by the values of some fields, and in buckets inside of these, as
   * many as asked for; or a list of such lists for many vectors. What is told of a bucket is told of the hits
   * that were found for it: `topHits` of each combination of values, one without.
   * @example
   *   const byAuthor = await books.aggregates.search({
   *     data: vector,
   *     buckets: { fields: ['author'], size: 5, metrics: { price: { avg: 'price' } }, topHits: { size: 3 } },
   *     outputFields: ['title'],
   *   });
   * @throws MilvusError ParameterInvalid for fields that have no buckets, more than 4 levels, and more than
   *   10,000 hits in all
   */
  async search<const Names extends string = never>(
    request: BucketSearchRequest<S, Names> & { readonly data: QueryVector<S> },
  ): Promise<Array<Bucket<Hit<S, Names>>>>;
  async search<const Names extends string = never>(
    request: BucketSearchRequest<S, Names> & { readonly data: ReadonlyArray<QueryVector<S>> },
  ): Promise<Array<Array<Bucket<Hit<S, Names>>>>>;
  async search<const Names extends string = never>(
    request: BucketSearchRequest<S, Names> & { readonly data: unknown },
  ): Promise<Array<Bucket<Hit<S, Names>>> | Array<Array<Bucket<Hit<S, Names>>>>> {
    requireMembers('request', request, BUCKET_SEARCH_MEMBERS);
    const { buckets, ...search } = request;
    const target = {
      ...this.#reference(),
      ...searchParts(search),
      aggregation: bucketRequest(buckets),
    };
    const { service } = this.#session;
    const answer = await this.#loaded(
      () => service.searchBuckets(target, callOf(request)),
      request,
    );
    const told = answer.buckets.map((ofQuery) => ofQuery.map(bucketOf<Hit<S, Names>>));
    return isOneVector(request.data) ? (told[0] ?? []) : told;
  }

  async #loaded<Answer>(
    call: () => Promise<Answer>,
    options: Parameters<typeof callOf>[0],
  ): Promise<Answer> {
    const load = (): Promise<void> =>
      this.#session.service.loadCollection(this.#reference(), callOf(options));
    return await onceLoaded(call, load);
  }
}

function bucketRequest(options: BucketOptions): BucketRequest {
  requireMembers('buckets', options, BUCKET_MEMBERS);
  const { fields, size, searchSize, metrics = {}, order, topHits, inside } = options;
  requireTexts('fields', fields);
  requireObject('metrics', metrics);
  if (topHits !== undefined) requireObject('topHits', topHits);
  const named = Object.entries(metrics).map(([name, metric]) => {
    requireObject(`metrics.${name}`, metric);
    const [operator = '', field = ''] = Object.entries(metric)[0] ?? [];
    requireText(`field of metrics.${name}`, field);
    return [name, { operator, field }] as const;
  });
  return {
    fields,
    metrics: Object.fromEntries(named),
    ...(size === undefined ? {} : { size }),
    ...(searchSize === undefined ? {} : { searchSize }),
    ...(order === undefined ? {} : { order }),
    ...(topHits === undefined ? {} : { topHits }),
    ...(inside === undefined ? {} : { sub: bucketRequest(inside) }),
  };
}

function bucketOf<Found>({ key, count, metrics, hits, sub }: HitBucket): Bucket<Found> {
  return {
    key: Object.fromEntries(key.map(({ fieldName, value }) => [fieldName, value])),
    count,
    metrics: Object.fromEntries(metrics),
    hits: hits as unknown as Found[],
    inside: sub.map((one) => bucketOf<Found>(one)),
  };
}
