/**
 * The file of a scalar index over one sealed segment: a header and sections. Little-endian.
 *
 *     0  u8[8]  "MLSCAL\n\0"
 *     8  u32    version, 1
 *    12  u32    structure: 1 STL_SORT, 2 INVERTED, 3 BITMAP, 4 TRIE, 5 NGRAM, 6 RTREE
 *    16  u32    terms: 1 int64, 2 float64, 3 texts, 4 JSON members, 5 boxes
 *    20  u32    rows of the segment
 *    24  u32    terms, or boxes
 *    28  u32    NGRAM: min_gram, else 0
 *    32  u32    NGRAM: max_gram, else 0
 *    36  u32    0
 *    40  u64    bytes of the file
 *    48  u8[16] 0
 *    64  u64[2] of each of 12 sections: its offset and its bytes; both 0 of one that is not there
 *   256  u8     zeros up to 4096; each section begins at a multiple of 4096
 *
 *   section    holds                                                    format
 *   0 known    rows that the terms decide; not there: all               a bitmap, as base/bitmap.ts
 *   1 present  JSON: rows with something other than null at the path    a bitmap
 *   2 open     rows that only the column decides; not there: none       a bitmap
 *   3 numbers  numbers in ascending order                               term-dictionary.ts
 *   4 places   where each text begins                                   term-dictionary.ts
 *   5 texts    texts one behind the other, ascending by their bytes     term-dictionary.ts
 *   6 starts   where the rows of each term begin                        row-lists.ts
 *   7 rows     the rows of the terms                                    row-lists.ts
 *   8 nodes    TRIE                                                     text-trie.ts
 *   9 boxes    RTREE                                                    box-tree.ts
 *  10 cast     JSON: rows of texts that were cast to numbers            a bitmap
 *  11          not used
 *
 * Checksums are the parent's. No number of the file is trusted: sections lie inside it, whatever is read
 * behind their ends is nothing, and rows that the segment does not have are not marked. So a damaged file is
 * refused or, where it only looks whole, answers wrongly; it never does worse.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';

export const Section = {
  known: 0,
  present: 1,
  open: 2,
  numbers: 3,
  places: 4,
  texts: 5,
  starts: 6,
  rows: 7,
  nodes: 8,
  boxes: 9,
  cast: 10,
} as const;
export type SectionName = keyof typeof Section;

/** What is built for one segment. HYBRID is one of these, chosen by the values. */
export const IMAGE_STRUCTURES = [
  'STL_SORT',
  'INVERTED',
  'BITMAP',
  'TRIE',
  'NGRAM',
  'RTREE',
] as const;
export type ImageStructure = (typeof IMAGE_STRUCTURES)[number];

export const TERM_KINDS = ['int64', 'float64', 'texts', 'members', 'boxes'] as const;
export type TermKind = (typeof TERM_KINDS)[number];

export interface ImageShape {
  readonly structure: ImageStructure;
  readonly terms: TermKind;
  readonly rowCount: number;
  readonly termCount: number;
  readonly minGram: number;
  readonly maxGram: number;
}

export type Sections = Partial<Record<SectionName, ArrayBufferView | null>>;

const MAGIC: Uint8Array = new TextEncoder().encode('MLSCAL\n\0');
const VERSION = 1;
const SECTION_COUNT = 12;
const TABLE_AT = 64;
const ALIGNMENT = 4096;

/** The file of these sections, in shared memory. */
export function writeImage(shape: ImageShape, sections: Sections): Uint8Array {
  const present = Object.entries(sections).flatMap(([name, view]) =>
    view === null || view === undefined ? [] : [{ number: Section[name as SectionName], view }],
  );
  let end = ALIGNMENT;
  const placed = present.map(({ number, view }) => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = offset + view.byteLength;
    return { number, view, offset };
  });
  const bytes = new Uint8Array(new SharedArrayBuffer(end));
  const header = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  for (const [i, word] of wordsOf(shape).entries()) header.setUint32(8 + i * 4, word, true);
  header.setBigUint64(40, BigInt(end), true);
  for (const { number, view, offset } of placed) {
    header.setBigUint64(TABLE_AT + number * 16, BigInt(offset), true);
    header.setBigUint64(TABLE_AT + number * 16 + 8, BigInt(view.byteLength), true);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), offset);
  }
  return bytes;
}

function wordsOf({
  structure,
  terms,
  rowCount,
  termCount,
  minGram,
  maxGram,
}: ImageShape): number[] {
  const kinds = [IMAGE_STRUCTURES.indexOf(structure) + 1, TERM_KINDS.indexOf(terms) + 1];
  return [VERSION, ...kinds, rowCount, termCount, minGram, maxGram, 0];
}

/** A file whose header holds; sections are looked at when they are asked for. */
export class ScalarImage {
  readonly shape: ImageShape;
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it */
  constructor(bytes: Uint8Array) {
    if (bytes.byteLength < ALIGNMENT) throw damagedImage('it is shorter than its header');
    if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw damagedImage('it does not begin as one');
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const word = (at: number): number => this.#view.getUint32(at, true);
    const version = word(8);
    if (version > VERSION) throw milvusError('FormatNotSupported', { fields: { version } });
    const structure = IMAGE_STRUCTURES[word(12) - 1];
    const terms = TERM_KINDS[word(16) - 1];
    if (structure === undefined || terms === undefined || version !== VERSION) {
      throw damagedImage('its header says what no index can be');
    }
    const shape = { structure, terms, rowCount: word(20), termCount: word(24) };
    this.shape = Object.freeze({ ...shape, minGram: word(28), maxGram: word(32) });
    if (Number(this.#view.getBigUint64(40, true)) !== bytes.byteLength) {
      throw damagedImage('its length is another one');
    }
    if (bytes.byteOffset % 8 !== 0) throw damagedImage('it does not lie as files do');
  }

  /** @throws MilvusError DataIntegrity */
  section(name: SectionName): Uint8Array | null {
    const at = TABLE_AT + Section[name] * 16;
    assert(Section[name] < SECTION_COUNT, 'the table has every section');
    const offset = Number(this.#view.getBigUint64(at, true));
    const byteLength = Number(this.#view.getBigUint64(at + 8, true));
    if (offset === 0) return null;
    if (offset % ALIGNMENT !== 0 || offset + byteLength > this.bytes.byteLength) {
      throw damagedImage(`its section ${name} lies elsewhere`);
    }
    return this.bytes.subarray(offset, offset + byteLength);
  }

  /** As 32-bit words. @throws MilvusError DataIntegrity */
  words(name: SectionName, length: number | null = null): Uint32Array | null {
    const bytes = this.section(name);
    if (bytes === null) return null;
    if (bytes.byteLength % 4 !== 0 || (length !== null && bytes.byteLength !== length * 4)) {
      throw damagedImage(`its section ${name} has another length`);
    }
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  /** A bitmap of the segment's rows. @throws MilvusError DataIntegrity */
  bitmap(name: SectionName): Uint32Array | null {
    return this.words(name, (this.shape.rowCount + 31) >>> 5);
  }

  /** As `words`, of a section that has to be there. @throws MilvusError DataIntegrity */
  mustWords(name: SectionName, length: number | null = null): Uint32Array {
    const words = this.words(name, length);
    if (words === null) throw damagedImage(`its section ${name} is not there`);
    return words;
  }

  /** As `section`, of one that has to be there. @throws MilvusError DataIntegrity */
  mustSection(name: SectionName): Uint8Array {
    const bytes = this.section(name);
    if (bytes === null) throw damagedImage(`its section ${name} is not there`);
    return bytes;
  }
}

export function damagedImage(reason: string): Error {
  return milvusError('DataIntegrity', {
    message: `the image of a scalar index is damaged: ${reason}`,
  });
}
