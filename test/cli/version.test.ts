import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { command } from './command.ts';

describe('mlite version', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect((await command(['version'])).output).toBe(
      `mlite ${version} (Node.js ${process.versions.node}, ${process.platform} ${process.arch})\n`,
    );
  });
});
