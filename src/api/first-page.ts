/** What all pages of an iteration have in common, chosen before the first is read: collection, schema and moment. */
import type { CollectionInfo } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import type { CallOptions, QueryRowsRequest } from '../core/requests.ts';
import { callOf } from './arguments.ts';
import { momentOf } from './loaded.ts';
import type { ReadOptions } from './requests.ts';
import type { Session } from './session.ts';

export interface FirstPage {
  readonly collection: CollectionInfo;
  /** Parts of every page's request. */
  readonly pinned: Pick<QueryRowsRequest, 'collectionId' | 'schema' | 'snapshotTimestamp'>;
}

export async function firstPageOf(
  session: Pick<Session, 'service'>,
  reference: CollectionRef,
  request: CallOptions & Pick<ReadOptions, 'timestamp'>,
): Promise<FirstPage> {
  const call = callOf(request);
  // The moment first: no row that the pages see was written under a later schema than theirs.
  const moment = request.timestamp ?? (await momentOf(session, call));
  const collection = await session.service.describeCollection(reference, call);
  const { id: collectionId, schema } = collection;
  const snapshot = moment === null ? {} : { snapshotTimestamp: moment };
  return { collection, pinned: { collectionId, schema, ...snapshot } };
}
