/** `/resource_groups/*`, `/segments/*`, `/quotacenter/*` and `/common/*`; and what no version of ours does yet. */
import { milvusError } from '../base/errors.ts';
import { SegmentLevel, SegmentState } from '../wire/generated/milvus.ts';
import { nameOf } from './plain-text.ts';
import {
  DONE,
  type RestAnswer,
  type RestCall,
  type RestHandler,
  type Routes,
} from './rest-call.ts';
import { missingParameter } from './rest-errors.ts';

/** Refused in the words of the call that would do it. */
export const REFUSED_GROUP_PATHS: readonly string[] = ['/resource_groups/alter'];
/** The same, about collections and snapshots that are kept elsewhere. */
export const REFUSED_EXTERNAL_PATHS: readonly string[] = [
  '/jobs/snapshot/restore_external',
  '/jobs/snapshot/export',
  '/jobs/snapshot/describe',
  '/jobs/snapshot/list',
  '/jobs/external_collection/refresh',
  '/jobs/external_collection/describe',
  '/jobs/external_collection/list',
];

const REFUSED = [...REFUSED_GROUP_PATHS, ...REFUSED_EXTERNAL_PATHS];

export const clusterRoutes: Routes = {
  '/resource_groups/list': listGroups,
  '/resource_groups/describe': describeGroup,
  '/resource_groups/create': createGroup,
  '/resource_groups/drop': dropGroup,
  '/resource_groups/transfer_replica': transferReplica,
  '/segments/describe': describeSegments,
  '/quotacenter/describe': describeQuotas,
  '/common/run_analyzer': runAnalyzer,
  ...Object.fromEntries(REFUSED.map((path) => [path, refused(path)])),
};

function refused(path: string): RestHandler {
  return () => {
    throw milvusError('Unimplemented', { message: path });
  };
}

async function listGroups(call: RestCall): Promise<RestAnswer> {
  const { resourceGroups } = await call.call('ListResourceGroups', {});
  return { data: resourceGroups };
}

async function describeGroup(call: RestCall): Promise<RestAnswer> {
  const resourceGroup = call.body.requiredText('name');
  const found = (await call.call('DescribeResourceGroup', { resourceGroup })).resourceGroup;
  return {
    data: {
      name: found?.name,
      capacity: found?.capacity,
      num_available_node: found?.numAvailableNode,
      num_loaded_replica: Object.fromEntries(found?.numLoadedReplica ?? []),
      num_outgoing_node: Object.fromEntries(found?.numOutgoingNode ?? []),
      num_incoming_node: Object.fromEntries(found?.numIncomingNode ?? []),
      nodes: found?.nodes.map(({ nodeId, address, hostname }) => ({
        node_id: nodeId,
        address,
        hostname,
      })),
    },
  };
}

async function createGroup(call: RestCall): Promise<RestAnswer> {
  await call.call('CreateResourceGroup', { resourceGroup: call.body.requiredText('name') });
  return DONE;
}

async function dropGroup(call: RestCall): Promise<RestAnswer> {
  await call.call('DropResourceGroup', { resourceGroup: call.body.requiredText('name') });
  return DONE;
}

async function transferReplica(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  await call.call('TransferReplica', {
    dbName,
    sourceResourceGroup: body.requiredText('sourceRgName'),
    targetResourceGroup: body.requiredText('targetRgName'),
    collectionName: body.requiredText('collectionName'),
    numReplica: body.long('replicaNum'),
  });
  return DONE;
}

/** Those of a collection that are durable, or the named ones of them. */
async function describeSegments(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  const described = await call.call('DescribeCollection', {
    dbName,
    collectionID: body.long('collectionID'),
  });
  const { infos } = await call.call('GetPersistentSegmentInfo', {
    dbName: described.dbName,
    collectionName: described.collectionName,
  });
  const wanted = new Set(body.list('segmentIDs').map(String));
  const segmentInfos = infos
    .filter(({ segmentID }) => wanted.size === 0 || wanted.has(String(segmentID)))
    .map((info) => ({
      segmentID: info.segmentID,
      collectionID: info.collectionID,
      partitionID: info.partitionID,
      vChannel: described.virtualChannelNames[0] ?? '',
      numRows: info.numRows,
      state: nameOf(SegmentState, info.state),
      level: nameOf(SegmentLevel, info.level),
      isSorted: info.isSorted,
      insertLogs: [],
      deltaLogs: [],
      statsLogs: [],
    }));
  return { data: { segmentInfos } };
}

/** No quota is ever set. */
function describeQuotas(): Promise<RestAnswer> {
  return Promise.resolve({ data: '{}' });
}

async function runAnalyzer(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  if (!body.has('text')) throw missingParameter('text');
  const { results } = await call.call('RunAnalyzer', {
    dbName,
    analyzerParams: body.text('analyzerParams'),
    placeholder: body.texts('text').map((text) => Buffer.from(text)),
    withDetail: body.boolean('withDetail'),
    withHash: body.boolean('withHash'),
    collectionName: body.text('collectionName'),
    fieldName: body.text('fieldName'),
    analyzerNames: body.texts('analyzerNames'),
  });
  return {
    data: results.map(({ tokens }) => ({
      tokens: tokens.map((token) => ({
        token: token.token,
        start_offset: token.startOffset,
        end_offset: token.endOffset,
        position: token.position,
        position_length: token.positionLength,
        hash: token.hash,
      })),
    })),
  };
}
