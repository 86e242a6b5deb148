/** The linter, with our configuration, catches a violation planted for each rule that we rely on it for. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './files.ts';

const planted: Readonly<Record<string, string>> = {
  'src/base/low.ts': "import { high } from '../core/high.ts';\nexport const low: unknown = high;\n",
  'src/core/high.ts': "import { low } from '../base/low.ts';\nexport const high: unknown = low;\n",
  'src/core/long.ts': `export function long(): void {\n${'  long();\n'.repeat(70)}}\n`,
  'src/core/wide.ts': `export function wide(${'abcde'
    .split('')
    .map((name) => `${name}: 1`)
    .join(', ')}): void {\n  wide(a, b, c, d, e);\n}\n`,
  'src/core/loose.ts': `export async function loose(value: any): Promise<void> {
  loose(1);
  setTimeout(() => value, 1);
  await loose(Date.now());
  console.log([1][0]!);
}
`,
};

const folder = mkdtempSync(join(tmpdir(), 'milvus-lite-lint-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('catches what was planted', () => {
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const linter = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const run = spawnSync(process.execPath, [linter, '--format=unix', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(run.status).toBe(1);
  for (const [file, rule] of [
    ['base/low', 'import(no-cycle)'],
    ['base/low', 'eslint(no-restricted-imports)'],
    ['core/long', 'eslint(max-lines-per-function)'],
    ['core/wide', 'eslint(max-params)'],
    ['core/loose', 'typescript(no-explicit-any)'],
    ['core/loose', 'typescript(no-floating-promises)'],
    ['core/loose', 'eslint(no-restricted-globals)'],
    ['core/loose', 'eslint(no-restricted-properties)'],
    ['core/loose', 'typescript(no-non-null-assertion)'],
  ] as const) {
    const caught = run.stdout
      .split('\n')
      .some((line) => line.includes(file) && line.includes(rule));
    expect(caught, `${rule} in ${file}.ts`).toBe(true);
  }
});
