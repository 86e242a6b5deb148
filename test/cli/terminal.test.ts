import { describe, expect, it } from 'vitest';
import { jsonText, Terminal, type TerminalOptions } from '../../src/cli/terminal.ts';

function terminal(changes: Partial<TerminalOptions> & { isTerminal?: boolean } = {}) {
  const printed = { output: '', errors: '' };
  const isTTY = changes.isTerminal ?? false;
  const stream = (name: 'output' | 'errors') => ({
    isTTY,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const options = { isJson: false, isQuiet: false, hasColor: true, ...changes };
  return {
    printed,
    terminal: new Terminal({ output: stream('output'), errors: stream('errors'), ...options }),
  };
}

describe('Terminal', () => {
  it('shows progress on a terminal only, and takes it away before the next line', () => {
    const shown = terminal({ isTerminal: true });
    shown.terminal.progress('working');
    shown.terminal.line('done');
    expect(shown.printed.errors).toBe('\r\u001B[2Kworking\r\u001B[2K');
    expect(shown.printed.output).toBe('done\n');
    for (const changes of [
      {},
      { isTerminal: true, isJson: true },
      { isTerminal: true, isQuiet: true },
    ]) {
      const silent = terminal(changes);
      silent.terminal.progress('working');
      expect(silent.printed.errors).toBe('');
    }
  });

  it('prints either lines or JSON', () => {
    const lines = terminal();
    lines.terminal.line('for people');
    lines.terminal.json({ for: 'programs' });
    expect(lines.printed.output).toBe('for people\n');
    const json = terminal({ isJson: true });
    json.terminal.line('for people');
    json.terminal.json({ for: 'programs' });
    expect(JSON.parse(json.printed.output)).toEqual({ for: 'programs' });
  });
});

describe('jsonText', () => {
  it('writes bigints exactly', () => {
    expect(JSON.parse(jsonText({ a: 7n, b: 2n ** 60n }))).toEqual({
      a: 7,
      b: '1152921504606846976',
    });
  });
});
