/** What every Disk does. Crashes are SimDisk's own matter. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../src/storage/disk.ts';

export interface DiskUnderTest {
  readonly disk: Disk;
  dispose(): Promise<void>;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function contentOf(disk: Disk, path: string): Promise<string> {
  const file = await disk.open(path, 'read');
  const bytes = new Uint8Array(await file.byteLength());
  expect(await file.read(bytes, 0)).toBe(bytes.length);
  await file.close();
  return new TextDecoder().decode(bytes);
}

async function put(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create');
  await file.write([text(content)], 0);
  await file.close();
}

export function diskSuite(name: string, make: () => Promise<DiskUnderTest>): void {
  describe(`${name} is a disk`, () => {
    let made: DiskUnderTest;
    let disk: Disk;

    beforeEach(async () => {
      made = await make();
      ({ disk } = made);
      await disk.makeDirectory('a/b');
    });

    afterEach(() => made.dispose());

    it('reads back what was written, in one or several chunks', async () => {
      const file = await disk.open('a/file', 'create');
      await file.write([text('hello '), text(''), text('world')], 0);
      await file.write([text('W')], 6);
      await file.sync();
      expect(await file.byteLength()).toBe(11);
      const target = new Uint8Array(5);
      expect(await file.read(target, 6)).toBe(5);
      expect(new TextDecoder().decode(target)).toBe('World');
      await file.close();
      expect(await contentOf(disk, 'a/file')).toBe('hello World');
    });

    it('writes many and large chunks in order', async () => {
      const chunks = Array.from({ length: 3000 }, (_, i) => new Uint8Array(100 + (i % 7)).fill(i));
      chunks.push(new Uint8Array(200_000).fill(7), new Uint8Array(3).fill(9));
      const file = await disk.open('a/big', 'create');
      await file.write(chunks, 8);
      const bytes = new Uint8Array(await file.byteLength());
      await file.read(bytes, 0);
      await file.close();
      expect(Buffer.compare(bytes.subarray(8), Buffer.concat(chunks))).toBe(0);
    });

    it('fills a gap before a write with zeros', async () => {
      const file = await disk.open('a/file', 'create');
      await file.write([text('x')], 3);
      await file.close();
      expect(await contentOf(disk, 'a/file')).toBe('\0\0\0x');
    });

    it('reads fewer bytes at the end of a file, and none behind it', async () => {
      await put(disk, 'a/file', 'abc');
      const file = await disk.open('a/file', 'read');
      expect(await file.read(new Uint8Array(8), 1)).toBe(2);
      expect(await file.read(new Uint8Array(8), 3)).toBe(0);
      expect(await file.read(new Uint8Array(8), 99)).toBe(0);
      await file.close();
    });

    it('cuts and extends a file with zeros', async () => {
      const file = await disk.open('a/file', 'create');
      await file.write([text('abcdef')], 0);
      await file.truncate(2);
      await file.truncate(4);
      await file.close();
      expect(await contentOf(disk, 'a/file')).toBe('ab\0\0');
    });

    it('creates only what is not there, and opens only what is', async () => {
      await put(disk, 'a/file', 'x');
      await expect(disk.open('a/file', 'create')).rejects.toMatchObject({ reason: 'IoFailed' });
      await expect(disk.open('a/none', 'read')).rejects.toMatchObject({
        reason: 'IoKeyNotFound',
        fields: { path: 'a/none', operation: 'open' },
      });
      await expect(disk.open('a/none', 'write')).rejects.toMatchObject({ reason: 'IoKeyNotFound' });
      await expect(disk.open('none/file', 'create')).rejects.toMatchObject({
        reason: 'IoKeyNotFound',
      });
      const file = await disk.open('a/file', 'write');
      await file.write([text('y')], 1);
      await file.close();
      expect(await contentOf(disk, 'a/file')).toBe('xy');
    });

    it('renames over an existing file, across directories too', async () => {
      await put(disk, 'a/from', 'new');
      await put(disk, 'a/b/to', 'old');
      await disk.rename('a/from', 'a/b/to');
      await disk.syncDirectory('a/b');
      await disk.syncDirectory('a');
      expect(await contentOf(disk, 'a/b/to')).toBe('new');
      expect(await disk.byteLength('a/from')).toBeNull();
      await expect(disk.rename('a/none', 'a/x')).rejects.toMatchObject({ reason: 'IoKeyNotFound' });
    });

    it('keeps a file usable through its handle after it was renamed', async () => {
      const file = await disk.open('a/one', 'create');
      await disk.rename('a/one', 'a/two');
      await file.write([text('late')], 0);
      await file.close();
      expect(await contentOf(disk, 'a/two')).toBe('late');
    });

    it('removes a file once', async () => {
      await put(disk, 'a/file', 'x');
      await disk.remove('a/file');
      expect(await disk.byteLength('a/file')).toBeNull();
      await expect(disk.remove('a/file')).rejects.toMatchObject({ reason: 'IoKeyNotFound' });
    });

    it('lists names sorted, and nothing where there is no directory', async () => {
      await put(disk, 'a/z', '1');
      await put(disk, 'a/c', '2');
      expect(await disk.list('a')).toEqual(['b', 'c', 'z']);
      expect(await disk.list('')).toEqual(['a']);
      expect(await disk.list('a/b')).toEqual([]);
      expect(await disk.list('none')).toEqual([]);
    });

    it('lists what is there now, however often it is asked and however much that is', async () => {
      const names: string[] = [];
      expect(await disk.list('a')).toEqual(['b']);
      for (let i = 0; i < 70; i++) {
        const added = String(i).padStart(3, '0');
        await put(disk, `a/${added}`, 'x');
        names.push(added);
        if (i % 10 === 0) expect(await disk.list('a')).toEqual([...names, 'b']);
      }
      expect(await disk.list('a')).toEqual([...names, 'b']);
      for (const gone of names) await disk.remove(`a/${gone}`);
      expect(await disk.list('a')).toEqual(['b']);
      expect(await disk.list('a')).toEqual(['b']);
    });

    it('tells length and age of a file, and null without one', async () => {
      await put(disk, 'a/file', 'four');
      expect(await disk.byteLength('a/file')).toBe(4);
      expect(await disk.modifiedMs('a/file')).toEqual(expect.any(Number));
      expect(await disk.byteLength('a/none')).toBeNull();
      expect(await disk.modifiedMs('a/none')).toBeNull();
    });

    it('makes directories again and again', async () => {
      await disk.makeDirectory('a/b');
      await disk.makeDirectory('');
      await disk.makeDirectory('x/y/z');
      expect(await disk.list('x')).toEqual(['y']);
    });

    it('closes twice and refuses everything afterwards', async () => {
      const file = await disk.open('a/file', 'create');
      await file.close();
      await file.close();
      await expect((async () => file.read(new Uint8Array(1), 0))()).rejects.toThrow();
      await expect((async () => file.write([text('x')], 0))()).rejects.toThrow();
    });
  });
}
