#!/usr/bin/env node
/**
 * The command `mlite`. This file is read by whatever Node is there, so it uses nothing that an old one
 * cannot parse, and loads the rest only when the version will do.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `error: mlite needs Node.js 22.13 or newer, and this is ${process.versions.node}\n` +
      `  where: ${process.execPath}\n` +
      '  next:  install a newer Node.js from https://nodejs.org, or run npx -p node@24 -p milvus-lite mlite\n',
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import('node:module');
  const path = await import('node:path');
  // A start need not compile what an earlier one did. Not where other users may write: it is code.
  // Who has no home, as in some containers, goes without.
  const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '';
  if (home !== '') enableCompileCache(path.join(home, '.cache', 'milvus-lite', 'compiled'));
  const { runCommandLine } = await import('./cli.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2));
}

export {};
