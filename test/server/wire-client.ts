/** A client that says exactly what a test wants, over a real connection. */
import * as grpc from '@grpc/grpc-js';
import { METHODS, SERVICE_NAME } from '../../src/wire/generated/milvus.ts';
import { decodeMessage } from '../../src/wire/message-decoder.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import type { Init, MessageType } from '../../src/wire/message-type.ts';
import type { MethodName } from '../../src/wire/method-types.ts';

type RequestOf<Name extends MethodName> = (typeof METHODS)[Name]['request']['type'];
type ResponseOf<Name extends MethodName> = (typeof METHODS)[Name]['response']['type'];

export interface CallExtras {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

export class WireClient implements Disposable {
  readonly #client: grpc.Client;

  constructor(port: number) {
    this.#client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': -1,
    });
  }

  async call<Name extends MethodName>(
    name: Name,
    request: Init<RequestOf<Name>>,
    extras: CallExtras = {},
  ): Promise<ResponseOf<Name>> {
    const method = METHODS[name];
    const bytes = encodeMessage(method.request as MessageType<object>, request as object);
    const answer = await this.send(name, bytes, extras);
    return decodeMessage(method.response as MessageType<ResponseOf<Name>>, answer);
  }

  /** @throws grpc.ServiceError */
  async send(name: string, bytes: Uint8Array, extras: CallExtras = {}): Promise<Uint8Array> {
    const metadata = new grpc.Metadata();
    for (const [key, value] of Object.entries(extras.metadata ?? {})) metadata.set(key, value);
    const options =
      extras.deadlineMs === undefined ? {} : { deadline: Date.now() + extras.deadlineMs };
    return await new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/${SERVICE_NAME}/${name}`,
        (value: Uint8Array) => Buffer.from(value),
        (value: Buffer) => value,
        bytes,
        metadata,
        options,
        (failure, value) => {
          if (value === undefined) reject(failure ?? new Error('no answer'));
          else resolve(value);
        },
      );
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
