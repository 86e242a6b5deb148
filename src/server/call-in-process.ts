/**
 * The calls of the service for the HTTP interface: a request is written and read as if it came over the wire,
 * so that both doors get the same answers.
 */
import { milvusError } from '../base/errors.ts';
import type { RestDeps } from '../rest/rest-listener.ts';
import { METHODS } from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Init, MessageType } from '../wire/message-type.ts';
import type { Handlers } from './handlers.ts';
import type { ServerCall } from './server-call.ts';

type AnyHandler = (request: unknown, call: ServerCall) => Promise<Init<object>>;

/** Resolves to the answer, whose status says nothing. */
export function callInProcess(handlers: Handlers): RestDeps['call'] {
  return async (name, request, call) => {
    const handler = handlers[name] as AnyHandler | undefined;
    if (handler === undefined) throw milvusError('Unimplemented', { message: name });
    const { request: requestType, response: responseType } = METHODS[name] as {
      readonly request: MessageType<object>;
      readonly response: MessageType<object>;
    };
    const given = decodeMessage(requestType, encodeMessage(requestType, request));
    const answer = await handler(given, call);
    return decodeMessage(responseType, encodeMessage(responseType, answer)) as never;
  };
}
