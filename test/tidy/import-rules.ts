/** Rules about imports: layers, packages, and the forms an import may have. */
import { posix } from 'node:path';
import {
  DYNAMIC_IMPORT_FILES,
  ENTRY_FILES,
  FOLDERS,
  PACKAGE_FILES,
  PUBLIC_DOORS,
} from '../../tools/house.ts';
import { isCode, isSource, matches, problem, type Problem, type SourceFile } from './files.ts';

export interface Import {
  readonly specifier: string;
  readonly isDynamic: boolean;
  /** Where the specifier begins. */
  readonly at: number;
}

/** Every import, re-export and `import()` of a file; the specifier is '' when it is not a literal. */
export function importsOf(file: SourceFile): Import[] {
  const pattern =
    /\b(?:import|export)\b[^;'"`()=]*?\bfrom\s*(?<from>['"])|\bimport\s*(?<bare>['"])|\bimport\s*(?<call>\()\s*/g;
  return Array.from(file.code.matchAll(pattern), (match) => {
    const isDynamic = match.groups?.['call'] !== undefined;
    const at = match.index + match[0].length - (isDynamic ? 0 : 1);
    const quote = file.code[at]!;
    const isLiteral = quote === "'" || quote === '"';
    const specifier = isLiteral ? file.text.slice(at + 1, file.code.indexOf(quote, at + 1)) : '';
    return { specifier, isDynamic, at };
  });
}

/** Folder of src that a file is in; '' for the entry files. */
export function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? parts[1]! : '';
}

/** Files of src import from their own folder and from those below, as tools/house.ts lists them. */
export function layers(file: SourceFile): Problem[] {
  if (!isSource(file.path)) return [];
  const from = folderOf(file.path);
  const allowed =
    from === '' ? ENTRY_FILES[file.path] : FOLDERS.find(({ name }) => name === from)?.imports;
  if (allowed === undefined) {
    return [problem(file, 0, `${file.path} has no level: give its folder one in tools/house.ts`)];
  }
  return importsOf(file).flatMap(({ specifier, at }) => {
    if (!specifier.startsWith('.')) return [];
    const target = posix.join(posix.dirname(file.path), specifier);
    if (!target.startsWith('src/')) {
      return [problem(file, at, `imports ${target}: src imports nothing outside src`)];
    }
    const to = folderOf(target);
    if (to === '' && !isEntryPair(file.path, target)) {
      return [problem(file, at, `imports the entry file ${target}: import the file you mean`)];
    }
    if (to === '' || to === from || allowed.includes(to)) return [];
    const may = from === '' ? allowed.join(', ') : [from, ...allowed].join(', ');
    return [
      problem(
        file,
        at,
        `imports ${to}, may import only ${may}: move the code, or take a parameter`,
      ),
    ];
  });
}

/** No file of src needs itself by way of others, not even for a type: each circle is told once. */
export function circles(files: readonly SourceFile[]): Problem[] {
  const sources = new Map(
    files.filter(({ path }) => isSource(path)).map((file) => [file.path, file]),
  );
  const targets = (file: SourceFile): string[] =>
    importsOf(file)
      .filter(({ specifier, isDynamic }) => specifier.startsWith('.') && !isDynamic)
      .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier))
      .filter((path) => sources.has(path));
  const problems: Problem[] = [];
  const isDone = new Set<string>();
  const way: string[] = [];
  const follow = (path: string): void => {
    const at = way.indexOf(path);
    const file = sources.get(path);
    if (at >= 0 && file !== undefined) {
      const circle = [...way.slice(at), path].join(' -> ');
      problems.push(problem(file, 0, `${circle}: move what both need to a file below`));
    }
    if (at >= 0 || file === undefined || isDone.has(path)) return;
    way.push(path);
    for (const target of targets(file)) follow(target);
    way.pop();
    isDone.add(path);
  };
  for (const path of sources.keys()) follow(path);
  return problems;
}

/** The one import between entry files: bin.ts checks the Node version and loads cli.ts. */
function isEntryPair(from: string, to: string): boolean {
  return from === 'src/bin.ts' && to === 'src/cli.ts';
}

/** Relative imports end in .ts, built-ins begin with node:, each package is in the file it belongs to. */
export function specifiers(file: SourceFile): Problem[] {
  if (!isCode(file.path)) return [];
  return importsOf(file).flatMap(({ specifier, at, isDynamic }) => {
    if (specifier.startsWith('.')) {
      if (specifier.endsWith('.ts')) return [];
      return [problem(file, at, `import '${specifier}': a relative import ends in .ts`)];
    }
    if (specifier.startsWith('node:') || !isSource(file.path)) return [];
    if (specifier === '' && isDynamic) {
      return [problem(file, at, 'import() of something computed: name the module in a literal')];
    }
    const owners = PACKAGE_FILES[packageOf(specifier)];
    if (owners?.includes(file.path) ?? false) return [];
    const belongs =
      owners === undefined
        ? 'no package that src may import, nor a built-in with its node: prefix'
        : `imported only in ${owners.join(', ')}: go through that file`;
    return [problem(file, at, `import '${specifier}': ${belongs}`)];
  });
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
}

/** import() stands only in the files that load something heavy when it is first needed. */
export function dynamicImports(file: SourceFile): Problem[] {
  if (!isSource(file.path) || DYNAMIC_IMPORT_FILES.includes(file.path)) return [];
  return importsOf(file)
    .filter(({ isDynamic }) => isDynamic)
    .map(({ at }) =>
      problem(
        file,
        at,
        'import() here: import at the top, or add the file to DYNAMIC_IMPORT_FILES',
      ),
    );
}

/** No default exports, and no file that only passes on what others export, except the front door. */
export function exports(file: SourceFile): Problem[] {
  if (!isCode(file.path) || /(?:^|\/)\w+(?:\.\w+)*\.config\.ts$/.test(file.path)) return [];
  const found = matches(
    file,
    file.code,
    /\bexport\s+default\b|\bas\s+default\b/,
    () => 'default export: export it by name',
  );
  if (PUBLIC_DOORS.includes(file.path)) return found;
  const passesOn = /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})(?:\s*as\s+\w+)?\s*from\b/;
  found.push(
    ...matches(
      file,
      file.code,
      passesOn,
      () => 're-export: import from the file that owns the name',
    ),
  );
  if (/^src\/.+\/index\.ts$/.test(file.path)) {
    found.push(problem(file, 0, 'index.ts inside a folder: name the file after what it exports'));
  }
  return found;
}
