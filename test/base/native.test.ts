import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { checkEngineName, nativeAddon, nativeState } from '../../src/base/native.ts';

const native = new URL('../../src/base/native.ts', import.meta.url);

/** What a new process with that MLITE_ENGINE says. */
function stateWith(engine: string): { addon: boolean; reason: string } | { error: string } {
  const program = `
    import { nativeState } from ${JSON.stringify(native.href)};
    try {
      const { addon, reason } = nativeState();
      console.log(JSON.stringify({ addon: addon !== null, reason }));
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }));
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, MLITE_ENGINE: engine },
  });
  return JSON.parse(stdout) as { addon: boolean; reason: string } | { error: string };
}

describe('the native kernels', () => {
  it('are loaded from where they are, or say why not', () => {
    const { addon, reason } = nativeState();
    expect(nativeAddon()).toBe(addon);
    if (addon === null) expect(reason).not.toBe('');
    else {
      expect(existsSync(reason)).toBe(true);
      expect(['avx512', 'avx2', 'neon', 'scalar']).toContain(addon.kernels);
    }
  });

  it('are not loaded where MLITE_ENGINE is js', () => {
    expect(stateWith('js')).toEqual({ addon: false, reason: 'MLITE_ENGINE=js' });
  });

  it('are demanded by MLITE_ENGINE=native', () => {
    const state = stateWith('native');
    expect('error' in state ? state.error.includes('do not load') : state.addon).toBe(true);
  });

  it('know no other engine', () => {
    expect(stateWith('cuda')).toEqual({
      error: 'MLITE_ENGINE is native or js, not cuda: unsupported operation',
    });
  });

  it.each(['', 'js', 'native', undefined])('are asked for by the name %o', (name) => {
    expect(() => checkEngineName(name)).not.toThrow();
  });

  it('are refused by another name before anything is opened', () => {
    expect(() => checkEngineName('cuda')).toThrow('MLITE_ENGINE is native or js, not cuda');
  });

  it.skipIf(nativeAddon() === null)('are loaded in worker threads, too', async () => {
    const program = `
      const { parentPort } = require('node:worker_threads');
      const loaded = { exports: {} };
      process.dlopen(loaded, ${JSON.stringify(nativeState().reason)});
      parentPort.postMessage(loaded.exports.kernels);`;
    const workers = [1, 2, 3].map(() => new Worker(program, { eval: true }));
    const names = await Promise.all(
      workers.map(
        async (worker) =>
          await new Promise((resolve, reject) => {
            worker.once('message', resolve);
            worker.once('error', reject);
          }),
      ),
    );
    expect(new Set(names)).toEqual(new Set([nativeAddon()?.kernels]));
  });

  it.skipIf(nativeAddon() === null)('ask for large pages without changing a byte', () => {
    const addon = nativeAddon()!;
    for (const byteLength of [0, 1, 4096, 5 * 1024 * 1024 + 3]) {
      const bytes = new Uint8Array(new SharedArrayBuffer(byteLength + 1)).subarray(1);
      addon.preferLargePages(bytes);
      bytes.fill(7);
      addon.preferLargePages(bytes);
      expect(bytes.every((byte) => byte === 7)).toBe(true);
    }
    expect(() => addon.preferLargePages(null as never)).toThrow(TypeError);
    expect(() => addon.preferLargePages(new Float32Array(4) as never)).toThrow(TypeError);
  });
});
