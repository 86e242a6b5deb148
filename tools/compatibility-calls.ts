/**
 * What of Milvus's interfaces is not there yet, and the feature that it comes with. The page about compatibility
 * is drawn from it; a test asks a server for every path, and the page is not drawn when a call is missing here.
 */
import { REFUSED_EXTERNAL_PATHS, REFUSED_GROUP_PATHS } from '../src/rest/cluster-routes.ts';

const FUNCTIONS = 'functions: BM25, text embedding, reranking';
const TEXT = 'text: analyzers, text and phrase match, highlights';
const HYBRID = 'hybrid search';
const USERS = 'users, roles and grants';
const CLUSTER = 'clusters: nodes, replicas, resource groups';
const EXTERNAL = 'external collections and copies to other stores';
const REPLICATION = 'replication between clusters';
const FILES = 'file resources: dictionaries and models';
const DEPRECATED = 'none: deprecated in Milvus';
const UNIMPLEMENTED_THERE = 'none: Milvus itself does not implement it';
const TOOLS = 'none: for tools inside of Milvus';

export type Feature = string;

function all(feature: Feature, names: readonly string[]): [string, Feature][] {
  return names.map((name) => [name, feature]);
}

/** Calls of gRPC that answer UNIMPLEMENTED. */
export const LATER_CALLS: ReadonlyMap<string, Feature> = new Map([
  ...all(FUNCTIONS, ['AddCollectionFunction', 'AlterCollectionFunction', 'DropCollectionFunction']),
  ...all(TEXT, ['RunAnalyzer', 'ComputePhraseMatchSlop']),
  ...all(HYBRID, ['HybridSearch']),
  ...all(USERS, [
    'CreateCredential',
    'UpdateCredential',
    'DeleteCredential',
    'CreateRole',
    'AlterRole',
    'DropRole',
    'OperateUserRole',
    'OperatePrivilege',
    'OperatePrivilegeV2',
    'CreatePrivilegeGroup',
    'DropPrivilegeGroup',
    'OperatePrivilegeGroup',
    'BackupRBAC',
    'RestoreRBAC',
  ]),
  ...all(CLUSTER, [
    'LoadBalance',
    'CreateResourceGroup',
    'DropResourceGroup',
    'UpdateResourceGroups',
    'TransferNode',
    'TransferReplica',
  ]),
  ...all(EXTERNAL, [
    'RestoreExternalSnapshot',
    'ExportSnapshot',
    'BatchUpdateManifest',
    'RefreshExternalCollection',
    'GetRefreshExternalCollectionProgress',
    'ListRefreshExternalCollectionJobs',
  ]),
  ...all(REPLICATION, [
    'ReplicateMessage',
    'UpdateReplicateConfiguration',
    'GetReplicateConfiguration',
    'GetReplicateInfo',
    'CreateReplicateStream',
    'DumpMessages',
  ]),
  ...all(FILES, ['AddFileResource', 'RemoveFileResource', 'ListFileResources']),
  ...all(DEPRECATED, ['CalcDistance', 'RegisterLink']),
  ...all(TOOLS, ['Dummy', 'ListIndexedSegment', 'DescribeSegmentIndexData']),
  ...all(UNIMPLEMENTED_THERE, [
    'Prewarm',
    'DescribePrewarmTask',
    'CreateNamespace',
    'DescribeNamespace',
    'ListNamespaces',
    'DropNamespace',
    'HasNamespace',
    'GetNamespaceStats',
    'AddUserTags',
    'DeleteUserTags',
    'GetUserTags',
    'ListUsersWithTag',
    'CreateRowPolicy',
    'DropRowPolicy',
    'ListRowPolicies',
  ]),
]);

/** Paths of HTTP, below their prefix, that answer code 10. */
export const LATER_PATHS: ReadonlyMap<string, Feature> = new Map([
  ...all(FUNCTIONS, [
    '/collections/add_function',
    '/collections/alter_function',
    '/collections/drop_function',
  ]),
  ...all(TEXT, ['/common/run_analyzer']),
  ...all(HYBRID, ['/entities/hybrid_search', '/entities/advanced_search']),
  ...all(USERS, [
    '/users/create',
    '/users/update_password',
    '/users/drop',
    '/users/grant_role',
    '/users/revoke_role',
    '/roles/create',
    '/roles/alter',
    '/roles/drop',
    '/roles/grant_privilege',
    '/roles/revoke_privilege',
    '/roles/grant_privilege_v2',
    '/roles/revoke_privilege_v2',
    '/privilege_groups/create',
    '/privilege_groups/drop',
    '/privilege_groups/add_privileges_to_group',
    '/privilege_groups/remove_privileges_from_group',
  ]),
  ...all(CLUSTER, [
    '/resource_groups/create',
    '/resource_groups/drop',
    ...REFUSED_GROUP_PATHS,
    '/resource_groups/transfer_replica',
  ]),
  ...all(EXTERNAL, REFUSED_EXTERNAL_PATHS),
]);

/** What calls that work refuse, by name, until another feature is there. */
export const PARTLY: ReadonlyMap<string, string> = new Map([
  ['CreateCollection', `functions in a schema come with ${FUNCTIONS}`],
  ['AlterCollectionSchema', `functions in a schema come with ${FUNCTIONS}`],
  ['CreateIndex', 'indexes of sparse vectors come with sparse search'],
  ['Search', `rerankers, highlights and sparse vectors come with ${FUNCTIONS}, ${TEXT}`],
  ['Query', `text_match and phrase_match come with ${TEXT}`],
  ['Import', 'reads one directory; buckets come with object storage'],
  ['ListCredUsers', `only root, until there are ${USERS}`],
  ['SelectUser', `only root, until there are ${USERS}`],
  ['SelectRole', `only admin and public, until there are ${USERS}`],
  ['SelectGrant', `there are none, until there are ${USERS}`],
  ['ListPrivilegeGroups', `there are none, until there are ${USERS}`],
  ['ListResourceGroups', 'one group, until there are clusters'],
  ['DescribeResourceGroup', 'one group, until there are clusters'],
]);
