/** Each rule of the house catches a violation planted for it, at its line, and lets the good form pass. */
import { describe, expect, it } from 'vitest';
import { blank } from './blank.ts';
import {
  bannedText,
  emptyCatch,
  fileNames,
  fileSize,
  focusedTests,
  header,
  lineWidth,
  ports,
} from './code-rules.ts';
import { changelog, deadLinks, folderMap } from './document-rules.ts';
import { fileOf, printed, type Problem, type SourceFile } from './files.ts';
import { circles, dynamicImports, exports, importsOf, layers, specifiers } from './import-rules.ts';
import { lintLayers, mirroredTests, packageLock, packagePins } from './project-rules.ts';

type Rule = (file: SourceFile) => Problem[];

/** Path, text with one violation, and the line that must be named with a word of its message. */
type Planted = readonly [path: string, text: string, line: number, says: string];

function catches(rule: Rule, planted: readonly Planted[]): void {
  for (const [path, text, line, says] of planted) {
    const problems = rule(fileOf(path, text));
    expect(printed(problems), `${path}: ${text}`).toContain(`${path}:${line}: `);
    expect(printed(problems)).toContain(says);
  }
}

function passes(rule: Rule, good: readonly (readonly [path: string, text: string])[]): void {
  for (const [path, text] of good) expect(printed(rule(fileOf(path, text))), text).toBe('');
}

describe('blank', () => {
  it('keeps code and line ends, takes out comments, strings and patterns', () => {
    const text = "a('x//y'); // b\n/* c\nd */ e = /f'[/]/g; g = h / i / 2; `j${k('l')}m`";
    expect(blank(text)).toHaveLength(text.length);
    expect(blank(text).replaceAll(/ +/g, ' ')).toBe(
      "a(' '); \n \n e = ; g = h / i / 2; ` ${k(' ')} `",
    );
  });

  it('finds the end of strings with escapes and of nested templates', () => {
    expect(blank(String.raw`x = 'a\'b'; y = 1`)).toBe("x = '    '; y = 1");
    expect(blank('`a${ b ? `c${d}` : {e: 1} }f`; g')).toBe('` ${ b ? ` ${d}` : {e: 1} } `; g');
  });
});

describe('imports', () => {
  it('go in no circle', () => {
    const of = (path: string, ...targets: string[]): SourceFile =>
      fileOf(path, targets.map((target) => `import type { X } from '${target}';\n`).join(''));
    const good = [
      of('src/base/a.ts', './b.ts', './c.ts'),
      of('src/base/b.ts', './c.ts'),
      of('src/base/c.ts'),
      of('test/base/d.ts', './d.ts'),
    ];
    expect(printed(circles(good))).toBe('');
    const bad = [...good.slice(0, 2), of('src/base/c.ts', '../wal/e.ts'), good[3]!];
    const back = of('src/wal/e.ts', '../base/b.ts');
    expect(printed(circles([...bad, back]))).toContain(
      'src/base/b.ts -> src/base/c.ts -> src/wal/e.ts -> src/base/b.ts',
    );
    expect(circles([of('src/base/f.ts', './f.ts')])).toHaveLength(1);
  });

  it('finds every form', () => {
    const text = `import a from './a.ts';
import type { B } from "./b.ts";
import {
  c,
} from './c.ts';
export { d } from './d.ts';
import './e.ts';
const f = await import('./f.ts');
const text = "import g from './g.ts'"; // import h from './h.ts'
`;
    expect(importsOf(fileOf('src/core/x.ts', text)).map(({ specifier }) => specifier)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `./${name}.ts`),
    );
  });

  it('layers', () => {
    catches(layers, [
      ['src/base/a.ts', "\nimport { x } from '../schema/x.ts';", 2, 'imports schema'],
      ['src/segments/a.ts', "import type { x } from '../meta/x.ts';", 1, 'imports meta'],
      ['src/wal/a.ts', "export * from '../core/x.ts';", 1, 'imports core'],
      ['src/core/a.ts', "await import('../api/x.ts');", 1, 'imports api'],
      ['src/core/a.ts', "import { x } from '../index.ts';", 1, 'entry file'],
      ['src/core/a.ts', "import { x } from '../../test/x.ts';", 1, 'outside src'],
      ['src/bin.ts', "import { x } from './core/x.ts';", 1, 'imports core'],
      ['src/index.ts', "import { x } from './wal/x.ts';", 1, 'imports wal'],
      ['src/attic/a.ts', 'export const x = 1;', 1, 'no level'],
      ['src/extra.ts', 'export const x = 1;', 1, 'no level'],
    ]);
    passes(layers, [
      ['src/core/a.ts', "import { x } from '../index/x.ts';\nimport { y } from './y.ts';"],
      ['src/bin.ts', "await import('./cli.ts');"],
      ['src/cli.ts', "await import('./cli/demo.ts');"],
      ['src/index.ts', "export { x } from './api/x.ts';"],
      ['test/core/a.test.ts', "import { x } from '../../src/core/x.ts';"],
    ]);
  });

  it('specifiers', () => {
    catches(specifiers, [
      ['src/base/a.ts', "import { x } from './x.js';", 1, 'ends in .ts'],
      ['test/base/a.test.ts', "import { x } from '../../src/base/x';", 1, 'ends in .ts'],
      ['src/base/a.ts', "import { join } from 'path';", 1, 'node: prefix'],
      ['src/core/a.ts', "import type D from 'better-sqlite3';", 1, 'src/meta/sqlite-store.ts'],
      ['src/core/a.ts', "import { x } from 'left-pad';", 1, 'no package'],
      ['src/cli.ts', '\nawait import(name);', 2, 'literal'],
    ]);
    passes(specifiers, [
      ['src/meta/sqlite-store.ts', "import D from 'better-sqlite3';"],
      ['src/segments/segment-file.ts', "const a = await import('apache-arrow/Arrow.node.mjs');"],
      ['src/base/a.ts', "import { join } from 'node:path';\nimport { x } from './x.ts';"],
      ['test/base/a.test.ts', "import { it } from 'vitest';"],
    ]);
  });

  it('dynamic imports', () => {
    catches(dynamicImports, [['src/core/a.ts', "\n\nawait import('./b.ts');", 3, 'import()']]);
    passes(dynamicImports, [
      ['src/bin.ts', "await import('./cli.ts');"],
      ['src/core/a.ts', "// import('./b.ts')\nconst important = 1;"],
    ]);
  });

  it('exports', () => {
    catches(exports, [
      ['src/core/a.ts', '\nexport default class A {}', 2, 'default export'],
      ['src/core/a.ts', 'export { a as default };', 1, 'default export'],
      ['src/core/a.ts', "export * from './b.ts';", 1, 're-export'],
      ['src/core/a.ts', "export type { B } from './b.ts';", 1, 're-export'],
      ['src/core/index.ts', 'export const a = 1;', 1, 'inside a folder'],
      ['src/index.ts', 'export default 1;', 1, 'default export'],
    ]);
    passes(exports, [
      ['src/index.ts', "export { a } from './api/a.ts';"],
      ['vitest.config.ts', 'export default {};'],
      ['src/index/flat.ts', 'export const a = 1;'],
    ]);
  });
});

describe('code', () => {
  it('ports', () => {
    catches(ports, [
      ['src/core/a.ts', '\nconst t = Date.now();', 2, 'a Clock'],
      ['src/core/a.ts', 'const t = new Date();', 1, 'a Clock'],
      ['src/core/a.ts', 'const t = performance.now();', 1, 'a Clock'],
      ['src/core/a.ts', 'const s = AbortSignal.timeout(5);', 1, 'a Clock'],
      ['src/core/a.ts', 'setTimeout(f, 1);', 1, 'a timer'],
      ['src/core/a.ts', 'setInterval(f, 1);', 1, 'a timer'],
      ['src/core/a.ts', 'setImmediate(f);', 1, 'a timer'],
      ['src/core/a.ts', "import { setTimeout } from 'node:timers/promises';", 1, 'a timer'],
      ['src/core/a.ts', 'const r = Math.random();', 1, 'a Random'],
      ['src/core/a.ts', "import { randomUUID } from 'node:crypto';", 1, 'a Random'],
      ['src/core/a.ts', "import { readFile } from 'node:fs/promises';", 1, 'a Disk'],
      ['src/core/a.ts', "import { createServer } from 'node:net';", 1, 'no socket'],
      ['src/core/a.ts', 'await fetch(url);', 1, 'no socket'],
      ['src/core/a.ts', "import { Worker } from 'node:worker_threads';", 1, 'Workers'],
      ['src/core/a.ts', "import { spawn } from 'node:child_process';", 1, 'starts processes'],
      ['src/core/a.ts', "process.on('exit', f);", 1, 'the process'],
      ['src/core/a.ts', "import { hostname } from 'node:os';", 1, 'the machine'],
      ['src/core/a.ts', "console.warn('x');", 1, 'a Logger'],
    ]);
    passes(ports, [
      ['src/base/clock.ts', 'const t = Date.now();'],
      ['src/cli/demo.ts', "console.log(process.pid); import { spawn } from 'node:child_process';"],
      ['src/core/a.ts', 'const t = new Date(clock.nowMs()); // not Date.now()'],
      ['src/core/a.ts', "import { createHash } from 'node:crypto'; this.process.next();"],
      ['test/core/a.test.ts', 'const t = Date.now();'],
    ]);
  });

  it('file size', () => {
    catches(fileSize, [['src/core/a.ts', 'a;\n'.repeat(501), 502, '501 lines']]);
    passes(fileSize, [['src/core/a.ts', 'a;\n'.repeat(500)]]);
  });

  it('line width', () => {
    catches(lineWidth, [
      ['src/core/a.ts', `a;\n// ${'word '.repeat(24)}`, 2, 'columns'],
      ['src/core/a.ts', `const a = ${'b + '.repeat(30)}c;`, 1, 'columns'],
    ]);
    passes(lineWidth, [
      ['src/core/a.ts', `const a = '${'word '.repeat(30)}';`],
      ['src/core/a.ts', `// https://example.org/${'x'.repeat(90)}`],
    ]);
  });

  it('header', () => {
    catches(header, [['src/core/a.ts', 'export const a = 1;', 1, 'no comment at the top']]);
    passes(header, [['src/bin.ts', '#!/usr/bin/env node\n/** Entry. */\n']]);
  });

  it('file names', () => {
    catches(fileNames, [
      ['src/core/row-utils.ts', '', 1, "'utils'"],
      ['src/common/row.ts', '', 1, "'common'"],
      ['test/core/store-v2.test.ts', '', 1, "'v2'"],
      ['src/core/base-store.ts', '', 1, "'base-'"],
      ['src/core/rowStore.ts', '', 1, 'kebab-case'],
    ]);
    passes(fileNames, [['src/base/row-store.ts', '']]);
  });

  it('banned text', () => {
    catches(bannedText, [
      ['src/core/a.ts', `\n// TO${'DO'}: later`, 2, 'open an issue'],
      ['src/core/a.ts', `// FIX${'ME'}`, 1, 'open an issue'],
      ['src/core/a.ts', `// ${'Phase'} 2 adds deletes`, 1, 'not when it came'],
      ['docs/a.md', `see /${'work'}/shared/a`, 1, 'no path of one machine'],
      ['test/a.test.ts', `const a = '/${'root'}/.cache';`, 1, 'no path of one machine'],
      ['README.md', `https://${'registry'}.npmjs.org/x`, 1, 'name the package'],
      ['docs/a.md', `made in our ${'work'}place`, 1, 'write for the reader'],
    ]);
    passes(bannedText, [['docs/a.md', 'src/home/a.ts, ./work/x, https://milvus.io/docs']]);
  });

  it('empty catch', () => {
    catches(emptyCatch, [
      ['src/core/a.ts', 'try {\n  f();\n} catch {}', 3, 'dropped'],
      ['src/core/a.ts', 'try { f(); } catch (error) { /* nothing */ }', 1, 'dropped'],
      ['src/core/a.ts', 'f().catch(() => {});', 1, 'dropped'],
      ['src/core/a.ts', 'f().catch((error) => undefined);', 1, 'dropped'],
    ]);
    passes(emptyCatch, [
      ['src/core/a.ts', 'try { f(); } catch (error) { throw wrap(error); }'],
      ['src/core/a.ts', '// The caller has the promise.\nf().catch(() => undefined);'],
    ]);
  });

  it('focused and skipped tests', () => {
    catches(focusedTests, [
      ['test/a.test.ts', `\nit.${'only'}('x', f);`, 2, 'every test runs'],
      ['test/a.test.ts', `describe.concurrent.${'skip'}('x', f);`, 1, 'every test runs'],
      ['test/a.test.ts', `x${'it'}('x', f);`, 1, 'every test runs'],
    ]);
    passes(focusedTests, [['test/a.test.ts', "it.skipIf(isWindows)('x', f);"]]);
  });
});

describe('documents', () => {
  const world = {
    exists: (path: string): boolean => path === 'docs/a.md',
    read: () => '# One Two',
  };

  it('dead links', () => {
    catches(
      (file) => deadLinks(file, world),
      [
        ['README.md', '\n[a](docs/b.md)', 2, 'no docs/b.md'],
        ['README.md', '[a](docs/a.md#three)', 1, 'no such heading'],
        ['docs/x.md', '[a](docs/a.md)', 1, 'no docs/docs/a.md'],
        ['README.md', '[a]: gone.md', 1, 'no gone.md'],
      ],
    );
    passes(
      (file) => deadLinks(file, world),
      [
        ['README.md', '[a](docs/a.md#one-two) [b](https://milvus.io) `[c](gone.md)`'],
        ['README.md', '## Here\n[a](#here)\n```\n[c](gone.md)\n```'],
      ],
    );
  });

  it('changelog', () => {
    const at = 'CHANGELOG.md';
    catches(changelog, [
      [at, '# Changelog\n', 1, 'no release'],
      [at, '## 0.1.0 - 2026-11-21\n### Added\n- a\n', 1, 'Unreleased comes first'],
      [at, '## Unreleased\n### Added\n- a\n\n## 0.1\n### Added\n- a\n', 5, "'0.1'"],
      [at, '## Unreleased\n### New\n- a\n', 2, "'New'"],
      [at, '## Unreleased\n### Fixed\n- a\n\n### Safety\n- a\n', 5, 'comes too late'],
      [at, '## Unreleased\n\n### Added\n\n### Fixed\n- a\n', 3, 'not a list'],
      [at, '## Unreleased\n', 1, 'without a section'],
    ]);
    passes(changelog, [
      [at, '# Changelog\n\n## Unreleased\n\n### Added\n\n- a\n  b\n- c\n'],
      [at, '## Unreleased\n### Added\n- a\n\n## 0.1.0 - 2026-11-21\n\n### Safety\n- a\n'],
    ]);
  });

  it('folder map', () => {
    const source = fileOf('src/base/a.ts', '');
    const map = fileOf('ARCHITECTURE.md', '### src/base\n[b.ts](src/base/b.ts)');
    expect(printed(folderMap(map, [source]))).toContain('does not name src/base/a.ts');
    const empty = fileOf('ARCHITECTURE.md', '[a.ts](src/base/a.ts)');
    expect(printed(folderMap(empty, [source]))).toContain('does not name src/base:');
    const whole = fileOf('ARCHITECTURE.md', '### src/base\n[a.ts](src/base/a.ts)');
    expect(folderMap(whole, [source])).toEqual([]);
  });
});

describe('project', () => {
  const source = fileOf('src/base/a.ts', 'export const a = 1;');

  it('tests beside sources', () => {
    expect(printed(mirroredTests([source], {}))).toContain('no test/base/a.test.ts');
    const other = { 'src/base/a.ts': 'test/base/b.test.ts' };
    expect(printed(mirroredTests([source], other))).toContain('b.test.ts does not exist');
    expect(printed(mirroredTests([], other))).toContain('no src/base/a.ts');
    expect(mirroredTests([source, fileOf('test/base/b.test.ts', '')], other)).toEqual([]);
    expect(mirroredTests([source, fileOf('test/base/a.test.ts', '')], {})).toEqual([]);
    expect(mirroredTests([fileOf('src/base/a.ts', 'export interface A {}')], {})).toEqual([]);
  });

  it('package pins', () => {
    const pins = (extra: object): string => {
      const json = { engines: { node: '>=22.13' }, ...extra };
      return printed(packagePins(fileOf('package.json', JSON.stringify(json, null, 2))));
    };
    expect(pins({ dependencies: { piscina: '5.3.2' } })).toBe('');
    expect(pins({ devDependencies: { vitest: '^5.1.1' } })).toContain('pin one exact version');
    expect(pins({ dependencies: { 'left-pad': '1.0.0' } })).toContain('PACKAGE_FILES');
    expect(pins({ scripts: { postinstall: 'x' } })).toContain("users' machines");
    expect(pins({ engines: {} })).toContain('engines.node');
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`p${i}`, '1.0.0']));
    expect(pins({ dependencies: many })).toContain('13 runtime dependencies');
  });

  it('package lock', () => {
    const lock = (entry: object, name = 'x'): string => {
      const json = { packages: { [`node_modules/${name}`]: entry } };
      return printed(
        packageLock(fileOf('package-lock.json', JSON.stringify(json)), { gyp: false }),
      );
    };
    expect(lock({ version: '1.0.0', dev: true, hasInstallScript: true })).toBe('');
    expect(lock({ resolved: 'https://example.org/x.tgz' })).toContain('has a host');
    expect(lock({ hasInstallScript: true })).toContain('runs a script');
    expect(lock({ hasInstallScript: true }, 'gyp')).toBe('');
  });

  it('layers of the linter', () => {
    const none = fileOf('.oxlintrc.json', JSON.stringify({ overrides: [] }));
    expect(printed(lintLayers(none))).toContain('src/base may import only: base.');
  });
});
