import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { CHECKSUM_BLOCK_BYTES } from '../../src/base/limits.ts';
import { CheckedWriter } from '../../src/segments/checked-writer.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { bytesOfObject, memoryStore } from './world.ts';

const KEY = 'segments/1.keys';

describe('CheckedWriter', () => {
  it('takes the checksum of every block and of the whole, whatever the chunks are', async () => {
    const random = new SeededRandom(1);
    const bytes = random.bytes(CHECKSUM_BLOCK_BYTES * 2 + 100);
    for (const chunk of [777, CHECKSUM_BLOCK_BYTES, CHECKSUM_BLOCK_BYTES * 3]) {
      const store = memoryStore();
      const writer = await CheckedWriter.create(store, KEY, new SimClock());
      for (let at = 0; at < bytes.length; at += chunk) {
        await writer.write(bytes.subarray(at, at + chunk));
      }
      const { reference, file } = await writer.commit();
      expect(reference).toEqual({ key: KEY, byteLength: bytes.length, checksum: crc32(bytes) });
      const blocks = [0, 1, 2].map((i) =>
        crc32(bytes.subarray(i * CHECKSUM_BLOCK_BYTES, (i + 1) * CHECKSUM_BLOCK_BYTES)),
      );
      expect([...file.blocks]).toEqual(blocks);
      expect(await bytesOfObject(store, KEY)).toEqual(bytes);
    }
  });

  it('fills up with zeros to an alignment', async () => {
    const store = memoryStore();
    const writer = await CheckedWriter.create(store, KEY, new SimClock());
    await writer.align(64);
    await writer.write(Uint8Array.of(1));
    await writer.align(64);
    expect(writer.byteLength).toBe(64);
    await writer.align(64);
    await writer.commit();
    expect(await bytesOfObject(store, KEY)).toEqual(
      Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0)),
    );
  });

  it('gives others a turn every few MiB', async () => {
    let turns = 0;
    const clock = new SimClock();
    clock.yieldTurn = () => {
      turns++;
      return Promise.resolve();
    };
    const writer = await CheckedWriter.create(memoryStore(), KEY, clock);
    await writer.write(new Uint8Array(17 * 1024 * 1024));
    expect(turns).toBe(4);
  });

  it('leaves nothing when it is aborted', async () => {
    const store = memoryStore();
    const writer = await CheckedWriter.create(store, KEY, new SimClock());
    await writer.write(Uint8Array.of(1));
    await writer.abort();
    expect(await store.byteLength(KEY)).toBeNull();
  });
});
