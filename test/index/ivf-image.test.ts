import { describe, expect, it } from 'vitest';
import { MilvusError, milvusError } from '../../src/base/errors.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { ListStructure } from '../../src/index/ivf-codes.ts';
import {
  checkLists,
  type ListImage,
  newerListVersion,
  openListImage,
} from '../../src/index/ivf-image.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  expectSoundHits,
  indexTask,
  type IndexWorld,
  indexWorld,
  searchAll,
  someAllowed,
} from '../suites/vector-index-suite.ts';

const addon = nativeAddon();
const ENGINES = [['twin', null], ...(addon === null ? [] : [['native', addon] as const])] as const;

const ROWS = 90;
const DIM = 16;
const KINDS: readonly (readonly [ListStructure, Parameters])[] = [
  ['IVF_FLAT', {}],
  ['BIN_IVF_FLAT', {}],
  ['IVF_SQ8', { sq_type: 'SQ6' }],
  ['IVF_PQ', { m: 4, nbits: 5 }],
  ['IVF_RABITQ', { rbq_bits: 2 }],
  ['SCANN', { sub_dim: 2 }],
];

function worldOf(structure: ListStructure): IndexWorld {
  const isBits = structure === 'BIN_IVF_FLAT';
  const type = isBits ? DataType.BinaryVector : DataType.FloatVector;
  return indexWorld({ type, metric: isBits ? 'JACCARD' : 'L2', rowCount: ROWS, dim: DIM });
}

function imageOf(structure: ListStructure, build: Parameters, world: IndexWorld): Uint8Array {
  const task = indexTask({ structure, build: { nlist: 2, ...build } }, world);
  return Uint8Array.from(ivf(structure).build(task)!);
}

describe('images of lists', () => {
  it.each(KINDS)(
    'hold every row once, in the list of its nearest centroid: %s',
    (structure, build) => {
      const bytes = imageOf(structure, build, worldOf(structure));
      const image = openListImage(bytes) as ListImage;
      expect(newerListVersion(bytes)).toBeNull();
      expect(checkLists(image)).toBeNull();
      expect(Array.from(image.rows).sort((a, b) => a - b)).toEqual(
        Array.from({ length: ROWS }, (_, row) => row),
      );
      expect(image.counts).toHaveLength(2);
      for (let list = 0; list < 2; list++) {
        const rows = image.rows.subarray(image.rowStarts[list], image.rowStarts[list + 1]);
        expect(rows).toHaveLength(image.counts[list]!);
        expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
      }
    },
  );

  it('tell rows that are in no list, or in two', () => {
    const image = openListImage(imageOf('IVF_FLAT', {}, worldOf('IVF_FLAT'))) as ListImage;
    const [first, second] = image.rows;
    image.rows[0] = second!;
    expect(checkLists(image)).toBe('a row is in no list or in two');
    image.rows[0] = ROWS;
    expect(checkLists(image)).toBe('a row is in no list or in two');
    image.rows[0] = first!;
    expect(checkLists(image)).toBeNull();
  });

  it('tell lists of other lengths', () => {
    const bytes = imageOf('BIN_IVF_FLAT', {}, worldOf('BIN_IVF_FLAT'));
    const { counts } = openListImage(bytes) as ListImage;
    counts[0]!++;
    expect(openListImage(bytes)).toBe('its lists have other rows');
    counts[1]!--;
    expect(typeof openListImage(bytes)).toBe('object');
    counts[0] = 0xffffffff;
    expect(openListImage(bytes)).toBe('its lists have other rows');
  });
});

describe.each(ENGINES)('images of lists that are damaged, %s', (_engine, kernels) => {
  /** Whatever is in it: it is refused as damaged, or it answers with rows that exist, none twice. */
  function expectNoHarm(structure: ListStructure, world: IndexWorld, image: Uint8Array): boolean {
    const { vectors } = indexTask({ structure, build: {} }, world);
    try {
      const index = ivf(structure, kernels).open({ image, vectors, isChecked: false });
      const few = { ...world, queryCount: 2 };
      const parameters = { nprobe: 1, refine_k: 2 };
      for (const allowed of [null, someAllowed(ROWS, 0.5)]) {
        expectSoundHits(world, searchAll(index, few, { parameters, allowed }), allowed);
      }
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(MilvusError);
      expect((error as MilvusError).code).toBeOneOf([
        milvusError('DataIntegrity').code,
        milvusError('FormatNotSupported').code,
      ]);
      return false;
    }
  }

  it.each(KINDS)('do no harm: %s', (structure, build) => {
    const world = worldOf(structure);
    const image = imageOf(structure, build, world);
    let refused = 0;
    for (let at = 0; at < image.length; at += at < 256 ? 1 : 7) {
      const bytes = Uint8Array.from(image);
      bytes[at]! ^= [0x01, 0x80, 0xff][at % 3]!;
      if (!expectNoHarm(structure, world, bytes)) refused++;
    }
    expect(refused).toBeGreaterThan(150);
    for (const filler of [0x00, 0xff, 0x55]) {
      for (let at = 0; at < image.length; at += 250) {
        expectNoHarm(structure, world, Uint8Array.from(image).fill(filler, at, at + 300));
      }
    }
    for (const length of [0, 1, 255, 256, 300, image.length - 1]) {
      expect(expectNoHarm(structure, world, image.slice(0, length))).toBe(false);
    }
    const grown = new Uint8Array(image.length + 64);
    grown.set(image);
    expect(expectNoHarm(structure, world, grown)).toBe(false);
    expect(expectNoHarm(structure, world, image)).toBe(true);
  });

  it('of an older version, which have other codes, are refused', () => {
    const world = worldOf('IVF_FLAT');
    const older = imageOf('IVF_FLAT', {}, world);
    older[8] = 1;
    expect(expectNoHarm('IVF_FLAT', world, older)).toBe(false);
  });

  it('say when a newer version wrote them', () => {
    const world = worldOf('IVF_FLAT');
    const newer = imageOf('IVF_FLAT', {}, world);
    newer[8] = 3;
    const { vectors } = indexTask({ structure: 'IVF_FLAT', build: {} }, world);
    const options = { image: newer, vectors, isChecked: false };
    expect(() => ivf('IVF_FLAT', kernels).open(options)).toThrow(
      milvusError('FormatNotSupported', { fields: { index: 'IVF_FLAT', version: 3 } }).message,
    );
  });
});
