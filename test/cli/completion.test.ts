import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../src/cli/completion.ts';
import { command } from './command.ts';

const flag = { name: '--fast', description: 'no waiting' };
const commands = [{ name: 'run', description: 'runs', flags: [flag], takesPath: true }];

describe('completionScript', () => {
  it.each(['bash', 'zsh', 'fish'])('has every command and flag for %s', (shell) => {
    const script = completionScript(shell, commands);
    expect(script).toContain('run');
    expect(script).toContain('fast');
  });

  it('refuses another shell', () => {
    expect(() => completionScript('tcsh', commands)).toThrow(/bash, zsh, fish/);
  });
});

describe('mlite completion', () => {
  it.each(['bash', 'zsh', 'fish'])('names every command and flag for %s', async (shell) => {
    const { exitCode, output } = await command(['completion', shell]);
    expect(exitCode).toBe(0);
    const words = ['demo', 'inspect', 'verify', 'doctor', 'version', 'crash', 'rounds', 'json'];
    for (const word of words) expect(output).toContain(word);
    expect(output).not.toContain('crash-writer');
  });

  it('writes a script that bash understands and that completes', async () => {
    const { output } = await command(['completion', 'bash']);
    const script = `${output}\nCOMP_WORDS=(mlite ins); COMP_CWORD=1; _mlite; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'inspect\n', stderr: '' });
  });

  it('ends with 2 for another shell', async () => {
    const { exitCode, errors } = await command(['completion', 'tcsh']);
    expect(exitCode).toBe(2);
    expect(errors).toContain('bash, zsh, fish');
  });
});
