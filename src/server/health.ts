/**
 * Whether the database works, and what probes are told of it. Source: Milvus `internal/http/healthz`.
 *
 *   GET /healthz   200 "OK", else 500; as JSON where the request's content type is JSON
 *   GET /livez     200 "OK" as long as the process answers
 */
import { toMilvusError } from '../base/errors.ts';
import type { Service } from '../core/service.ts';
import { StateCode } from '../wire/generated/milvus.ts';
import {
  isJson,
  jsonAnswer,
  type ManagementAnswer,
  type ManagementRoutes,
  textAnswer,
} from './management-route.ts';

const PROBE_MS = 5000;

/** Why it does not work, in words; null: it does, as far as its metadata, its clock and its log can tell. */
export async function illness(service: Service): Promise<string | null> {
  try {
    await service.checkHealth({ timeoutMs: PROBE_MS });
    return null;
  } catch (failure) {
    return toMilvusError(failure).message;
  }
}

export function healthRoutes(service: Service): ManagementRoutes {
  return {
    '/livez': () => Promise.resolve(textAnswer(200, 'OK')),
    '/healthz': async (request) => healthAnswer(await illness(service), isJson(request)),
  };
}

function healthAnswer(reason: string | null, asJson: boolean): ManagementAnswer {
  const status = reason === null ? 200 : 500;
  const text = reason === null ? 'OK' : 'Not all components are healthy, 0/1';
  if (!asJson) return textAnswer(status, text);
  const code = reason === null ? StateCode.Healthy : StateCode.Abnormal;
  return jsonAnswer(status, { state: text, detail: [{ name: 'standalone', code }] });
}
