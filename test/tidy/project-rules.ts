/** Rules about the project as a whole: tests beside sources, pinned packages, the linter's layers. */
import {
  FOLDERS,
  PACKAGE_FILES,
  RUNTIME_DEPENDENCIES_MAX,
  TESTED_ELSEWHERE,
} from '../../tools/house.ts';
import { isSource, problem, type Problem, type SourceFile } from './files.ts';

/** Every file of src that has code has a test of its name, or says which test is its. */
export function mirroredTests(
  files: readonly SourceFile[],
  elsewhere: Readonly<Record<string, string>> = TESTED_ELSEWHERE,
): Problem[] {
  const paths = new Set(files.map(({ path }) => path));
  const missing = files
    .filter((file) => isSource(file.path) && hasCode(file))
    .flatMap((file) => {
      const own = file.path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
      if (paths.has(own)) return [];
      const other = elsewhere[file.path];
      if (other === undefined) {
        return [problem(file, 0, `no ${own}: write it, or name the test in TESTED_ELSEWHERE`)];
      }
      return paths.has(other)
        ? []
        : [problem(file, 0, `${other} does not exist: it should test this`)];
    });
  const stale = Object.keys(elsewhere)
    .filter((path) => !paths.has(path))
    .map((path) => ({ path: 'tools/house.ts', line: 1, text: `TESTED_ELSEWHERE: no ${path}` }));
  return [...missing, ...stale];
}

/** False for a file that exports types only. */
function hasCode(file: SourceFile): boolean {
  return /^(?:export\s+)?(?:abstract\s+|async\s+)*(?:const|let|function|class)\b|^(?:await|if|process)\b/m.test(
    file.code,
  );
}

export interface PackageJson {
  readonly engines?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Exact versions, few dependencies, each with its file, and no script on a user's machine. */
export function packagePins(file: SourceFile): Problem[] {
  const json = JSON.parse(file.text) as PackageJson;
  const runtime = { ...json.dependencies, ...json.optionalDependencies, ...json.peerDependencies };
  const problems: Problem[] = [];
  const say = (word: string, text: string): void => {
    problems.push(problem(file, Math.max(0, file.text.indexOf(`"${word}"`)), text));
  };
  for (const [name, version] of Object.entries({ ...runtime, ...json.devDependencies })) {
    if (!/^\d+\.\d+\.\d+$/.test(version)) say(name, `${name} ${version}: pin one exact version`);
  }
  for (const name of Object.keys(runtime)) {
    if (PACKAGE_FILES[name] === undefined) say(name, `${name}: name its file in PACKAGE_FILES`);
  }
  const count = Object.keys(runtime).length;
  if (count > RUNTIME_DEPENDENCIES_MAX) {
    say('dependencies', `${count} runtime dependencies, at most ${RUNTIME_DEPENDENCIES_MAX}`);
  }
  for (const name of ['preinstall', 'install', 'postinstall']) {
    if (json.scripts?.[name] !== undefined) say(name, `${name} would run on users' machines`);
  }
  if (json.engines?.['node'] !== '>=22.13') say('engines', 'engines.node is >=22.13');
  return problems;
}

/**
 * The lock names versions and hashes, never a host; nothing that users get runs a script. npm takes a
 * package with a `binding.gyp` for one that does: allowScripts says of those that they work without.
 */
export function packageLock(
  file: SourceFile,
  allowScripts: Readonly<Record<string, boolean>>,
): Problem[] {
  const { packages } = JSON.parse(file.text) as {
    packages: Record<string, { dev?: boolean; resolved?: string; hasInstallScript?: boolean }>;
  };
  return Object.entries(packages).flatMap(([name, { dev, resolved, hasInstallScript }]) => {
    const at = Math.max(0, file.text.indexOf(`"${name}"`));
    const problems: Problem[] = [];
    if (resolved !== undefined) {
      problems.push(
        problem(file, at, `${name} has a host: npm install with our .npmrc leaves it out`),
      );
    }
    const isDenied = allowScripts[name.replace(/^.*node_modules\//, '')] === false;
    if (hasInstallScript === true && dev !== true && !isDenied) {
      problems.push(problem(file, at, `${name} runs a script when users install it: use another`));
    }
    return problems;
  });
}

interface LintConfig {
  readonly overrides: readonly {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, unknown>>;
  }[];
}

/** The linter shows the import layers in editors; they are those of tools/house.ts. */
export function lintLayers(file: SourceFile): Problem[] {
  const { overrides } = JSON.parse(file.text) as LintConfig;
  return FOLDERS.flatMap(({ name, imports }) => {
    const rule = overrides.find(({ files, rules }) => {
      return files.includes(`src/${name}/**`) && 'no-restricted-imports' in rules;
    })?.rules['no-restricted-imports'];
    const group = ['../*/*', ...imports.map((folder) => `!../${folder}/*`)];
    const message = `src/${name} may import only: ${[name, ...imports].join(', ')}.`;
    const wanted = ['error', { patterns: [{ group, message }] }];
    if (JSON.stringify(rule) === JSON.stringify(wanted)) return [];
    return [
      problem(file, 0, `no-restricted-imports of src/${name} should be ${JSON.stringify(wanted)}`),
    ];
  });
}
