/**
 * Calls about snapshots. A restore copies nothing that stays as it is, and is done when it is answered: its job is
 * there to be asked about. Source: Milvus `internal/proxy/task_snapshot.go`.
 */
import { milvusError } from '../base/errors.ts';
import type { RestoreJob } from '../core/frontend-snapshots.ts';
import type { SnapshotRef } from '../core/snapshot-ports.ts';
import type { Service } from '../core/service.ts';
import { type RestoreSnapshotInfo, RestoreSnapshotState } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { Handlers } from './handlers.ts';
import { collectionOf, databaseOf, type ServerCall } from './server-call.ts';
import { SUCCESS } from './status.ts';

const DONE_PERCENT = 100;

interface NamedRequest {
  readonly name: string;
  readonly dbName: string;
  readonly collectionName: string;
}

export function snapshotHandlers(service: Service): Handlers {
  const { snapshots } = service;
  return {
    async CreateSnapshot(request, call) {
      const snapshot = {
        ...snapshotOf(request, call, 'create'),
        description: request.description,
        protectionSeconds: Number(request.compactionProtectionSeconds),
        // As in Milvus: clients flush before, if they want what is not in segments yet.
        flush: false,
      };
      await snapshots.create(snapshot, call.options);
      return SUCCESS;
    },
    async DropSnapshot(request, call) {
      await snapshots.drop(snapshotOf(request, call, 'drop'), call.options);
      return SUCCESS;
    },
    async ListSnapshots(request, call) {
      const collection = collectionOf(request, call);
      if (collection.collectionName === '') throw missing('collection_name', 'ListSnapshots');
      const found = await snapshots.list(collection, call.options);
      return { snapshots: found.map(({ name }) => name) };
    },
    async DescribeSnapshot(request, call) {
      const ref = snapshotOf(request, call, 'describe snapshot');
      const found = await snapshots.describe(ref, call.options);
      const { name, description, collectionName, timestamp } = found;
      const partitionNames = [...found.partitionNames];
      return { name, description, collectionName, partitionNames, createTs: timestamp };
    },
    async RestoreSnapshot(request, call) {
      const { targetCollectionName, targetDbName } = request;
      if (targetCollectionName === '') throw missing('target_collection_name', 'restore snapshot');
      const ref = snapshotOf(request, call, 'restore snapshot');
      const targetDatabaseName = targetDbName === '' ? ref.databaseName : targetDbName;
      const target = { targetName: targetCollectionName, targetDatabaseName };
      const { id } = await snapshots.restore({ ...ref, ...target }, call.options);
      return { jobId: id };
    },
    GetRestoreSnapshotState: ({ jobId }) =>
      Promise.resolve({ info: jobMessage(snapshots.job(jobId)) }),
    async ListRestoreSnapshotJobs(request, call) {
      const { collectionName } = request;
      const databaseName = databaseOf(request, call);
      let jobs = snapshots.jobs();
      if (collectionName !== '') {
        const { id } = await service.describeCollection(
          { databaseName, collectionName },
          call.options,
        );
        const isOf = ({ collectionId, sourceCollectionId }: RestoreJob): boolean =>
          collectionId === id || sourceCollectionId === id;
        jobs = jobs.filter(isOf);
      } else if (databaseName !== '') {
        jobs = jobs.filter((job) => job.databaseName === databaseName);
      }
      return { jobs: jobs.map(jobMessage) };
    },
    async PinSnapshotData(request, call) {
      const ref = snapshotOf(request, call, 'pin snapshot data');
      const pin = { ...ref, ttlSeconds: Number(request.ttlSeconds) };
      return { pinId: BigInt(await snapshots.pin(pin, call.options)) };
    },
    async UnpinSnapshotData({ pinId }, call) {
      await snapshots.unpin({ pinId: Number(pinId) }, call.options);
      return SUCCESS;
    },
  };
}

/** @throws MilvusError ParameterMissing */
function snapshotOf(request: NamedRequest, call: ServerCall, what: string): SnapshotRef {
  if (request.collectionName === '') throw missing('collection_name', what);
  return { ...collectionOf(request, call), snapshotName: request.name };
}

function jobMessage(job: RestoreJob): Init<RestoreSnapshotInfo> {
  const { id: jobId, snapshotName, databaseName, collectionName, startedMs, tookMs } = job;
  return {
    jobId,
    snapshotName,
    dbName: databaseName,
    collectionName,
    state: RestoreSnapshotState.RestoreSnapshotCompleted,
    progress: DONE_PERCENT,
    startTime: BigInt(startedMs),
    timeCost: BigInt(tookMs),
  };
}

function missing(name: string, what: string): Error {
  return milvusError('ParameterMissing', { message: `${name} is required for ${what}` });
}
