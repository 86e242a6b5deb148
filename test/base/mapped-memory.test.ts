import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { describeMapped, isMapped, mapFile, openMapped } from '../../src/base/mapped-memory.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';

const isPossible = nativeAddon() !== null && process.platform !== 'win32';

function fileOf(values: Float32Array): string {
  const path = join(temporaryDirectory(), 'values');
  writeFileSync(path, values);
  return path;
}

describe.runIf(isPossible)('a mapped file', () => {
  const values = Float32Array.from({ length: 5000 }, (_, i) => i / 3);

  it('has the bytes of the file, and outlives its name', () => {
    const path = fileOf(values);
    const bytes = mapFile(path, values.byteLength)!;
    expect(isMapped(bytes)).toBe(true);
    rmSync(path);
    expect(new Float32Array(bytes.buffer)).toEqual(values);
    expect(mapFile(path, values.byteLength)).toBeNull();
  });

  it('does not change when the memory is written to', () => {
    const path = fileOf(values);
    mapFile(path, values.byteLength)![0]! ^= 255;
    expect(readFileSync(path)[0]).toBe(0);
    expect(mapFile(path, values.byteLength)![0]).toBe(0);
  });

  it('is refused when it is shorter than expected, or not there', () => {
    const path = fileOf(values);
    expect(mapFile(path, values.byteLength + 1)).toBeNull();
    expect(mapFile(`${path}-not`, 1)).toBeNull();
    expect(() => nativeAddon()!.mapFile('x'.repeat(10_000), 1)).toThrow(TypeError);
    expect(() => nativeAddon()!.mapFile(path, 0)).toThrow(TypeError);
  });

  it('is opened at its place by who was told of it', () => {
    const bytes = mapFile(fileOf(values), values.byteLength)!;
    const part = new Float32Array(bytes.buffer, 400, 50);
    const place = structuredClone(describeMapped(part)!);
    const opened = openMapped(place);
    expect(opened).toEqual(part);
    expect(opened.buffer).not.toBe(part.buffer);
    for (const kind of ['Uint8Array', 'Int8Array', 'Uint16Array'] as const) {
      expect(openMapped({ ...place, kind }).constructor.name).toBe(kind);
    }
    rmSync(place.mapped.path);
    expect(() => openMapped({ ...place, mapped: { path: 'gone', byteLength: 8 } })).toThrow('gone');
  });

  it('is unmapped when its thread ends', async () => {
    const path = fileOf(values);
    const program = `
      const { mapFile } = await import(${JSON.stringify(new URL('../../src/base/mapped-memory.ts', import.meta.url).href)});
      mapFile(${JSON.stringify(path)}, ${values.byteLength});
    `;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    expect(await once(worker, 'exit')).toEqual([0]);
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain(path);
  });
});

it('memory of any other kind is not mapped', () => {
  const array = new Float32Array(4);
  expect(isMapped(array)).toBe(false);
  expect(describeMapped(array)).toBeNull();
});
