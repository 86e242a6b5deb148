/** Files to import from, below one directory that the server was given. */

export interface ImportFile {
  readonly name: string;
  readonly byteLength: number;
  /** Bytes [start, end), fewer at the end of the file only. */
  read(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

export interface ImportSource {
  /**
   * @param name relative to the directory
   * @throws MilvusError ImportFailed for names that lead out of it, and for what is no file
   */
  open(name: string): Promise<ImportFile>;
}

/** Bytes that are read at a time. */
const CHUNK_BYTES = 512 * 1024;

/** The bytes of a file from its beginning on. */
export async function* chunksOf(file: ImportFile): AsyncGenerator<Buffer, undefined> {
  for (let start = 0; start < file.byteLength; start += CHUNK_BYTES) {
    yield await file.read(start, Math.min(start + CHUNK_BYTES, file.byteLength));
  }
  return undefined;
}
