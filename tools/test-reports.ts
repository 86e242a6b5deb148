/**
 * Reporters of the test runs. Where MLITE_TEST_REPORTS names a folder, each run also leaves its
 * counts there as JSON; tools/sum-test-reports.ts adds them up.
 */
import { join } from 'node:path';
import { env, pid } from 'node:process';

type Reporter = 'default' | ['json', { outputFile: string }];

export function reporters(suite: string): Reporter[] {
  const folder = env['MLITE_TEST_REPORTS'];
  if (folder === undefined || folder === '') return ['default'];
  return ['default', ['json', { outputFile: join(folder, `${suite}-${pid}.json`) }]];
}
