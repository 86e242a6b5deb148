/**
 * Reading a log: from a position to its end, file by file, every block checked.
 *
 * A block counts when its checksums hold and its term, writer, sequence and chain are the expected ones.
 * One that does not is a torn tail only in the last term, in its last file, and when no block behind it
 * says that it had been durable; then the log ends before it. Everywhere else it is damage: DataIntegrity
 * with file and byte offset. That covers
 *  - a bad block before the end that a successor term names,
 *  - a bad block in a file that has a successor in its term: a file is synced before the next is begun,
 *  - a gap in sequences, a missing file, a broken chain, bytes behind a seal.
 * The check begins at the file that holds the first wanted position; what is held before it is not read.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import type { Disk } from '../storage/disk.ts';
import { BLOCK_HEADER_BYTES, BlockDecoder, BlockFlag, type BlockHeader } from './block.ts';
import { damaged, type LogFile, provesDurable, readFile, type TermLink } from './log-files.ts';
import { comparePositions, formatPosition, LOG_START, type Position } from './position.ts';

export interface ScannedBlock {
  readonly header: BlockHeader;
  readonly offset: number;
}

export interface ScannedFile {
  readonly file: LogFile;
  readonly decoder: BlockDecoder;
  readonly blocks: readonly ScannedBlock[];
}

/** Where a walk ended. */
export interface WalkEnd {
  readonly term: number;
  /** Of the block that would come next. */
  readonly sequence: number;
  /** The file that holds the last block; null when no block was read. */
  readonly file: LogFile | null;
  /** Bytes of that file that count. */
  readonly byteLength: number;
  /** Header checksum of the last block; 0 when no block was read. */
  readonly checksum: number;
  readonly sealed: boolean;
  readonly cutBytes: number;
  /** Bytes of all files that were read. */
  readonly heldBytes: number;
}

/** What the next block has to be; null: unknown, any will do. */
interface Expectation {
  term: number;
  sequence: number;
  chain: number | null;
  writer: bigint | null;
  flags: number;
}

interface FileScan {
  readonly blocks: ScannedBlock[];
  readonly expected: Expectation;
  /** Where the blocks that count end. */
  readonly offset: number;
  /** Why the file ends before its bytes do; null when it does not. */
  readonly damage: string | null;
  readonly isTorn: boolean;
}

export class LogWalk {
  readonly #disk: Disk;
  readonly #from: Position;
  readonly #bound: Position | null;
  readonly #steps: Array<{ link: TermLink; file: LogFile; next: LogFile | null }> = [];
  #expected: Expectation | null = null;
  #end: WalkEnd = {
    term: 0,
    sequence: 0,
    file: null,
    byteLength: 0,
    checksum: 0,
    sealed: false,
    cutBytes: 0,
    heldBytes: 0,
  };

  /**
   * @param chain from loadChain with `downTo` at `from.term`
   * @param bound the end of a log that is being written: nothing at or behind it is looked at
   * @throws MilvusError DataIntegrity when `from` is neither held nor the beginning of what is held
   */
  constructor(
    disk: Disk,
    chain: readonly TermLink[],
    range: { from: Position; bound: Position | null },
  ) {
    this.#disk = disk;
    this.#from = range.from;
    // The bound ends the log only while no higher term has begun.
    this.#bound = range.bound?.term === chain.at(-1)?.term ? range.bound : null;
    const links = chain.filter((link) => link.term >= range.from.term);
    checkHeld(links, range.from);
    for (const link of links) {
      const start = link.term === range.from.term ? lastFileAt(link, range.from.sequence) : 0;
      for (const [i, file] of link.files.entries()) {
        if (i >= start) this.#steps.push({ link, file, next: link.files[i + 1] ?? null });
      }
    }
  }

  /** Valid once `next` returned null. */
  get end(): WalkEnd {
    return this.#end;
  }

  /** The next file's blocks, or null at the end of the log. */
  async next(): Promise<ScannedFile | null> {
    const step = this.#steps.shift();
    if (step === undefined || (this.#expected !== null && this.#isBound(this.#expected)))
      return null;
    const { link, file, next } = step;
    const expected =
      this.#expected?.term === file.term
        ? this.#expected
        : { term: file.term, sequence: file.firstSequence, chain: null, writer: null, flags: 0 };
    if (expected.sequence !== file.firstSequence) {
      throw damaged(file, 0, `block ${expected.sequence} should come first in this file`);
    }
    const held = file === link.files[0] ? link.firstFile : null;
    let decoder = new BlockDecoder(held ?? (await readFile(this.#disk, file.path)), file.path);
    let scan = this.#scan(decoder, step, expected);
    if (scan.damage !== null && !scan.isTorn) {
      // Another process may have been writing while these bytes were read; what it finished is whole now.
      decoder = new BlockDecoder(await readFile(this.#disk, file.path), file.path);
      scan = this.#scan(decoder, step, expected);
    }
    if (scan.damage !== null && !scan.isTorn) throw damaged(file, scan.offset, scan.damage);
    this.#expected = scan.expected;
    this.#remember(step.file, scan, decoder.bytes.length);
    if (next === null) this.#checkReached(link, file);
    return { file, decoder, blocks: scan.blocks };
  }

  #scan(
    decoder: BlockDecoder,
    step: { link: TermLink; file: LogFile; next: LogFile | null },
    before: Expectation,
  ): FileScan {
    const { link, file, next } = step;
    const expected = { ...before };
    const blocks: ScannedBlock[] = [];
    const stop = link.end?.firstSequence === file.firstSequence ? link.end.byteLength : -1;
    const byteLength = decoder.bytes.length;
    let offset = 0;
    let damage: string | null = null;
    while (offset < byteLength && offset !== stop && !this.#isBound(expected)) {
      const block = readBlock(decoder, offset, expected);
      if (typeof block === 'string') {
        damage = block;
        break;
      }
      blocks.push({ header: block, offset });
      offset += BLOCK_HEADER_BYTES + block.bodyBytes;
      expected.sequence = block.sequence + 1;
      expected.chain = block.checksum;
      expected.writer = block.writer;
      expected.flags = block.flags;
    }
    const isBound = this.#isBound(expected);
    if (damage === null && !isBound && next !== null && expected.sequence !== next.firstSequence) {
      damage = `ends before block ${expected.sequence}, the next file begins with ${next.firstSequence}`;
    }
    const isTorn =
      damage !== null &&
      damage !== BROKEN_CHAIN &&
      this.#bound?.term !== file.term &&
      link.end === null &&
      next === null &&
      (expected.flags & BlockFlag.Seal) === 0 &&
      !provesDurable(decoder, offset, expected);
    return { blocks, expected, offset, damage, isTorn };
  }

  #isBound(expected: Expectation): boolean {
    const bound = this.#bound;
    return bound !== null && bound.term === expected.term && bound.sequence <= expected.sequence;
  }

  #remember(file: LogFile, scan: FileScan, byteLength: number): void {
    const { expected } = scan;
    const isSame = scan.blocks.length === 0 && this.#end.term === file.term;
    this.#end = {
      term: file.term,
      sequence: expected.sequence,
      // A file without a block that counts leaves the end where it was, in the file before.
      file: isSame ? this.#end.file : scan.blocks.length > 0 ? file : null,
      byteLength: isSame ? this.#end.byteLength : scan.offset,
      checksum: expected.chain ?? 0,
      sealed: (expected.flags & BlockFlag.Seal) !== 0,
      cutBytes: scan.isTorn ? byteLength - scan.offset : 0,
      heldBytes: this.#end.heldBytes + byteLength,
    };
  }

  /** At the end of a term: is it the end that its successor names, and was everything asked for there? */
  #checkReached(link: TermLink, file: LogFile): void {
    const { end } = link;
    const found = this.#end;
    if (end !== null) {
      const isNamed =
        end.sequence === found.sequence &&
        end.checksum === found.checksum &&
        end.byteLength === found.byteLength;
      if (!isNamed) {
        throw damaged(file, found.byteLength, `the term should end before block ${end.sequence}`);
      }
    }
    const isMissing = this.#from.term === link.term && this.#from.sequence > found.sequence;
    if (isMissing && (link.flags & BlockFlag.AcknowledgedWhenDurable) !== 0) {
      throw damaged(file, found.byteLength, `ends before position ${formatPosition(this.#from)}`);
    }
  }
}

const BROKEN_CHAIN = 'block is not the one that follows';

/** The block at `offset` when it is the expected one, or what is wrong with it. */
function readBlock(
  decoder: BlockDecoder,
  offset: number,
  expected: Expectation,
): BlockHeader | string {
  const header = decoder.header(offset);
  if (typeof header === 'string') return header;
  if (header.term !== expected.term) return 'block of another term';
  if (expected.writer !== null && header.writer !== expected.writer)
    return 'block of another writer';
  if (header.sequence !== expected.sequence) return BROKEN_CHAIN;
  if (expected.chain !== null && header.chain !== expected.chain) return BROKEN_CHAIN;
  return decoder.checkBody(header, offset) ?? header;
}

/** Index of the file that holds block `sequence`, or where it would come next. */
function lastFileAt(link: TermLink, sequence: number): number {
  return Math.max(
    0,
    link.files.findLastIndex((file) => file.firstSequence <= sequence),
  );
}

function checkHeld(links: readonly TermLink[], from: Position): void {
  if (comparePositions(from, LOG_START) === 0) return;
  const [first] = links;
  if (first === undefined) throw missing(from, 'the log ends before it');
  const [firstFile] = first.files;
  assert(firstFile !== undefined, 'a term that counts has a file');
  if (first.term === from.term) {
    if (firstFile.firstSequence > from.sequence)
      throw missing(from, 'the file that held it is gone');
    return;
  }
  // The term asked for is gone: all of it must have been below the position.
  const { predecessor } = first;
  const isWhole = predecessor?.term === from.term && predecessor.sequence <= from.sequence;
  if (!isWhole) throw missing(from, 'the file that held it is gone');
}

function missing(from: Position, message: string): Error {
  return milvusError('DataIntegrity', {
    message: `log: ${message}`,
    fields: { position: formatPosition(from) },
  });
}
