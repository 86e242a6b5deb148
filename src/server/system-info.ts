/**
 * The answer to GetMetrics of `system_info`: the roles of a Milvus and the machines that they run on, which
 * are one process here. Source: Milvus `pkg/util/metricsinfo/metrics_info.go`; what Attu reads of it.
 */
import type { ServerFacts } from './server-facts.ts';

const ROLES: readonly string[] = [
  'proxy',
  'rootcoord',
  'querycoord',
  'datacoord',
  'querynode',
  'datanode',
  'streamingnode',
];

/** JSON text. */
export function systemInfo(facts: ServerFacts): string {
  const nodes = ROLES.map((role, i) => ({
    identifier: i + 1,
    // Attu counts them, so the others have a list too.
    connected: role === 'proxy' ? connectedRoles() : [],
    infos: {
      has_error: false,
      error_reason: '',
      name: `${role}${i + 1}`,
      hardware_infos: hardwareInfo(facts),
      system_info: {
        system_version: facts.version,
        deploy_mode: 'STANDALONE',
        build_version: facts.version,
        build_time: facts.startedAt,
        used_go_version: `node ${facts.nodeVersion}`,
      },
      created_time: facts.startedAt,
      updated_time: facts.startedAt,
      type: role,
      id: i + 1,
      system_configurations: {},
    },
  }));
  return JSON.stringify({ nodes_info: nodes });
}

function connectedRoles(): readonly object[] {
  return ROLES.slice(1).map((role, i) => ({
    connected_identifier: i + 2,
    type: 'forward',
    target_type: role,
  }));
}

function hardwareInfo({ address, hardware }: ServerFacts): object {
  const found = hardware();
  return {
    ip: address,
    cpu_core_count: found.cpuCount,
    cpu_core_usage: found.cpuPercent,
    memory: found.memoryBytes,
    memory_usage: found.memoryUsedBytes,
    disk: found.diskBytes,
    disk_usage: found.diskUsedBytes,
  };
}
