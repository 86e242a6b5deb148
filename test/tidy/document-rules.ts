/** Rules about the Markdown of the project: links, the changelog, the map of the folders. */
import { posix } from 'node:path';
import { CHANGELOG_SECTIONS } from '../../tools/house.ts';
import { isSource, problem, type Problem, type SourceFile } from './files.ts';

export interface LinkWorld {
  /** Whether a file or folder exists, by its path from the root. */
  readonly exists: (path: string) => boolean;
  /** Text of a Markdown file. */
  readonly read: (path: string) => string;
}

/** Links inside the project lead to a file that exists, and to a heading that it has. */
export function deadLinks(file: SourceFile, world: LinkWorld): Problem[] {
  if (!file.path.endsWith('.md')) return [];
  const text = withoutCode(file.text);
  const links = /\]\((?<inline>[^)\s]+)(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s*(?<named>\S+)/gm;
  return Array.from(text.matchAll(links)).flatMap((match) => {
    const target = (match.groups?.['inline'] ?? match.groups?.['named'])!;
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const absolute = path === '' ? file.path : posix.join(posix.dirname(file.path), path);
    if (absolute !== file.path && !world.exists(absolute)) {
      return [problem(file, match.index, `link to ${target}: there is no ${absolute}`)];
    }
    if (anchor === undefined || !absolute.endsWith('.md')) return [];
    const linked = absolute === file.path ? file.text : world.read(absolute);
    if (headings(linked).includes(anchor)) return [];
    return [problem(file, match.index, `link to ${target}: ${absolute} has no such heading`)];
  });
}

/** Fenced and inline code blanked; every character stays at its place. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```|`[^`\n]+`/gm, (code) => code.replaceAll(/[^\n]/g, ' '));
}

function headings(text: string): string[] {
  return Array.from(text.matchAll(/^#{1,6} +(?<title>.+)$/gm), ({ groups }) => {
    const title = groups?.['title'] ?? '';
    const words = title.trim().toLowerCase();
    return words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
  });
}

/** `## Unreleased` first, then `## 1.2.3 - 2026-11-21`; known sections in their order, none empty. */
export function changelog(file: SourceFile): Problem[] {
  if (file.path !== 'CHANGELOG.md') return [];
  const releases = sections(file.text, '## ');
  const problems = releases.flatMap(({ title, at, bodyAt, body }, index) => {
    const isUnreleased = index === 0 && title === 'Unreleased';
    if (!isUnreleased && (index === 0 || !/^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/.test(title))) {
      return [problem(file, at, `'${title}': Unreleased comes first, then '1.2.3 - 2026-11-21'`)];
    }
    return releaseShape(file, bodyAt, body);
  });
  if (releases.length === 0)
    problems.push(problem(file, 0, 'no release: begin with ## Unreleased'));
  return problems;
}

function releaseShape(file: SourceFile, from: number, release: string): Problem[] {
  const parts = sections(release, '### ');
  let last = -1;
  const problems: Problem[] = [];
  for (const { title, at, body } of parts) {
    const order = CHANGELOG_SECTIONS.indexOf(title);
    const say = (text: string): number => problems.push(problem(file, from + at, text));
    if (order === -1) say(`'${title}': a section is one of ${CHANGELOG_SECTIONS.join(', ')}`);
    else if (order <= last) say(`'${title}' comes too late: ${CHANGELOG_SECTIONS.join(', ')}`);
    last = Math.max(last, order);
    const isList = /^(?:- \S.*\n(?: {2}\S.*\n)*)+$/.test(`${body.trim()}\n`);
    if (!isList) say(`'${title}' is not a list of changes: one '- ' a change, no empty section`);
  }
  if (parts.length === 0) problems.push(problem(file, from, 'a release without a section'));
  return problems;
}

interface Section {
  readonly title: string;
  /** Where its heading begins. */
  readonly at: number;
  readonly bodyAt: number;
  readonly body: string;
}

function sections(text: string, mark: string): Section[] {
  const starts = Array.from(text.matchAll(new RegExp(`^${mark}(?<title>.+)$`, 'gm')));
  return starts.map((match, index) => {
    const end = starts[index + 1]?.index ?? text.length;
    const bodyAt = match.index + match[0].length;
    const title = match.groups!['title']!.trim();
    return { title, at: match.index, bodyAt, body: text.slice(bodyAt, end) };
  });
}

/** ARCHITECTURE.md names every folder and every file of src. */
export function folderMap(map: SourceFile, files: readonly SourceFile[]): Problem[] {
  const sources = files.map(({ path }) => path).filter((path) => isSource({ path }.path));
  const folders = new Set(sources.map((path) => posix.dirname(path)));
  const missing = [
    ...[...folders].filter((folder) => !map.text.includes(`### ${folder}\n`)),
    ...sources.filter((path) => !map.text.includes(`](${path})`)),
  ];
  return missing.map((path) => problem(map, 0, `does not name ${path}: run npm run docs`));
}
