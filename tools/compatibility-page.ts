/**
 * The page about compatibility: every call of gRPC and every path of HTTP with its state, and the test-suites of
 * other people, file by file, with each test that fails, why, and the feature that it waits for.
 *
 * A suite is one file of tools/compatibility:
 *   { "name", "what", "files": [{ "file", "passed", "skipped", "failures": [{ "reason", "feature", "tests" }] }] }
 * `tests` are the names that fail for this reason; of one that is run with several parameters, ` (n)` says how
 * many of its runs fail. Files that pass whole have no failures.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREFIX, ROUTES } from '../src/rest/routes.ts';
import { V1_PREFIX, V1_READS, V1_ROUTES } from '../src/rest/v1-routes.ts';
import { METHODS } from '../src/wire/generated/milvus.ts';
import { LATER_CALLS, LATER_PATHS, PARTLY } from './compatibility-calls.ts';
import { answeredCalls } from './server-page.ts';

const SUITES = join(import.meta.dirname, 'compatibility');

interface Failures {
  readonly reason: string;
  readonly feature: string;
  readonly tests: readonly string[];
}

interface SuiteFile {
  readonly file: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failures[];
}

interface Suite {
  readonly name: string;
  readonly what: string;
  readonly files: readonly SuiteFile[];
}

/** @throws Error when a call is neither answered nor listed as later, or both */
export function compatibilityPage(): string {
  const answered = answeredCalls();
  for (const name of Object.keys(METHODS)) {
    if (answered.has(name) === LATER_CALLS.has(name)) {
      throw new Error(`compatibility-calls.ts and the server disagree about ${name}`);
    }
  }
  const suites = readdirSync(SUITES)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(SUITES, name), 'utf8')) as Suite);
  return `# Compatibility with Milvus

Drawn by \`npm run docs\`; a test compares the lists of calls with the code. [How the server is run](server.md).

\`works\`: the call is answered, with Milvus's codes and words; what of it is refused for now is noted beside
it. The others answer UNIMPLEMENTED, over HTTP code 10, and the feature that they come with is named.

## gRPC

${table(['call', 'state', 'comes with'], Object.keys(METHODS).map(callRow))}

## HTTP

Below \`${PREFIX}\`, by POST:

${table(['path', 'state', 'comes with'], Object.keys(ROUTES).map(pathRow))}

Below \`${V1_PREFIX}\`, the first interface, all work: ${firstPaths()}.

## Test-suites of others

Unmodified, against this server. A test that fails is named with the reason and the feature that it waits for;
\`none\` says that no feature will change it.

${suites.map(suiteText).join('\n')}`;
}

function callRow(name: string): string[] {
  const feature = LATER_CALLS.get(name);
  if (feature === undefined) return [`\`${name}\``, 'works', PARTLY.get(name) ?? ''];
  return [`\`${name}\``, 'Unimplemented', feature];
}

function pathRow(path: string): string[] {
  const feature = LATER_PATHS.get(path);
  return [`\`${path}\``, feature === undefined ? 'works' : 'code 10', feature ?? ''];
}

function firstPaths(): string {
  return [...Object.keys(V1_ROUTES), ...Object.keys(V1_READS)]
    .map((path) => `\`${path}\``)
    .join(', ');
}

function suiteText({ name, what, files }: Suite): string {
  const rows = files.map((one) => [`\`${one.file}\``, one.passed, failedOf(one), one.skipped]);
  const reasons = files
    .filter(({ failures }) => failures.length > 0)
    .map((one) => `#### ${one.file}\n\n${one.failures.map(failuresText).join('\n')}\n`);
  return `### ${name}

${what}

${table(['file', 'passed', 'failed', 'skipped'], rows)}

${reasons.join('\n')}`;
}

function failedOf({ failures }: SuiteFile): number {
  return failures
    .flatMap(({ tests }) => tests)
    .reduce((sum, name) => sum + Number(/ \((\d+)\)$/.exec(name)?.[1] ?? 1), 0);
}

function failuresText({ reason, feature, tests }: Failures): string {
  return `- ${reason} (${feature}): ${tests.map((name) => `\`${name}\``).join(', ')}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
