/** The body of a request, as long as it may be and no longer. */
import type { IncomingMessage } from 'node:http';
import { milvusError, toMilvusError } from '../base/errors.ts';

/** As much as a message of gRPC. */
export const BODY_BYTES_MAX: number = 64 * 1024 * 1024;

/** What one request holds of the bytes that all requests together may have. */
export interface HeldBytes {
  /** @throws MilvusError RateLimitExceeded when requests under way have too many already */
  readonly add: (byteLength: number) => void;
  /** Gives all of them back. */
  readonly release: () => void;
}

/**
 * Counts what is declared before any of it is read, and what is not declared as it arrives.
 * @throws MilvusError ParameterTooLarge, RateLimitExceeded as soon as it is clear; Cancelled when the client
 * goes away before its end
 */
export async function requestBytes(request: IncomingMessage, held: HeldBytes): Promise<Buffer> {
  const declared = request.headers['content-length'];
  if (declared === undefined) return await arrivingBytes(request, held.add);
  if (Number(declared) > BODY_BYTES_MAX) throw tooLarge();
  held.add(Number(declared));
  return await arrivingBytes(request, () => undefined);
}

function arrivingBytes(
  request: IncomingMessage,
  count: (byteLength: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    const take = (chunk: Buffer): void => {
      byteLength += chunk.length;
      try {
        if (byteLength > BODY_BYTES_MAX) throw tooLarge();
        count(chunk.length);
        chunks.push(chunk);
      } catch (refusal) {
        chunks.length = 0;
        request.off('data', take);
        request.pause();
        reject(toMilvusError(refusal));
      }
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks, byteLength)));
    request.once('close', () => reject(milvusError('Cancelled')));
    request.once('error', (cause) => reject(milvusError('Cancelled', {}, cause)));
  });
}

function tooLarge(): Error {
  return milvusError('ParameterTooLarge', {
    message: `the body of a request has at most ${BODY_BYTES_MAX} bytes`,
  });
}
