/**
 * Pages that are drawn from the code: the errors, the limits, the indexes, the formats, and the folder map.
 * `npm run docs` writes them, `test/tidy.test.ts` fails when one no longer fits the code.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../src/base/errors.ts';
import * as limits from '../src/base/limits.ts';
import { compatibilityPage } from './compatibility-page.ts';
import { configurationPage } from './configuration-page.ts';
import { FOLDERS, FORMAT_FILES } from './house.ts';
import { indexesPage } from './index-page.ts';
import { serverPage } from './server-page.ts';

const ROOT = join(import.meta.dirname, '..');
/** Characters: shorter first sentences are only a name. */
const SUMMARY_LENGTH_MIN = 30;
const DRAWN = 'drawn by `npm run docs`';

/** Path and content of every page that is drawn. */
export function pages(): { readonly path: string; readonly text: string }[] {
  return [
    { path: 'docs/errors.md', text: errorsPage() },
    { path: 'docs/limits.md', text: limitsPage(read('src/base/limits.ts')) },
    { path: 'docs/indexes.md', text: indexesPage() },
    { path: 'docs/server.md', text: serverPage() },
    { path: 'docs/compatibility.md', text: compatibilityPage() },
    { path: 'docs/configuration.md', text: configurationPage() },
    drawnInto('docs/formats.md', 'formats', formats()),
    drawnInto('ARCHITECTURE.md', 'folder map', folderMap()),
  ];
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The table of errors in the order of their codes. */
function errorsPage(): string {
  const rows = Object.entries(ERRORS).toSorted(([, a], [, b]) => a[0] - b[0]);
  const lines = rows.map(([name, [code, kind, trait, sentinel]]) => {
    return `| ${code} | \`${name}\` | ${kind} | ${trait} | ${sentinel} |`;
  });
  return `# Errors

Drawn from [src/base/errors.ts](../src/base/errors.ts) by \`npm run docs\`; a test compares them.

Every failure is a \`MilvusError\`. Programs look at \`reason\` (the name below), at \`code\` (Milvus's
number) or at \`kind\`; the text is for people and may change.

\`\`\`ts
import { MilvusError } from 'milvus-lite';

try {
  await books.insert(rows);
} catch (error) {
  if (error instanceof MilvusError && error.retriable) return later(rows);
  throw error;
}
\`\`\`

| kind | what to do |
| --- | --- |
| InvalidInput | Correct the request; nothing of it was stored. |
| NotFound | Create it, or check the name. |
| AlreadyExists | Use the one that is there, or another name. |
| NotReady | Load it or wait, then try again. |
| Limit | Ask for less, or free the resource that the text names. |
| Denied | The database was opened for something else. |
| Unavailable | Another process or a closed database; open it again. |
| Unsupported | This version cannot do it. |
| Io | Look at the disk, then open the database again. |
| Corrupted | Stop, keep the files, restore from a copy; nothing damaged is ever answered. |
| Cancelled | The caller's signal or deadline ended the call. |
| Internal | A fault of ours: please report it. |

An \`input\` error is the request's fault, a \`retriable\` one may go away by itself, a \`final\` one
needs somebody to act first.

| code | reason | kind | trait | text |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

/** The table of limits in the order of their file; what is said of each is its comment. */
function limitsPage(source: string): string {
  const values: Readonly<Record<string, unknown>> = limits;
  const declared = /(?:\/\*\* (?<comment>(?:(?!\*\/)[^])*?) \*\/\n)?export const (?<name>\w+)/g;
  const lines = Array.from(source.matchAll(declared), ({ groups }) => {
    const name = groups!['name']!;
    const said = (groups!['comment'] ?? '')
      .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
      .replaceAll('|', '\\|');
    return `| \`${name}\` | ${formatted(values[name])} | ${said} |`;
  });
  return `# Limits

Drawn from [src/base/limits.ts](../src/base/limits.ts) by \`npm run docs\`; a test compares them.
Where Milvus has a limit, ours is the default of Milvus and its setting is named.

| name | value | what it bounds |
| --- | --- | --- |
${lines.join('\n')}
`;
}

function formatted(value: unknown): string {
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'bigint' ? value.toLocaleString('en') : `\`${JSON.stringify(value)}\``;
}

/** Every folder and file of src with the first sentence of its opening comment. */
function folderMap(): string {
  const entries = filesOf('src').map((name) => line(`src/${name}`));
  const present = FOLDERS.filter(({ name }) => filesOf(`src/${name}`).length > 0);
  const folders = present.map((folder) => {
    const may = folder.imports.length === 0 ? 'nothing' : folder.imports.join(', ');
    const files = filesOf(`src/${folder.name}`).map((name) => line(`src/${folder.name}/${name}`));
    const title = `### src/${folder.name}\n\n${folder.what} Level ${folder.level}; imports ${may}.`;
    return `${title}\n\n${files.join('\n')}`;
  });
  return [`### src\n\nEntry files.\n\n${entries.join('\n')}`, ...folders].join('\n\n');
}

function filesOf(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((item) => item.isFile() && item.name.endsWith('.ts'))
    .map((item) => item.name)
    .toSorted();
}

function line(path: string): string {
  return `- [${path.split('/').at(-1)}](${path}) — ${summary(read(path))}`;
}

function openingComment(source: string): string {
  return /^(?:#!.*\n)?\/\*\*(?<body>[^]*?)\*\//.exec(source)?.groups?.['body'] ?? '';
}

/** The first sentence of the comment that opens a file, and as many more as it takes to say something. */
function summary(source: string): string {
  const paragraph = openingComment(source)
    .replaceAll(/^[ \t]*\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/)[0]!
    .replaceAll(/\s+/g, ' ');
  let said = '';
  for (const [sentence] of paragraph.matchAll(/.*?[.:](?: (?=[A-Z`])|$)|.+$/g)) {
    said += sentence;
    if (said.length >= SUMMARY_LENGTH_MIN) break;
  }
  return `${said.trim().replace(/[.:]$/, '')}.`;
}

/** Files that describe bytes at their top: those of FORMAT_FILES, and all with a table of offsets. */
function formats(): string {
  const withTable = FOLDERS.flatMap(({ name }) =>
    filesOf(`src/${name}`).map((file) => `src/${name}/${file}`),
  ).filter((path) => /^ \*\s+\d+\s+u(?:8|16|32|64)\b/m.test(openingComment(read(path))));
  const paths = [...new Set([...FORMAT_FILES, ...withTable])].filter((path) =>
    existsSync(join(ROOT, path)),
  );
  return paths
    .map((path) => `- [${path.replace('src/', '')}](../${path}) — ${summary(read(path))}`)
    .join('\n');
}

/** A page by hand, with what is drawn between two marks. */
function drawnInto(path: string, name: string, drawn: string): { path: string; text: string } {
  const text = read(path);
  const [begin, end] = [`<!-- ${name}: begin, ${DRAWN} -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${path} has lost the marks of its ${name}`);
  return { path, text: `${text.slice(0, from)}${begin}\n\n${drawn}\n\n${text.slice(to)}` };
}
