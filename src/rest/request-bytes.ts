/** The body of a request, as long as it may be and no longer. */
import type { IncomingMessage } from 'node:http';
import { milvusError } from '../base/errors.ts';

/** As much as a message of gRPC. */
export const BODY_BYTES_MAX: number = 64 * 1024 * 1024;

/**
 * @throws MilvusError ParameterTooLarge as soon as it is clear; Cancelled when the client goes away before
 * its end
 */
export function requestBytes(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > BODY_BYTES_MAX) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    request.on('data', (chunk: Buffer) => {
      byteLength += chunk.length;
      if (byteLength > BODY_BYTES_MAX) {
        chunks.length = 0;
        request.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
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
