/** Servers in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface StartedServer {
  readonly process: ChildProcess;
  readonly address: string;
}

/** Once it has printed where it is: `addressIn` finds it in what it printed. */
export async function startServer(
  args: readonly string[],
  addressIn: (text: string) => string,
): Promise<StartedServer> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (!text.endsWith('\n')) continue;
    return { process: child, address: addressIn(text) };
  }
  throw new Error(`a server ended after ${text}`);
}

export async function endServer(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
