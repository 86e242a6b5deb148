/** What a call to the server brings besides its request. */
import type { CallOptions } from '../core/requests.ts';

export interface ServerCall {
  /** From the metadata; '' is the default database. */
  readonly databaseName: string;
  /** Ends the work when the client goes away or its deadline passes. */
  readonly options: CallOptions;
}

/** A request's own database wins over the one of the connection. */
export function databaseOf(request: { readonly dbName: string }, call: ServerCall): string {
  return request.dbName === '' ? call.databaseName : request.dbName;
}

/** The collection that a request names. */
export function collectionOf(
  request: { readonly dbName: string; readonly collectionName: string },
  call: ServerCall,
): { readonly databaseName: string; readonly collectionName: string } {
  return { databaseName: databaseOf(request, call), collectionName: request.collectionName };
}
