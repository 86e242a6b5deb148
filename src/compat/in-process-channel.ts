/**
 * What the SDK takes for its connections to a server: calls by name, each with a request, options and a
 * callback. Requests and answers are the bytes that a socket would carry, made and read by the SDK's own code,
 * so that a program sees the same objects whichever it talks to.
 */
import { MalformedBytes } from '../base/bytes.ts';
import { systemClock } from '../base/clock.ts';
import { dispatch, isMethod } from '../server/dispatch.ts';
import { type SharedDatabase, shareDatabase } from './shared-database.ts';

/** How the SDK writes and reads the messages of one call. */
export interface CallCodec {
  readonly requestSerialize: (request: object) => Uint8Array;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

export interface ChannelOptions {
  readonly databasePath: string;
  readonly codecs: Readonly<Record<string, CallCodec>>;
  /** Of the client, as of each call. */
  readonly databaseName: () => string;
}

interface CallOptions {
  readonly deadline?: Date;
}

type Reply = (failure: Error | null, answer?: object) => void;
/** With metadata before the options, or without. */
type CallArguments = readonly unknown[];
export type ClientCall = (request: object, ...rest: CallArguments) => void;

/** What a caller of gRPC is rejected with. */
class CallFailure extends Error {
  readonly code: number;
  readonly details: string;

  constructor(code: number, name: string, details: string) {
    super(`${code} ${name}: ${details}`);
    this.code = code;
    this.details = details;
  }
}

/** As the SDK uses a pool of its connections: one connection, which any number of calls share. */
export class InProcessChannel {
  readonly #options: ChannelOptions;
  readonly #client: Readonly<Record<string, ClientCall>>;
  #opening: Promise<SharedDatabase> | null = null;
  #isClosed = false;
  #closing: Promise<void> | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#client = Object.fromEntries(
      Object.entries(options.codecs).map(([name, codec]) => [
        name,
        (request: object, ...rest: CallArguments) => {
          const reply = rest.at(-1) as Reply;
          const { deadline } = rest.at(-2) as CallOptions;
          withinDeadline(deadline, (signal) => this.#answer(name, codec, { request, signal })).then(
            (answer) => reply(null, answer),
            (failure: unknown) => reply(asFailure(failure)),
          );
        },
      ]),
    );
  }

  /** @throws MilvusError when the database cannot be opened */
  async acquire(): Promise<Readonly<Record<string, ClientCall>>> {
    await this.#open();
    return this.#client;
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  /** Lets the database go; no call may follow. */
  async clear(): Promise<void> {
    this.#isClosed = true;
    const opening = this.#opening;
    this.#closing ??= opening === null ? Promise.resolve() : releaseOpened(opening);
    await this.#closing;
  }

  async #open(): Promise<SharedDatabase> {
    if (this.#isClosed) throw new CallFailure(1, 'CANCELLED', 'the client is closed');
    this.#opening ??= shareDatabase(this.#options.databasePath);
    const opening = this.#opening;
    try {
      return await opening;
    } catch (failure) {
      if (this.#opening === opening) this.#opening = null;
      throw failure;
    }
  }

  async #answer(
    name: string,
    codec: CallCodec,
    { request, signal }: { readonly request: object; readonly signal: AbortSignal },
  ): Promise<object> {
    const { handlers } = await this.#open();
    if (!isMethod(name)) throw new CallFailure(12, 'UNIMPLEMENTED', `there is no call ${name}`);
    const bytes = codec.requestSerialize(request);
    const answer = await dispatch(handlers, name, bytes, {
      databaseName: this.#options.databaseName(),
      options: { signal },
    });
    return codec.responseDeserialize(
      Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength),
    );
  }
}

async function releaseOpened(opening: Promise<SharedDatabase>): Promise<void> {
  // A database that could not be opened needs no closing.
  const [opened] = await Promise.allSettled([opening]);
  if (opened.status === 'fulfilled') await opened.value.release();
}

/** As a connection does: who waits is told at the deadline, whatever the work is doing just then. */
async function withinDeadline<T>(
  deadline: Date | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  if (deadline === undefined) return await work(controller.signal);
  const leftMs = deadline.getTime() - systemClock.nowMs();
  if (leftMs <= 0) throw deadlineExceeded();
  return await new Promise((resolve, reject) => {
    const timer = systemClock.after(leftMs, () => {
      reject(deadlineExceeded());
      controller.abort();
    });
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}

function deadlineExceeded(): CallFailure {
  return new CallFailure(4, 'DEADLINE_EXCEEDED', 'Deadline exceeded');
}

function asFailure(failure: unknown): Error {
  if (failure instanceof MalformedBytes) {
    const details = `the request is no message of this call: ${failure.message}`;
    return new CallFailure(3, 'INVALID_ARGUMENT', details);
  }
  return failure instanceof Error ? failure : new CallFailure(13, 'INTERNAL', String(failure));
}
