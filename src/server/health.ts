/**
 * What probes ask of the management port. Source: Milvus `internal/http/healthz`.
 *
 *   GET /healthz   200 "OK"; as JSON where the request's content type is JSON
 *   GET /livez     200 "OK" as long as the process answers
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const JSON_TYPE = 'application/json';

export function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  const [path = ''] = (request.url ?? '').split('?');
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'GET only');
  if (path === '/healthz' && request.headers['content-type'] === JSON_TYPE) {
    const detail = [{ name: 'standalone', code: 1 }];
    response.setHeader('content-type', JSON_TYPE);
    return end(response, 200, JSON.stringify({ state: 'OK', detail }));
  }
  if (path === '/healthz' || path === '/livez') return end(response, 200, 'OK');
  end(response, 404, 'not found');
}

/** What the port for clients says to a request that is not gRPC. */
export function answerNothing(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', JSON_TYPE);
  end(response, 404, JSON.stringify({ code: 404, message: 'this port speaks gRPC' }));
}

function end(response: ServerResponse, code: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain');
  response.statusCode = code;
  response.end(text);
}
