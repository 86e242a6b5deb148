import { describe, expect, it } from 'vitest';
import { type ErrorName, milvusError } from '../../src/base/errors.ts';
import { CommandFailure, EXIT_CODES, failureLines, failureReport } from '../../src/cli/failure.ts';

describe('failureReport', () => {
  it.each<[ErrorName, number]>([
    ['DirectoryLocked', 4],
    ['DataIntegrity', 5],
    ['CollectionNotFound', 3],
    ['IoKeyNotFound', 3],
    ['DiskLimitExceeded', 1],
    ['ParameterInvalid', 1],
  ])('ends with the code for %s: %d', (reason, exitCode) => {
    expect(failureReport(milvusError(reason), './x').exitCode).toBe(exitCode);
  });

  it('says what happened, where, why and what to do', () => {
    const cause = new Error('EACCES: permission denied');
    const error = milvusError('StoragePermissionDenied', { message: 'cannot write' }, cause);
    expect(failureLines(failureReport(error, './x'))).toEqual([
      'error: cannot write: permission denied',
      '  where: ./x',
      '  why:   EACCES: permission denied',
      '  next:  check who owns the files: mlite doctor ./x',
    ]);
  });

  it('takes a command’s own words', () => {
    const failure = new CommandFailure(EXIT_CODES.usage, 'no', 'yes');
    expect(failureLines(failureReport(failure, null))).toEqual(['error: no', '  next:  yes']);
  });

  it('asks to report anything else, with the stack', () => {
    const report = failureReport(new TypeError('oops'), null);
    expect(report.exitCode).toBe(1);
    expect(report.what).toContain('TypeError: oops');
    expect(report.next).toContain('report');
  });
});
