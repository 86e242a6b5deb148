import { describe, expect, it } from 'vitest';
import {
  checkImage,
  type GraphCounts,
  type GraphImage,
  type GraphShape,
  imageByteLength,
  layOut,
  NO_NODE,
  openImage,
  writeHeader,
} from '../../src/index/hnsw-image.ts';
import { DataType } from '../../src/schema/data-type.ts';

const SHAPE: GraphShape = {
  type: DataType.FloatVector,
  metric: 'L2',
  dim: 3,
  rowCount: 4,
  degree: 2,
  buildWidth: 9,
  code: null,
  isRefined: false,
  isDisk: false,
  isOverVectors: false,
};
const COUNTS: GraphCounts = { upperCount: 2, upperListCount: 3, topLevel: 2, twinCount: 1 };

/** Rows 0, 1, 2 in a ring, row 3 equal to row 1; rows 0 and 2 above level 0, row 2 alone on top. */
function smallImage(): GraphImage {
  const bytes = new Uint8Array(imageByteLength(SHAPE, COUNTS));
  const image = layOut(SHAPE, COUNTS, bytes);
  image.links.fill(NO_NODE);
  image.upperLinks.fill(NO_NODE);
  image.twins.fill(NO_NODE);
  for (let row = 0; row < 3; row++) image.links[row * 4] = (row + 1) % 3;
  image.twins[1] = 3;
  image.upperRows.set([0, 2]);
  image.upperStarts.set([0, 1, 3]);
  image.upperLinks[0] = 1;
  image.upperLinks[2] = 0;
  image.entryRow = 2;
  image.entryUpper = 1;
  writeHeader(image);
  return image;
}

function opened(bytes: Uint8Array): GraphImage {
  const image = openImage(bytes);
  if (typeof image === 'string') throw new Error(image);
  return image;
}

describe('hnsw image', () => {
  it('lies as it is described', () => {
    const { bytes } = smallImage();
    const view = new DataView(bytes.buffer);
    expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe('MLGRAPH\n');
    const words = Array.from({ length: 16 }, (_, i) => view.getUint32(8 + i * 4, true));
    expect(words).toEqual([3, 256, 0, 0, 3, 4, 2, 9, 2, 3, 2, 1, 2, 1, 64, 0]);
    const longs = Array.from({ length: 9 }, (_, i) => Number(view.getBigUint64(72 + i * 8, true)));
    expect(longs).toEqual([960, 256, 512, 576, 640, 704, 768, 832, 896]);
    expect(bytes.length).toBe(960);
  });

  it('is read back as it was written', () => {
    const image = smallImage();
    expect(opened(image.bytes)).toEqual(image);
    expect(checkImage(image)).toBeNull();
  });

  it('has no sections that its metric, its type or its rows do not need', () => {
    const none = { upperCount: 0, upperListCount: 0, topLevel: 0, twinCount: 0 };
    const shape = { ...SHAPE, type: DataType.BinaryVector, metric: 'HAMMING', dim: 8 } as const;
    const image = layOut(shape, none, new Uint8Array(imageByteLength(shape, none)));
    const { codes, scales, squares, twins, upperRows, upperLinks } = image;
    const lengths = [codes, scales, squares, twins, upperRows, upperLinks].map((one) => one.length);
    expect(lengths).toEqual([0, 0, 0, 0, 0, 0]);
    expect(image.bytes.length).toBe(256 + 64 + 64);
  });

  it('of vectors without codes has squares of COSINE, and no other sections of rows', () => {
    const none = { upperCount: 0, upperListCount: 0, topLevel: 0, twinCount: 0 };
    for (const metric of ['L2', 'IP', 'COSINE'] as const) {
      const shape = { ...SHAPE, metric, isOverVectors: true };
      const image = layOut(shape, none, new Uint8Array(imageByteLength(shape, none)));
      image.entryRow = 0;
      writeHeader(image);
      const { codes, scales, squares, codeStride } = opened(image.bytes);
      expect([codes.length, scales.length, codeStride]).toEqual([0, 0, 0]);
      expect(squares.length).toBe(metric === 'COSINE' ? 4 : 0);
      const view = new DataView(image.bytes.buffer);
      expect(view.getUint32(68, true)).toBe(4);
      expect(opened(image.bytes).shape).toEqual(shape);
      view.setUint32(68, 5, true);
      expect(openImage(image.bytes)).toBe('its header says what no graph can be');
    }
  });

  it.each([
    [3, 0],
    [4, 3],
  ])('of vectors of type %i is never without codes that are exact', (type, metric) => {
    const none = { upperCount: 0, upperListCount: 0, topLevel: 0, twinCount: 0 };
    const shape = { ...SHAPE, dim: 8, isOverVectors: true };
    const image = layOut(shape, none, new Uint8Array(imageByteLength(shape, none)));
    image.entryRow = 0;
    writeHeader(image);
    expect(typeof openImage(image.bytes)).toBe('object');
    const view = new DataView(image.bytes.buffer);
    view.setUint32(16, type, true);
    view.setUint32(20, metric, true);
    expect(openImage(image.bytes)).toBe('its header says what no graph can be');
  });

  const damages: readonly (readonly [string, (image: GraphImage) => void])[] = [
    ['a scale is no number', ({ scales }) => scales.fill(Number.NaN, 2, 3)],
    ['a scale is no number', ({ squares }) => squares.fill(-1, 3)],
    ['a link leads nowhere', ({ links }) => links.fill(4, 8, 9)],
    ['an upper node is none', ({ upperStarts }) => upperStarts.fill(3, 1, 2)],
    ['an upper node is none', ({ upperRows }) => upperRows.fill(4, 0, 1)],
    ['the entry is not on the top level', ({ upperRows }) => upperRows.fill(0)],
    ['an upper link leads nowhere', ({ upperLinks }) => upperLinks.fill(2, 0, 1)],
    // Upper node 0 is not on level 2.
    ['an upper link leads nowhere', ({ upperLinks }) => upperLinks.fill(0, 4, 5)],
    ['equal rows are not in order', ({ twins }) => twins.fill(1, 1, 2)],
    ['equal rows are not in order', ({ twins }) => twins.fill(3, 0, 2)],
  ];
  it.each(damages)('says that %s', (reason, damage) => {
    const image = smallImage();
    damage(image);
    expect(checkImage(opened(image.bytes))).toBe(reason);
  });

  it('opens nothing whose header is wrong in any byte', () => {
    const { bytes } = smallImage();
    // The build width and the zeros behind the offsets say nothing that a search needs.
    const free = (at: number): boolean =>
      (at >= 36 && at < 40) || at >= 144 || (at >= 68 && at < 72);
    const isEntry = (at: number): boolean => at >= 56 && at < 64;
    for (let at = 0; at < 256; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x40;
      const image = openImage(changed);
      const isRefused = typeof image === 'string' || (isEntry(at) && checkImage(image) !== null);
      expect([at, isRefused || free(at)]).toEqual([at, true]);
    }
  });
});
