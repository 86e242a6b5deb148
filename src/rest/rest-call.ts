/** One request of the HTTP interface: what it says, and what it may ask of the database. */
import type { Clock } from '../base/clock.ts';
import { MilvusError } from '../base/errors.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type { CallOptions } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { Init } from '../wire/message-type.ts';
import type { MethodName, RequestOf, ResponseOf } from '../wire/method-types.ts';
import type { RequestBody } from './request-body.ts';

export interface RestCall {
  readonly body: RequestBody;
  /** The database of the body, else of the header, else the default one. */
  readonly databaseName: string;
  /** Whether int64 values are written as numbers, and not as text. */
  readonly allowsInt64: boolean;
  /** Ends the work when the client goes away or its time is over. */
  readonly options: CallOptions;
  readonly service: Service;
  readonly clock: Clock;
  /** Counts what asks the engine itself like a call of that name. */
  count<Answer extends object>(
    name: MethodName,
    names: { readonly databaseName: string; readonly collectionName: string },
    work: () => Promise<Answer>,
  ): Promise<Answer>;
  /**
   * Asks what a client of gRPC would.
   * @throws MilvusError what the status of the answer says; Unimplemented
   */
  call<Name extends MethodName>(
    name: Name,
    request: Init<RequestOf<Name>>,
  ): Promise<ResponseOf<Name>>;
}

/** What is answered beside the code: `data`, and more for some. */
export type RestAnswer = Readonly<Record<string, unknown>>;

/** @throws MilvusError, which becomes the code and message of the answer */
export type RestHandler = (call: RestCall) => Promise<RestAnswer>;

/** Handlers by the path behind the prefix. */
export type Routes = Readonly<Record<string, RestHandler>>;

/** Of a call that answers nothing. */
export const DONE: RestAnswer = { data: {} };

/** The collection that a request has to name. */
export function namedCollection({ body, databaseName }: RestCall): {
  readonly dbName: string;
  readonly collectionName: string;
} {
  return { dbName: databaseName, collectionName: body.requiredText('collectionName') };
}

/** @throws MilvusError CollectionNotFound, in the words of DescribeCollection */
export async function describedCollection(call: RestCall): Promise<CollectionInfo> {
  const request = namedCollection(call);
  const { dbName: databaseName, collectionName } = request;
  try {
    return await call.service.describeCollection({ databaseName, collectionName }, call.options);
  } catch (failure) {
    if (failure instanceof MilvusError && failure.reason === 'CollectionNotFound') {
      await call.call('DescribeCollection', request);
    }
    throw failure;
  }
}
