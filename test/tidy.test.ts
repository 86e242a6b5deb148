/** The rules of the house, applied to every file of the project. `tools/house.ts` holds them as data. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from '../tools/pages.ts';
import {
  bannedText,
  emptyCatch,
  fileNames,
  fileSize,
  focusedTests,
  header,
  lineWidth,
  ports,
} from './tidy/code-rules.ts';
import { changelog, deadLinks, folderMap } from './tidy/document-rules.ts';
import {
  fileOf,
  printed,
  projectFiles,
  ROOT,
  type Problem,
  type SourceFile,
} from './tidy/files.ts';
import { circles, dynamicImports, exports, layers, specifiers } from './tidy/import-rules.ts';
import {
  lintLayers,
  mirroredTests,
  packageLock,
  type PackageJson,
  packagePins,
} from './tidy/project-rules.ts';

const files = projectFiles();

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function expectNone(problems: readonly Problem[]): void {
  expect(printed(problems)).toBe('');
}

const perFile: Readonly<Record<string, (file: SourceFile) => Problem[]>> = {
  'imports go down the levels only': layers,
  'an import names a .ts file, a built-in with node:, or a package in the file it belongs to':
    specifiers,
  'import() stands only where something heavy is loaded late': dynamicImports,
  'there are no default exports and no files that only re-export': exports,
  'the world comes in through ports': ports,
  'files have at most 500 lines': fileSize,
  'lines have at most 120 columns': lineWidth,
  'files open with what they are': header,
  'file names say something': fileNames,
  'no leftovers, no paths of one machine': bannedText,
  'no error is caught and dropped': emptyCatch,
  'every test runs': focusedTests,
  'the changelog has its shape': changelog,
};

describe('tidy', () => {
  it.each(Object.entries(perFile))('%s', (_, rule) => {
    expectNone(files.flatMap((file) => rule(file)));
  });

  it('every source file has its test', () => {
    expectNone(mirroredTests(files));
  });

  it('no file of src imports itself by way of others', () => {
    expectNone(circles(files));
  });

  it('links inside the project lead somewhere', () => {
    const world = { exists: (path: string): boolean => existsSync(join(ROOT, path)), read };
    expectNone(files.flatMap((file) => deadLinks(file, world)));
  });

  it('the folder map names every folder and file of src', () => {
    expectNone(folderMap(fileOf('ARCHITECTURE.md', read('ARCHITECTURE.md')), files));
  });

  it.each(pages())('$path fits the code; if not, run npm run docs', ({ path, text }) => {
    expect(read(path)).toBe(text);
  });

  it('versions are pinned and users run no install script', () => {
    const description = fileOf('package.json', read('package.json'));
    expectNone(packagePins(description));
    const { allowScripts = {} } = JSON.parse(description.text) as PackageJson;
    expectNone(packageLock(fileOf('package-lock.json', read('package-lock.json')), allowScripts));
  });

  it('the linter knows the same import layers', () => {
    expectNone(lintLayers(fileOf('.oxlintrc.json', read('.oxlintrc.json'))));
  });
});
