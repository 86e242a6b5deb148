import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapFile } from '../../src/base/mapped-memory.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { receive, send } from '../../src/search/task-transport.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';
import { floatTask } from './tasks.ts';

describe('a task on its way to a worker', () => {
  const task = floatTask(100, 2);

  it('crosses as it is when its memory can be shared', () => {
    const sent = send(task);
    const byteLength = task.vectors.values.buffer.byteLength;
    const memories = [{ name: expect.any(Number) as number, byteLength }];
    expect(sent).toEqual({ task, values: null, image: null, codes: null, memories });
    expect(receive(sent)).toBe(task);
  });

  it.runIf(nativeAddon() !== null && process.platform !== 'win32')(
    'leaves mapped memory behind, and finds it again',
    () => {
      const { values } = task.vectors;
      const path = join(temporaryDirectory(), 'values');
      writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      const image = mapFile(path, values.byteLength)!;
      const mapped = new Float32Array(image.buffer);
      const vectors = { ...task.vectors, values: mapped };
      const search = { ...task, vectors, image, codes: image.subarray(8) };
      const sent = send(search);
      expect(sent.task.vectors.values).toHaveLength(0);
      expect(sent.task.image).toHaveLength(0);
      expect(sent.memories).toEqual([]);
      const received = receive(structuredClone(sent));
      expect(received.vectors.values).toEqual(values);
      expect(received.image).toEqual(image);
      expect(received.codes).toEqual(image.subarray(8));
      expect(received.vectors.dim).toBe(task.vectors.dim);
    },
  );
});
