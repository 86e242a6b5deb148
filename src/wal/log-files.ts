/**
 * Which files of a log directory count.
 *
 * A term is one opening of the log: files `<term>-<first sequence>.log`. Its first block names the term
 * before it and where that one ends, so the terms form a chain that is followed from the highest down:
 *  - a term whose first block never became valid (a crash while it was opened) does not exist; the next
 *    opening goes round it. It can hold no record, since `open` had not resolved;
 *  - whatever lies behind the end that a successor names is ignored for ever;
 *  - files are removed oldest first, each removal durable before the next, so what is held is always a
 *    contiguous piece: a term whose first file is gone is the oldest that is held.
 */
import { milvusError, type MilvusError } from '../base/errors.ts';
import type { Disk } from '../storage/disk.ts';
import { logFileName, parseLogFileName } from '../storage/paths.ts';
import {
  BlockDecoder,
  BlockFlag,
  type BlockHeader,
  BLOCK_MAGIC,
  type Predecessor,
} from './block.ts';

export interface LogFile {
  readonly term: number;
  readonly firstSequence: number;
  readonly path: string;
}

/** Where a term ends, as its successor says. */
export interface TermEnd extends Predecessor {
  /** Header checksum of its last block. */
  readonly checksum: number;
}

/** A term that counts. */
export interface TermLink {
  readonly term: number;
  /** Ascending; at least one. Files behind the term's end are left out. */
  readonly files: readonly LogFile[];
  /** Null for the last term: its end has to be found. */
  readonly end: TermEnd | null;
  /** Null when its first file is gone. */
  readonly predecessor: Predecessor | null;
  /** Of the first block that is held; 0 when that is damaged. */
  readonly flags: number;
  /** All bytes of its first file, where they are few. */
  readonly firstFile: Uint8Array | null;
}

/** Bytes that are read of a term's first file to see its first block: of a short one that is all. */
export const HEAD_BYTES: number = 64 * 1024;

/** All log files in `directory`, in the order of their positions. */
export async function listLogFiles(disk: Disk, directory: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const name of await disk.list(directory)) {
    const parsed = parseLogFileName(name);
    if (parsed !== null) files.push({ ...parsed, path: `${directory}/${name}` });
  }
  return files.sort((a, b) => a.term - b.term || a.firstSequence - b.firstSequence);
}

/** Highest term that has a file, from the names in a log directory; 0 without any. */
export function highestTerm(names: readonly string[]): number {
  let highest = 0;
  for (const name of names) highest = Math.max(highest, parseLogFileName(name)?.term ?? 0);
  return highest;
}

export function logFile(directory: string, term: number, firstSequence: number): LogFile {
  return { term, firstSequence, path: `${directory}/${logFileName(term, firstSequence)}` };
}

/**
 * The terms that count, ascending, from the last one down to the first at or below `downTo` (or the
 * oldest that is held).
 * @param listed from `listLogFiles`
 * @throws MilvusError DataIntegrity when the first block of a term that counts is damaged
 */
export async function loadChain(
  disk: Disk,
  listed: readonly LogFile[],
  downTo: number,
): Promise<TermLink[]> {
  const byTerm = new Map<number, LogFile[]>();
  for (const file of listed) {
    const group = byTerm.get(file.term);
    if (group === undefined) byTerm.set(file.term, [file]);
    else group.push(file);
  }
  const links: TermLink[] = [];
  let end: TermEnd | null = null;
  for (const term of [...byTerm.keys()].reverse()) {
    if (end !== null && end.term < term) continue;
    // The successor names a term without files: it was truncated, and so was everything before it.
    if (end !== null && end.term > term) break;
    const held = byTerm.get(term) ?? [];
    const bound = end?.firstSequence ?? Number.POSITIVE_INFINITY;
    const files = held.filter(({ firstSequence }) => firstSequence <= bound);
    // Files of it are left, but those that count are truncated, and so is everything before them.
    if (files.length === 0) break;
    const link = await loadLink(disk, { held, files, end });
    if (link === null) continue;
    links.unshift(link.link);
    end = link.before;
    if (end === null || term <= downTo) break;
  }
  return links;
}

/** Files of one term. */
interface TermFiles {
  /** All that are there. */
  readonly held: readonly LogFile[];
  /** Those that count; at least one. */
  readonly files: readonly LogFile[];
  readonly end: TermEnd | null;
}

/** @returns null for a term that was never opened */
async function loadLink(
  disk: Disk,
  { held, files, end }: TermFiles,
): Promise<{ link: TermLink; before: TermEnd | null } | null> {
  const [first] = files as [LogFile, ...LogFile[]];
  const { term } = first;
  const head = await readFile(disk, first.path, HEAD_BYTES);
  const firstFile = head.length < HEAD_BYTES ? head : null;
  if (first.firstSequence > 0) {
    const flags = flagsOf(head, first);
    const link = { term, files, end, predecessor: null, flags, firstFile };
    return { link, before: null };
  }
  const start = startOf(head, first);
  if (start === null) {
    // One file of a term behind another proves that the first was durable once.
    if (end !== null || held.length > 1 || (await holdsLaterBlock(disk, first))) {
      throw damaged(first, 0, 'the first block of a term is damaged');
    }
    return null;
  }
  const { header, predecessor } = start;
  const before = predecessor.term === 0 ? null : { ...predecessor, checksum: header.chain };
  const { flags } = header;
  return { link: { term, files, end, predecessor, flags, firstFile }, before };
}

/** The first block of a term in the first bytes of its first file; null when it is not valid. */
function startOf(
  bytes: Uint8Array,
  file: LogFile,
): { header: BlockHeader; predecessor: Predecessor } | null {
  const decoder = new BlockDecoder(bytes, file.path);
  const header = decoder.header(0);
  if (typeof header === 'string' || decoder.checkBody(header, 0) !== null) return null;
  if (header.term !== file.term || (header.flags & BlockFlag.TermStart) === 0) return null;
  return { header, predecessor: decoder.predecessor(0) };
}

function flagsOf(bytes: Uint8Array, file: LogFile): number {
  const header = new BlockDecoder(bytes, file.path).header(0);
  return typeof header === 'string' ? 0 : header.flags;
}

async function holdsLaterBlock(disk: Disk, file: LogFile): Promise<boolean> {
  const decoder = new BlockDecoder(await readFile(disk, file.path), file.path);
  if (!provesDurable(decoder, 0, { term: file.term, writer: null, sequence: 0 })) return false;
  // Another process may have been writing: what it finished since is valid now.
  return startOf(await readFile(disk, file.path, HEAD_BYTES), file) === null;
}

/** A block that was expected somewhere; `writer` null when none of its term was seen. */
export interface ExpectedBlock {
  readonly term: number;
  readonly writer: bigint | null;
  readonly sequence: number;
}

/**
 * Whether a block behind `offset` says that the expected one, which is not valid at `offset`, was durable
 * once: then it is damaged, and not the torn end of a write.
 */
export function provesDurable(
  decoder: BlockDecoder,
  offset: number,
  expected: ExpectedBlock,
): boolean {
  const { bytes } = decoder;
  const search = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = offset + 8; ; at++) {
    at = search.indexOf(BLOCK_MAGIC, at);
    if (at < 0) return false;
    if (at % 8 !== 0) continue;
    const header = decoder.header(at);
    if (typeof header === 'string' || header.term !== expected.term) continue;
    if (expected.writer !== null && header.writer !== expected.writer) continue;
    if (header.durable > expected.sequence) return true;
  }
}

/** The first `byteLengthMax` bytes of a file, or all of them. */
export async function readFile(
  disk: Disk,
  path: string,
  byteLengthMax?: number,
): Promise<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    const bytes = new Uint8Array(byteLengthMax ?? (await file.byteLength()));
    const count = await file.read(bytes, 0);
    return count === bytes.length ? bytes : bytes.subarray(0, count);
  } finally {
    await file.close();
  }
}

/** DataIntegrity with the file and the place in it. */
export function damaged(file: LogFile, offset: number, message: string): MilvusError {
  return milvusError('DataIntegrity', {
    message: `log: ${message}`,
    fields: { file: file.path, offset },
  });
}
