/** The files of the project as the tidy rules see them, and what a rule says about one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blank } from './blank.ts';

export interface SourceFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked; only for code. */
  readonly code: string;
}

export interface Problem {
  readonly path: string;
  readonly line: number;
  /** What is wrong, and how to mend it. */
  readonly text: string;
}

export const ROOT: string = join(import.meta.dirname, '..', '..');

/** Folders that hold nothing of ours. */
const SKIPPED = /^(?:node_modules|coverage|dist(?:\..*)?|\.(?!ci$)\w+|.*\.db)$/;

/** Files that no person writes line by line. */
const NOT_WRITTEN =
  /^(?:bench\/results|test\/fixtures|demo\/data)\/|^src\/wire\/generated\/|^test\/package\/api\.d\.ts$|package-lock\.json$/;

/** Every text file of the project; data, results and fixtures left out. */
export function projectFiles(): SourceFile[] {
  return walk('')
    .filter((path) => /\.(?:ts|mjs|js|json|md|yml|yaml|sh)$|^\.ci\/run$/.test(path))
    .filter((path) => !NOT_WRITTEN.test(path))
    .map((path) => fileOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** A file that exists only for a rule to judge it; also how real ones are made. */
export function fileOf(path: string, text: string): SourceFile {
  return { path, text, code: isCode(path) ? blank(text) : '' };
}

export function isCode(path: string): boolean {
  return path.endsWith('.ts');
}

export function isSource(path: string): boolean {
  return path.startsWith('src/') && isCode(path);
}

/** One problem for each match of `pattern` in `text`, at its line. */
export function matches(
  file: SourceFile,
  text: string,
  pattern: RegExp,
  say: (match: string) => string,
): Problem[] {
  const flags = pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`;
  return Array.from(text.matchAll(new RegExp(pattern.source, flags)), (match) =>
    problem(file, match.index, say(match[0].trim())),
  );
}

/** A problem at a character of the file. */
export function problem(file: SourceFile, at: number, text: string): Problem {
  return { path: file.path, line: file.text.slice(0, at).split('\n').length, text };
}

export function printed(problems: readonly Problem[]): string {
  return problems.map(({ path, line, text }) => `${path}:${line}: ${text}`).join('\n');
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((item) => {
    if (SKIPPED.test(item.name)) return [];
    const path = folder === '' ? item.name : `${folder}/${item.name}`;
    return item.isDirectory() ? walk(path) : [path];
  });
}
