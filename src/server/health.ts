/**
 * Whether the database works, and what probes are told of it. Source: Milvus `internal/http/healthz`.
 *
 *   GET /healthz   200 "OK", else 500; as JSON where the request's content type is JSON
 *   GET /livez     200 "OK" as long as the process answers
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { toMilvusError } from '../base/errors.ts';
import type { Service } from '../core/service.ts';
import { StateCode } from '../wire/generated/milvus.ts';

const JSON_TYPE = 'application/json';

const PROBE_MS = 5000;

/** Why it does not work, in words; null: it does, as far as its metadata and its clock can tell. */
export async function illness(service: Service): Promise<string | null> {
  try {
    await service.allocateTimestamp({ timeoutMs: PROBE_MS });
    return null;
  } catch (failure) {
    return toMilvusError(failure).message;
  }
}

export function healthListener(service: Service): RequestListener {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead) return end(response, 405, 'GET only');
    if (path === '/livez') return end(response, 200, 'OK');
    if (path !== '/healthz') return end(response, 404, 'not found');
    const isJson = request.headers['content-type'] === JSON_TYPE;
    void illness(service).then((reason) => answerHealth(response, { reason, isJson }));
  };
}

function answerHealth(
  response: ServerResponse,
  { reason, isJson }: { readonly reason: string | null; readonly isJson: boolean },
): void {
  const status = reason === null ? 200 : 500;
  const text = reason === null ? 'OK' : 'Not all components are healthy, 0/1';
  if (!isJson) return end(response, status, text);
  const code = reason === null ? StateCode.Healthy : StateCode.Abnormal;
  response.setHeader('content-type', JSON_TYPE);
  end(response, status, JSON.stringify({ state: text, detail: [{ name: 'standalone', code }] }));
}

function end(response: ServerResponse, code: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain');
  response.statusCode = code;
  response.end(text);
}
