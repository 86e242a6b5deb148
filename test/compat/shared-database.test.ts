import { describe, expect, it } from 'vitest';
import { shareDatabase } from '../../src/compat/shared-database.ts';
import { openDatabase } from '../../src/core/open.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

describe('a shared database', () => {
  it('is open once, and closed with its last user', async () => {
    await using directory = await temporaryDirectory();
    const [first, second] = await Promise.all([
      shareDatabase(directory.path),
      shareDatabase(`${directory.path}/.`),
    ]);
    expect(second.handlers).toBe(first.handlers);
    await first.release();
    await expect(openDatabase(directory.path)).rejects.toThrow(/open/);
    await second.release();
    await (await openDatabase(directory.path)).close();
  });

  it('is opened again at once after it was let go', async () => {
    await using directory = await temporaryDirectory();
    for (let i = 0; i < 3; i++) {
      const shared = await shareDatabase(directory.path);
      const ended = shared.release();
      const again = await shareDatabase(directory.path);
      await ended;
      await again.release();
    }
  });

  it('is tried again after it could not be opened', async () => {
    await using directory = await temporaryDirectory();
    const holder = await openDatabase(directory.path);
    await expect(shareDatabase(directory.path)).rejects.toThrow(/open/);
    await holder.close();
    await (await shareDatabase(directory.path)).release();
  });

  it('is nobody else’s where it is in memory', async () => {
    const first = await shareDatabase(':memory:');
    const second = await shareDatabase(':memory:');
    expect(second.handlers).not.toBe(first.handlers);
    await first.release();
    await second.release();
  });
});
