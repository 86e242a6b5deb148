/** Calls about imports of files; see src/imports. */
import type { ImportJob, ImportJobs, ImportState } from '../imports/import-jobs.ts';
import { type GetImportStateResponse, ImportState as StateCode } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import type { Handlers } from './handlers.ts';
import { propertiesOf } from './key-values.ts';
import { collectionOf } from './server-call.ts';

const LIMIT_DEFAULT = 100;

export function importHandlers(jobs: ImportJobs): Handlers {
  return {
    async Import(request, call) {
      const { databaseName, collectionName } = collectionOf(request, call);
      const { files, partitionName } = request;
      const job = await jobs.create({
        databaseName: databaseName === '' ? 'default' : databaseName,
        collectionName,
        partitionName,
        files: groupsOf(files),
        options: propertiesOf(request.options),
      });
      return { tasks: BigInt64Array.of(job.id) };
    },
    GetImportState: ({ task }) => Promise.resolve(stateMessage(jobs.find(task))),
    ListImportTasks(request, call) {
      const { databaseName, collectionName } = collectionOf(request, call);
      const found = jobs.list({
        databaseName: databaseName === '' ? 'default' : databaseName,
        collectionName,
      });
      const limit = request.limit <= 0n ? LIMIT_DEFAULT : Number(request.limit);
      return Promise.resolve({ tasks: found.slice(-limit).map(stateMessage) });
    },
  };
}

/** NumPy files are columns of one; of others each is one by itself. */
function groupsOf(files: readonly string[]): string[][] {
  if (files.every((name) => name.endsWith('.npy')) && files.length > 0) return [[...files]];
  return files.map((name) => [name]);
}

const CODES: Readonly<Record<ImportState, number>> = {
  Pending: StateCode.ImportPending,
  Importing: StateCode.ImportStarted,
  Uncommitted: StateCode.ImportPersisted,
  Completed: StateCode.ImportCompleted,
  Failed: StateCode.ImportFailed,
};

function stateMessage(job: ImportJob): Init<GetImportStateResponse> {
  const rowCount = job.tasks.reduce((sum, task) => sum + task.importedCount, 0);
  return {
    id: job.id,
    state: CODES[job.state],
    rowCount: BigInt(rowCount),
    collectionId: BigInt(job.collectionId),
    createTs: BigInt(Math.floor(job.createdMs / 1000)),
    infos: [
      { key: 'files', value: job.files.flat().join(',') },
      { key: 'collection', value: job.collectionName },
      { key: 'partition', value: job.partitionName },
      { key: 'failed_reason', value: job.reason },
      { key: 'progress_percent', value: String(job.progress) },
    ],
  };
}
