/** The calls of the service by name, and what answers them. A call without a handler is unimplemented. */
import type { MethodName, RequestOf, ResponseOf } from '../wire/method-types.ts';
import type { Init } from '../wire/message-type.ts';
import type { ServerCall } from './server-call.ts';

/** @throws MilvusError, which becomes the status of the answer */
export type Handler<Name extends MethodName> = (
  request: RequestOf<Name>,
  call: ServerCall,
) => Promise<Init<ResponseOf<Name>>>;

export type Handlers = { readonly [Name in MethodName]?: Handler<Name> };
