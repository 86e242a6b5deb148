/** `/jobs/import/*`. */
import { invalidParameter } from '../base/errors.ts';
import type { ImportJob } from '../imports/import-jobs.ts';
import { plainText } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';
import { DONE, namedCollection, type RestAnswer, type RestCall, type Routes } from './rest-call.ts';
import { missingParameter, restError } from './rest-errors.ts';

export const importRoutes: Routes = {
  '/jobs/import/list': list,
  '/jobs/import/create': create,
  '/jobs/import/get_progress': describe,
  '/jobs/import/describe': describe,
  '/jobs/import/commit': commit,
  '/jobs/import/abort': abort,
};

async function create(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName, imports } = call;
  const { collectionName } = namedCollection(call);
  if (!body.has('files')) throw missingParameter('files');
  const job = await imports.create({
    databaseName,
    collectionName,
    partitionName: body.text('partitionName'),
    files: body.list('files').map(group),
    options: optionsOf(body),
  });
  return { data: { jobId: String(job.id) } };
}

function group(given: unknown): readonly string[] {
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return given;
  throw restError('JsonFormatRequired', 'files should be a list of lists of strings');
}

function optionsOf(body: RequestBody): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body.object('options')).map(([name, value]) => {
      const text = value === null ? '' : plainText(value);
      if (name === 'auto_commit' && !/^(?:true|false)$/i.test(text)) {
        throw invalidParameter('options.auto_commit must be one of "true" or "false"');
      }
      return [name, text];
    }),
  );
}

function list({ body, databaseName, imports }: RestCall): Promise<RestAnswer> {
  const collectionName = body.text('collectionName');
  const jobs = imports.list({ databaseName, collectionName });
  const records = jobs.map((job) => ({
    jobId: String(job.id),
    collectionName: job.collectionName,
    state: job.state,
    progress: job.progress,
    ...(job.reason === '' ? {} : { reason: job.reason }),
  }));
  return Promise.resolve({ data: { records } });
}

function describe(call: RestCall): Promise<RestAnswer> {
  const job = named(call);
  const total = (valueOf: (task: ImportJob['tasks'][number]) => number): number =>
    job.tasks.reduce((sum, task) => sum + valueOf(task), 0);
  const reason = job.reason === '' ? {} : { reason: job.reason };
  const completeTime = job.completedMs === null ? '' : new Date(job.completedMs).toISOString();
  return Promise.resolve({
    data: {
      jobId: String(job.id),
      collectionName: job.collectionName,
      createTime: new Date(job.createdMs).toISOString(),
      completeTime,
      state: job.state,
      progress: job.progress,
      importedRows: total(({ importedCount }) => importedCount),
      totalRows: total(({ rowCount }) => rowCount),
      fileSize: total(({ fileBytes }) => fileBytes),
      ...reason,
      details: job.tasks.map((task) => ({
        fileName: task.fileName,
        fileSize: task.fileBytes,
        progress: job.progress,
        completeTime,
        state: job.state,
        importedRows: task.importedCount,
        totalRows: task.rowCount,
        ...reason,
      })),
    },
  });
}

function commit(call: RestCall): Promise<RestAnswer> {
  call.imports.commit(jobId(call));
  return Promise.resolve(DONE);
}

function abort(call: RestCall): Promise<RestAnswer> {
  call.imports.abort(jobId(call));
  return Promise.resolve(DONE);
}

function named(call: RestCall): ImportJob {
  return call.imports.find(jobId(call));
}

function jobId({ body }: RestCall): bigint {
  const text = plainText(body.value('jobId') ?? '');
  if (text === '') throw missingParameter('jobId');
  if (!/^\d{1,19}$/.test(text)) {
    throw invalidParameter(`jobId is no number`, { expected: 'int64 jobId', actual: text });
  }
  return BigInt(text);
}
