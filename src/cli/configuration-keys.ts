/**
 * Milvus's configuration as one table: what a key does here. Source: Milvus `configs/milvus.yaml`.
 *
 *   used     it is obeyed
 *   fixed    the behaviour is there and has this value; another one is warned about
 *   refused  a value other than this one would promise what is not there: the server does not start
 *   idle     it configures parts that a single process does not have; it is told once that it does nothing
 */
import {
  ARRAY_CAPACITY_MAX,
  COLLECTION_COUNT_MAX,
  DATABASE_COUNT_MAX,
  DIMENSION_MAX,
  FIELD_COUNT_MAX,
  GENERAL_CAPACITY_MAX,
  JSON_BYTES_MAX,
  NAME_BYTES_MAX,
  NQ_MAX,
  OUTPUT_BYTES_MAX,
  PARTITION_COUNT_MAX,
  QUERY_WINDOW_MAX,
  SHARD_COUNT_MAX,
  TEXT_LENGTH_MAX,
  TOP_K_MAX,
  VARCHAR_LENGTH_MAX,
  VECTOR_FIELD_COUNT_MAX,
} from '../base/limits.ts';

interface UsedKey {
  readonly use: 'used';
  readonly kind: 'text' | 'port' | 'boolean' | 'milliseconds' | 'level';
  readonly value: string;
  readonly what: string;
}

interface FixedKey {
  readonly use: 'fixed' | 'refused';
  readonly value: string;
  readonly what: string;
}

export type ConfigurationKey = UsedKey | FixedKey;

type UsedKeyName =
  | 'proxy.ip'
  | 'proxy.port'
  | 'common.metricsPort'
  | 'proxy.http.enabled'
  | 'proxy.http.acceptTypeAllowInt64'
  | 'proxy.http.requestTimeoutMs'
  | 'log.level';

export const USED_KEYS: Readonly<Record<UsedKeyName, UsedKey>> = {
  'proxy.ip': used('text', '127.0.0.1', 'address to listen at'),
  'proxy.port': used('port', '19530', 'gRPC and HTTP'),
  'common.metricsPort': used('port', '9091', 'health, metrics, management'),
  'proxy.http.enabled': used('boolean', 'true', 'HTTP on the port of the clients'),
  'proxy.http.acceptTypeAllowInt64': used(
    'boolean',
    'true',
    'int64 as numbers where a client of HTTP does not say',
  ),
  'proxy.http.requestTimeoutMs': used('milliseconds', '30000', 'of a request of HTTP'),
  'log.level': used('level', 'info', 'events on standard error: debug, info, warn, error'),
};

function used(kind: UsedKey['kind'], value: string, what: string): UsedKey {
  return { use: 'used', kind, value, what };
}

function fixed(value: number | string, what: string): FixedKey {
  return { use: 'fixed', value: String(value), what };
}

function refused(value: string, what: string): FixedKey {
  return { use: 'refused', value, what };
}

export const OTHER_KEYS: Readonly<Record<string, FixedKey>> = {
  'common.security.authorizationEnabled': refused('false', 'users and roles'),
  'common.security.tlsMode': refused('0', 'TLS'),
  'common.security.exprEnabled': refused('false', 'expressions run by the server'),
  'quotaAndLimits.limitWriting.forceDeny': refused('false', 'refusing every write'),
  'quotaAndLimits.limitReading.forceDeny': refused('false', 'refusing every read'),
  'quotaAndLimits.dml.enabled': refused('false', 'limits of the rate of writes'),
  'quotaAndLimits.dql.enabled': refused('false', 'limits of the rate of reads'),
  'quotaAndLimits.ddl.enabled': refused('false', 'limits of the rate of definitions'),
  'proxy.mustUsePartitionKey': refused('false', 'collections must have a partition key'),
  'proxy.maxNameLength': fixed(NAME_BYTES_MAX, 'bytes of a name'),
  'proxy.maxFieldNum': fixed(FIELD_COUNT_MAX, 'fields of a collection'),
  'proxy.maxVectorFieldNum': fixed(VECTOR_FIELD_COUNT_MAX, 'vector fields of a collection'),
  'proxy.maxShardNum': fixed(SHARD_COUNT_MAX, 'shards of a collection'),
  'proxy.maxDimension': fixed(DIMENSION_MAX, 'dimensions of a vector'),
  'proxy.maxVarCharLength': fixed(VARCHAR_LENGTH_MAX, 'bytes of a VarChar'),
  'proxy.maxTextLength': fixed(TEXT_LENGTH_MAX, 'bytes of a Text'),
  'proxy.maxArrayCapacity': fixed(ARRAY_CAPACITY_MAX, 'elements of an Array'),
  'proxy.grpc.serverMaxRecvSize': fixed(64 * 1024 * 1024, 'bytes of a request'),
  'proxy.grpc.serverMaxSendSize': fixed(256 * 1024 * 1024, 'bytes of an answer'),
  'common.JSONMaxLength': fixed(JSON_BYTES_MAX, 'bytes of a JSON value'),
  'common.gracefulTime': fixed(5000, 'milliseconds that a bounded read may lag'),
  'common.defaultPartitionName': fixed('_default', 'name of the first partition'),
  'rootCoord.maxPartitionNum': fixed(PARTITION_COUNT_MAX, 'partitions of a collection'),
  'rootCoord.maxDatabaseNum': fixed(DATABASE_COUNT_MAX, 'databases'),
  'rootCoord.maxGeneralCapacity': fixed(GENERAL_CAPACITY_MAX, 'sum of partitions times shards'),
  'quotaAndLimits.limits.maxCollectionNum': fixed(COLLECTION_COUNT_MAX, 'collections'),
  'quotaAndLimits.limits.topK': fixed(TOP_K_MAX, 'hits of a search'),
  'quotaAndLimits.limits.nq': fixed(NQ_MAX, 'vectors of a search'),
  'quotaAndLimits.limits.maxQueryResultWindow': fixed(QUERY_WINDOW_MAX, 'offset and limit'),
  'quotaAndLimits.limits.maxOutputSize': fixed(OUTPUT_BYTES_MAX, 'bytes of rows in an answer'),
};

/** First words of what single processes do not have, or do by themselves. */
export const IDLE_SECTIONS: readonly string[] = [
  'autoIndex',
  'builtinRoles',
  'common',
  'credential',
  'dataCoord',
  'dataNode',
  'etcd',
  'function',
  'gpu',
  'grpc',
  'indexCoord',
  'indexNode',
  'kafka',
  'knowhere',
  'localStorage',
  'log',
  'messageQueue',
  'metastore',
  'minio',
  'mixCoord',
  'mq',
  'msgChannel',
  'natsmq',
  'proxy',
  'pulsar',
  'queryCoord',
  'queryNode',
  'quotaAndLimits',
  'rocksmq',
  'rootCoord',
  'streaming',
  'streamingNode',
  'tikv',
  'tls',
  'trace',
  'woodpecker',
];
