/** `mlite version`. */
import { readFile } from 'node:fs/promises';
import type { Terminal } from './terminal.ts';

/** The version in the package's own description. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

export async function runVersion({ terminal }: { terminal: Terminal }): Promise<void> {
  const version = await packageVersion();
  const node = process.versions.node;
  terminal.json({ version, node, platform: process.platform, arch: process.arch });
  terminal.line(`mlite ${version} (Node.js ${node}, ${process.platform} ${process.arch})`);
}
