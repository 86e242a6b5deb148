/** An index of scalars that is open: its terms, their rows, and what it knows of the rows. Nothing is copied. */
import { damagedImage, ScalarImage, type ImageShape } from './scalar-image.ts';
import { BoxTree } from './box-tree.ts';
import { openRowLists, type RowLists } from './row-lists.ts';
import type { TermDictionary } from './dictionary.ts';
import { openDictionary } from './term-dictionary.ts';

export interface ScalarIndex {
  readonly shape: ImageShape;
  /** Rows that the terms decide; null: all. */
  readonly known: Uint32Array | null;
  /** Of JSON: rows with something other than null at the path. */
  readonly present: Uint32Array | null;
  /** Rows that only the column decides; null: none. */
  readonly open: Uint32Array | null;
  /** Of JSON whose texts were cast: rows with a text. */
  readonly cast: Uint32Array | null;
  /** Null: of boxes. */
  readonly terms: IndexTerms | null;
  readonly boxes: BoxTree | null;
}

export interface IndexTerms {
  readonly dictionary: TermDictionary;
  readonly lists: RowLists;
}

/**
 * @param rowCount of the segment
 * @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it
 */
export function openScalarIndex(bytes: Uint8Array, rowCount: number): ScalarIndex {
  const image = new ScalarImage(bytes);
  const { shape } = image;
  if (shape.rowCount !== rowCount) throw damagedImage('it is of another number of rows');
  const isBoxes = shape.structure === 'RTREE';
  return {
    shape,
    known: image.bitmap('known'),
    present: image.bitmap('present'),
    open: image.bitmap('open'),
    cast: image.bitmap('cast'),
    terms: isBoxes ? null : { dictionary: openDictionary(image), lists: openRowLists(image) },
    boxes: isBoxes ? new BoxTree(image) : null,
  };
}
