/** Runs the command line in this process and keeps what it printed. */
import { runCommandLine } from '../../src/cli.ts';

export interface CommandOutcome {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

export interface CommandSetting {
  readonly isTerminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function command(
  args: readonly string[],
  setting: CommandSetting = {},
): Promise<CommandOutcome> {
  const { isTerminal = false, environment = {} } = setting;
  const printed = { output: '', errors: '' };
  const streamTo = (name: 'output' | 'errors') => ({
    isTTY: isTerminal,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const world = { output: streamTo('output'), errors: streamTo('errors'), environment };
  const exitCode = await runCommandLine(args, world);
  return { exitCode, ...printed };
}
