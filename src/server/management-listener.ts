/**
 * The management port (9091): health, metrics, `/management/*` and what the console asks. GET unless a path
 * takes more; pages of other sites are refused, since there are no users.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { toMilvusError } from '../base/errors.ts';
import { isFromOtherPage, isFromOtherSite } from '../rest/other-sites.ts';
import { consoleRoutes, type ConsoleDeps } from './console-routes.ts';
import { healthRoutes } from './health.ts';
import type { MetricRegistry } from './metric-registry.ts';
import {
  jsonAnswer,
  type ManagementAnswer,
  type ManagementRoutes,
  textAnswer,
} from './management-route.ts';
import { type ManagementDeps, managementRoutes } from './management-routes.ts';

const BODY_BYTES_MAX = 64 * 1024;
const READ_METHODS: readonly string[] = ['GET', 'HEAD'];
const CHANGE_METHODS: readonly string[] = ['PUT', 'POST'];
/** What may be changed. */
const CHANGED = /^\/(?:management|log)\//;

export interface ManagementPortDeps extends ManagementDeps, ConsoleDeps {
  readonly registry: MetricRegistry;
}

export function managementListener(deps: ManagementPortDeps): RequestListener {
  const { registry } = deps;
  const metrics = async (): Promise<ManagementAnswer> => ({
    status: 200,
    type: registry.contentType,
    text: await registry.text(),
  });
  const routes: ManagementRoutes = {
    ...healthRoutes(deps.service),
    ...managementRoutes(deps),
    ...consoleRoutes(deps),
    '/metrics': metrics,
    '/metrics_default': metrics,
  };
  return (request, response) => {
    response.on('error', () => response.destroy());
    void answer(request, routes).then(
      (found) => send(response, { request, found }),
      () => response.destroy(),
    );
  };
}

async function answer(
  request: IncomingMessage,
  routes: ManagementRoutes,
): Promise<ManagementAnswer> {
  const { method = '', url = '' } = request;
  const [path = '', query = ''] = url.split('?', 2);
  const mayChange = CHANGED.test(path);
  const isAllowed = READ_METHODS.includes(method) || (CHANGE_METHODS.includes(method) && mayChange);
  if (!isAllowed) return textAnswer(405, 'GET only');
  const handler = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (handler === undefined) return textAnswer(404, 'not found');
  const isOthers = mayChange ? isFromOtherPage(request) : isFromOtherSite(request);
  if (isOthers) return jsonAnswer(403, { msg: 'refused from other sites' });
  try {
    const body = await smallBody(request);
    if (body === null) return textAnswer(413, 'too large');
    const contentType = request.headers['content-type'] ?? '';
    return await handler({ method, query: new URLSearchParams(query), contentType, body });
  } catch (failure) {
    const { code, message, kind } = toMilvusError(failure);
    const isClients = kind === 'InvalidInput' || kind === 'NotFound';
    return jsonAnswer(isClients ? 400 : 500, { code, msg: message });
  }
}

/** Null: it is too large, or was broken off. */
function smallBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    request.on('data', (chunk: Buffer) => {
      byteLength += chunk.length;
      if (byteLength <= BODY_BYTES_MAX) return chunks.push(chunk);
      request.pause();
      resolve(null);
      return null;
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('close', () => resolve(null));
  });
}

function send(
  response: ServerResponse,
  { request, found }: { readonly request: IncomingMessage; readonly found: ManagementAnswer },
): void {
  response.statusCode = found.status;
  response.setHeader('content-type', found.type);
  if (!request.complete) response.setHeader('connection', 'close');
  response.end(request.method === 'HEAD' ? '' : found.text);
}
