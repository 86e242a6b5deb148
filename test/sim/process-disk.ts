/**
 * A disk as one process sees it: once that process is killed, every later call on it fails, through open
 * files too, while the machine and its other processes go on. Calls that were on their way still end.
 */
import type { Disk, DiskFile, OpenMode } from '../../src/storage/disk.ts';
import { SimCrash } from './sim-disk.ts';

export class ProcessDisk implements Disk {
  readonly #disk: Disk;
  #isKilled = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  kill(): void {
    this.#isKilled = true;
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#handle(await this.#alive().open(path, mode));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#alive().rename(from, to);
  }

  async remove(path: string): Promise<void> {
    await this.#alive().remove(path);
  }

  async list(directory: string): Promise<string[]> {
    return await this.#alive().list(directory);
  }

  async makeDirectory(directory: string): Promise<void> {
    await this.#alive().makeDirectory(directory);
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#alive().syncDirectory(directory);
  }

  async byteLength(path: string): Promise<number | null> {
    return await this.#alive().byteLength(path);
  }

  async modifiedMs(path: string): Promise<number | null> {
    return await this.#alive().modifiedMs(path);
  }

  #handle(file: DiskFile): DiskFile {
    const alive = (): DiskFile => {
      this.#alive();
      return file;
    };
    return {
      read: async (target, offset) => await alive().read(target, offset),
      write: async (chunks, offset) => await alive().write(chunks, offset),
      sync: async () => await alive().sync(),
      truncate: async (byteLength) => await alive().truncate(byteLength),
      byteLength: async () => await alive().byteLength(),
      close: async () => await alive().close(),
    };
  }

  #alive(): Disk {
    if (this.#isKilled) throw new SimCrash('the process was killed');
    return this.#disk;
  }
}
