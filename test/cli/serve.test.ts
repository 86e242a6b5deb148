import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { describe, expect, it } from 'vitest';
import { command } from './command.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
const PORTS = ['--port', '0', '--metrics-port', '0'];

interface Announcement {
  readonly uri: string;
  readonly port: number;
  readonly healthPort: number;
}

async function serve(path: string): Promise<{ process: ChildProcess; announced: Announcement }> {
  const child = spawn(process.execPath, [BIN, 'serve', path, ...PORTS, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    try {
      return { process: child, announced: JSON.parse(text) as Announcement };
    } catch (failure) {
      expect(failure).toBeInstanceOf(SyntaxError);
    }
  }
  return expect.unreachable(`it ended after ${text}`);
}

async function stop(child: ChildProcess): Promise<unknown> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('mlite serve', () => {
  it('serves the official client, stops when told so, and has kept everything', async () => {
    const path = join(temporaryDirectory(), 'served.db');
    const first = await serve(path);
    const before = new MilvusClient({ address: `127.0.0.1:${first.announced.port}` });
    await before.createCollection({ collection_name: 'c', dimension: 4 });
    const data = Array.from({ length: 50 }, (_, i) => ({ id: i, vector: [i, 1, 2, 3], tag: 't' }));
    expect((await before.insert({ collection_name: 'c', data })).status).toMatchObject({
      error_code: 'Success',
      code: 0,
    });
    await before.closeConnection();
    expect(await stop(first.process)).toBe(0);
    const second = await serve(path);
    const after = new MilvusClient({ address: `127.0.0.1:${second.announced.port}` });
    await after.loadCollection({ collection_name: 'c' });
    const found = await after.search({
      collection_name: 'c',
      data: [7, 1, 2, 3],
      limit: 1,
      output_fields: ['id', 'tag'],
    });
    expect(found.results).toMatchObject([{ id: '7', tag: 't' }]);
    expect((await after.count({ collection_name: 'c' })).data).toBe(50);
    await after.closeConnection();
    expect(await stop(second.process)).toBe(0);
  });

  it('names the process that holds the port', async () => {
    const holder = createServer();
    holder.listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const path = join(temporaryDirectory(), 'busy.db');
    const { exitCode, errors } = await command(['serve', path, '--port', String(port)]);
    holder.close();
    expect(exitCode).toBe(1);
    expect(errors).toContain(`port ${port} is taken by`);
    if (process.platform === 'linux') expect(errors).toContain(`process ${process.pid}`);
    expect(errors).toContain(`--port ${port + 1}`);
  });

  it('refuses a port that is none', async () => {
    const { exitCode, errors } = await command(['serve', 'x.db', '--port', '70000']);
    expect(exitCode).toBe(2);
    expect(errors).toContain('--port is 70000, not a port from 0 to 65535');
  });
});
