/**
 * A network between the roles, without the network: every request and answer of the four ports becomes
 * bytes and comes back as a copy, errors as plain data. Deadline and signal travel beside them. What works
 * in one process only because two roles share an object fails here.
 */
import { deserialize, serialize } from 'node:v8';
import { type ErrorFields, type ErrorName, MilvusError } from '../../src/base/errors.ts';
import type { Transport } from '../../src/core/engine.ts';
import type { Call } from '../../src/core/ports.ts';

interface Failure {
  readonly reason: ErrorName;
  readonly text: string;
  readonly fields: ErrorFields;
}

type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** @param crossed gets the name of every method that was called, as `shards.insert` */
export function encodedTransport(crossed = new Set<string>()): Transport {
  return {
    coordinator: (port) => encoded('coordinator', port, crossed),
    shards: (port) => encoded('shards', port, crossed),
    segmentHost: (port) => encoded('segmentHost', port, crossed),
    taskRunner: (port) => encoded('taskRunner', port, crossed),
  };
}

type Method = (...parameters: unknown[]) => unknown;

function encoded<Port extends object>(name: string, port: Port, crossed: Set<string>): Port {
  return new Proxy(port, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      const label = `${name}.${String(key)}`;
      return async (...parameters: unknown[]): Promise<unknown> => {
        crossed.add(label);
        const call = parameters.at(-1) as Call;
        const request = serialize([...parameters.slice(0, -1), { deadlineMs: call.deadlineMs }]);
        const bytes = await answer(target, method as Method, { request, signal: call.signal });
        const received = deserialize(bytes) as Answer;
        if (received.kind === 'value') return received.value;
        const { reason, text, fields } = received.failure;
        throw new MilvusError(reason, text, fields);
      };
    },
  });
}

/** The other side: decodes, works, encodes. Only MilvusErrors are answers; anything else is a fault. */
async function answer(
  target: object,
  method: Method,
  message: { readonly request: Uint8Array; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array> {
  const parameters = deserialize(message.request) as unknown[];
  const call = parameters.pop() as Call;
  const { signal } = message;
  const received: Call = signal === undefined ? call : { ...call, signal };
  try {
    const value = await method.call(target, ...parameters, received);
    return serialize({ kind: 'value', value } satisfies Answer);
  } catch (thrown) {
    if (!(thrown instanceof MilvusError)) throw thrown;
    const { reason, message: text, fields } = thrown;
    return serialize({ kind: 'failure', failure: { reason, text, fields } } satisfies Answer);
  }
}
