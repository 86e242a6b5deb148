/**
 * One call of the service from the bytes of its request to those of its answer, whatever carries them. What
 * goes wrong in a call itself is a Status in its answer, as Milvus has it; bytes that are no message are their
 * sender's fault, and throw.
 */
import { MalformedBytes } from '../base/bytes.ts';
import { type MilvusError, milvusError } from '../base/errors.ts';
import { METHODS, type Status } from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { AnyMessageType, Init, MessageType } from '../wire/message-type.ts';
import type { MethodName } from '../wire/method-types.ts';
import type { Handlers } from './handlers.ts';
import type { ServerCall } from './server-call.ts';
import { statusOf, SUCCESS } from './status.ts';

type AnyHandler = (request: unknown, call: ServerCall) => Promise<Init<object>>;

/** Whether the service has a call of that name, answered or not. */
export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

/**
 * A call that nothing answers is answered by a Status that says so.
 * @throws MalformedBytes when `request` is no message of the call
 */
export async function dispatch(
  handlers: Handlers,
  name: MethodName,
  request: Uint8Array,
  call: ServerCall,
): Promise<Uint8Array> {
  const method = METHODS[name] as {
    readonly request: AnyMessageType;
    readonly response: MessageType<object>;
  };
  const { response } = method;
  if (!Object.hasOwn(handlers, name)) return unanswered(name);
  const message = decodeMessage(method.request, request);
  const handler = handlers[name] as AnyHandler;
  try {
    const value = { ...withStatus(response, SUCCESS), ...(await handler(message, call)) };
    return encodeMessage(response, value);
  } catch (failure) {
    if (failure instanceof MalformedBytes) throw failure;
    return encodeMessage(response, withStatus(response, statusOf(failure)));
  }
}

function unanswered(name: MethodName): Uint8Array {
  const message = `${name} is not implemented`;
  return refusedAnswer(name, milvusError('Unimplemented', { message }));
}

/** An answer that says nothing but why there is none. */
export function refusedAnswer(name: MethodName, failure: MilvusError): Uint8Array {
  const response = METHODS[name].response as MessageType<object>;
  return encodeMessage(response, withStatus(response, statusOf(failure)));
}

/** The answer itself where it is a Status, else one that has nothing but its status. */
function withStatus(response: MessageType<object>, status: Init<Status>): Init<object> {
  const field = response.fields.find(({ message }) => message?.name === 'Status');
  return field === undefined ? status : { [field.name]: status };
}
