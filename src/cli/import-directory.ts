/**
 * The directory that imports may read: names are relative to it, and neither `..` nor a link leads out of it.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { importFailed } from '../imports/import-error.ts';
import type { ImportFile, ImportSource } from '../imports/import-source.ts';

/** Windows has only the first of them. */
const FLAGS: Readonly<Record<string, number | undefined>> = constants;
/** Does not wait until a pipe has a writer, nor follow a link that has just taken the place of the file. */
const READ_ONLY: number =
  constants.O_RDONLY | (FLAGS['O_NONBLOCK'] ?? 0) | (FLAGS['O_NOFOLLOW'] ?? 0);

export function importDirectory(root: string): ImportSource {
  return {
    async open(name: string): Promise<ImportFile> {
      try {
        const directory = await realpath(root);
        const file = await realpath(path.resolve(directory, ...name.split(/[/\\]/)));
        const relative = path.relative(directory, file);
        const leadsOut = relative.startsWith('..') || path.isAbsolute(relative) || relative === '';
        if (leadsOut || path.isAbsolute(name) || name.includes('\0')) throw notFound(name);
        return await opened(name, file);
      } catch (failure) {
        if (failure instanceof Error && 'code' in failure && !('reason' in failure)) {
          throw notFound(name, failure);
        }
        throw failure;
      }
    },
  };
}

/** The same whether there is no file, or one that is not to be read: nobody learns what else there is. */
function notFound(name: string, cause?: unknown): Error {
  return importFailed(`no file ${JSON.stringify(name)} in the directory of imports`, cause);
}

async function opened(name: string, file: string): Promise<ImportFile> {
  const handle = await open(file, READ_ONLY);
  const found = await handle.stat();
  if (!found.isFile()) {
    await handle.close();
    throw notFound(name);
  }
  return {
    name,
    byteLength: found.size,
    async read(start, end) {
      const bytes = Buffer.alloc(Math.max(0, end - start));
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          length,
          bytes.length - length,
          start + length,
        );
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    },
    close: () => handle.close(),
  };
}
