/** Rules about the text of code: ports, sizes, words, and how errors and tests are written. */
import {
  BANNED_TEXT,
  FILE_LINES_MAX,
  FILE_NAME_WORDS,
  GATES,
  LINE_COLUMNS_MAX,
} from '../../tools/house.ts';
import { isCode, isSource, matches, problem, type Problem, type SourceFile } from './files.ts';
import { importsOf } from './import-rules.ts';

/** Clock, timers, randomness, disk, network, threads, process and console come in through ports. */
export function ports(file: SourceFile): Problem[] {
  if (!isSource(file.path)) return [];
  return GATES.flatMap((gate) => {
    if (gate.files.some((name) => passes(file.path, name))) return [];
    const say = (what: string): string => `${what} reaches ${gate.name}: ${gate.mend}`;
    const inCode = gate.code === null ? [] : matches(file, file.code, gate.code, say);
    const imported = importsOf(file)
      .filter(({ specifier }) => gate.modules?.test(specifier) === true)
      .map(({ specifier, at }) => problem(file, at, say(specifier)));
    return [...inCode, ...imported];
  });
}

function passes(path: string, name: string): boolean {
  return name.endsWith('/') ? path.startsWith(name) : path === name;
}

export function fileSize(file: SourceFile): Problem[] {
  if (!isCode(file.path)) return [];
  const lines = file.text.trimEnd().split('\n').length;
  if (lines <= FILE_LINES_MAX) return [];
  return [
    problem(
      file,
      file.text.length,
      `${lines} lines, at most ${FILE_LINES_MAX}: split it by what it is about`,
    ),
  ];
}

/** The formatter wraps code but not comments and strings; a line that is one long string may stay. */
export function lineWidth(file: SourceFile): Problem[] {
  if (!isCode(file.path)) return [];
  let at = 0;
  return file.text.split('\n').flatMap((line) => {
    const start = at;
    at += line.length + 1;
    const columns = [...line].length;
    if (columns <= LINE_COLUMNS_MAX || holdsLongWord(file.code.slice(start, at), line)) return [];
    return [
      problem(
        file,
        start,
        `${columns} columns, at most ${LINE_COLUMNS_MAX}: break the comment or the text`,
      ),
    ];
  });
}

/** True when the line cannot be broken by whoever writes it: a string or pattern, or an address. */
function holdsLongWord(code: string, line: string): boolean {
  const isComment = code.trim() === '';
  if (isComment) return /\S{60,}/.test(line);
  return /['"`/]/.test(line) && code.trimEnd().replaceAll(/ {2,}/g, ' ').length <= LINE_COLUMNS_MAX;
}

/** Every file of src and tools opens with a comment that says what it is; the folder map quotes it. */
export function header(file: SourceFile): Problem[] {
  if (!isCode(file.path) || !/^(?:src|tools)\//.test(file.path)) return [];
  if (/^(?:#!.*\n)?\/\*\*/.test(file.text)) return [];
  return [
    problem(file, 0, 'no comment at the top: open with /** what the file is and guarantees */'),
  ];
}

export function fileNames(file: SourceFile): Problem[] {
  const folders = /^(?:src|test|tools|bench|examples|demo)\//;
  if (!folders.test(file.path)) return [];
  const words = file.path.replace(/(?:\.test)?\.\w+$/, '').split(/[/.\-_]/);
  const banned = words.filter((word) => FILE_NAME_WORDS.includes(word));
  const found = banned.map((word) =>
    problem(file, 0, `'${word}' in a file name says nothing: name it after what it holds`),
  );
  if (/(?:^|\/)base-[^/]+$/.test(file.path)) {
    found.push(problem(file, 0, "'base-' in a file name: name it after what it is"));
  }
  if (isCode(file.path) && !/^[a-z0-9.-]+$/.test(file.path.split('/').at(-1)!)) {
    found.push(problem(file, 0, 'file names are kebab-case: lower-case words joined by hyphens'));
  }
  return found;
}

export function bannedText(file: SourceFile): Problem[] {
  return BANNED_TEXT.flatMap(({ pattern, mend }) =>
    matches(file, file.text, pattern, (what) => `'${what}': ${mend}`),
  );
}

/** An error that is caught and dropped is a lie told later; where it is told elsewhere, a comment says so. */
export function emptyCatch(file: SourceFile): Problem[] {
  if (!isSource(file.path)) return [];
  const block = /\bcatch\s*(?:\(\s*\w*[^)]*\))?\s*\{\s*\}/;
  const handler = /\.catch\(\s*(?:\(\s*\w*\s*\)|\w+)\s*=>\s*(?:\{\s*\}|undefined\b|null\b)/;
  const lines = file.text.split('\n');
  return [
    ...matches(
      file,
      file.code,
      block,
      () => 'an error is caught and dropped: act on it, or let it rise',
    ),
    ...matches(
      file,
      file.code,
      handler,
      () => 'an error is dropped: say above who hears of it',
    ).filter(({ line }) => !/^\s*(?:\/\/|\*\/)/.test(lines[line - 2] ?? '')),
  ];
}

export function focusedTests(file: SourceFile): Problem[] {
  if (!isCode(file.path) || !file.path.startsWith('test/')) return [];
  const focused =
    /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:only|skip|todo|fails)\b|(?<![.\w])(?:fit|xit|fdescribe|xdescribe|xtest)\s*\(/;
  return matches(file, file.code, focused, (what) => `${what}: every test runs, or goes`);
}
