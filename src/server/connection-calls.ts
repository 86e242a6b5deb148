/** Calls about the server itself: who it is, how it does, what time it has. */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { Service } from '../core/service.ts';
import { StateCode } from '../wire/generated/milvus.ts';
import type { Handlers } from './handlers.ts';
import { illness } from './health.ts';
import { systemInfo } from './system-info.ts';
import type { ServerFacts } from './server-facts.ts';

const SYSTEM_INFO = 'system_info';

export function connectionHandlers(service: Service, facts: ServerFacts): Handlers {
  return {
    async Connect(_request, { databaseName, options }) {
      // A client that names a database which is not there is told so before its first request.
      if (databaseName !== '') await service.describeDatabase(databaseName, options);
      return {
        identifier: await service.allocateTimestamp(options),
        serverInfo: {
          buildTags: facts.version,
          buildTime: facts.startedAt,
          gitCommit: facts.version,
          goVersion: `node ${facts.nodeVersion}`,
          deployMode: 'STANDALONE',
        },
      };
    },
    // Clients find Milvus's line in front, and people which Milvus it is.
    GetVersion: () => Promise.resolve({ version: `${facts.version}-milvus_lite` }),
    async CheckHealth() {
      const reason = await illness(service);
      return { isHealthy: reason === null, reasons: reason === null ? [] : [reason] };
    },
    async GetComponentStates() {
      const stateCode = (await illness(service)) === null ? StateCode.Healthy : StateCode.Abnormal;
      return { state: { nodeID: 1n, role: 'standalone', stateCode } };
    },
    async AllocTimestamp(_request, { options }) {
      return { timestamp: await service.allocateTimestamp(options) };
    },
    GetMetrics({ request }) {
      const type = metricType(request);
      if (type !== SYSTEM_INFO) throw invalidParameter(`unknown metric type ${type}`);
      return Promise.resolve({ response: systemInfo(facts), componentName: 'proxy' });
    },
  };
}

function metricType(request: string): string {
  try {
    const { metric_type: type } = JSON.parse(request) as { readonly metric_type?: unknown };
    return String(type);
  } catch (cause) {
    throw milvusError('ParameterInvalid', { message: 'the request is no JSON object' }, cause);
  }
}
