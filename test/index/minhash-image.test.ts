import { describe, expect, it } from 'vitest';
import {
  checkImage,
  imageByteLength,
  layOut,
  newerVersion,
  openImage,
  planTables,
  type TableImage,
  type TableShape,
  writeHeader,
} from '../../src/index/minhash-image.ts';

const SHAPE: TableShape = {
  dim: 48,
  elementBytes: 2,
  bandCount: 3,
  rowCount: 4,
  bucketBits: 1,
  filterCount: 3,
  filterBlocks: 1,
  filterBits: 7,
};

function smallImage(): TableImage {
  const image = layOut(SHAPE, new Uint8Array(imageByteLength(SHAPE)));
  for (let band = 0; band < 3; band++) {
    image.starts.set([0, 2, 4], band * 3);
    for (let row = 0; row < 4; row++) image.entries[(band * 4 + row) * 2 + 1] = row;
  }
  writeHeader(image);
  return image;
}

function opened(bytes: Uint8Array): TableImage {
  const image = openImage(bytes);
  if (typeof image === 'string') throw new Error(image);
  return image;
}

describe('the image of tables', () => {
  it('lies as it is described', () => {
    const { bytes, filters, starts, entries } = smallImage();
    const view = new DataView(bytes.buffer);
    expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe('MLBANDS\n');
    const words = Array.from({ length: 10 }, (_, i) => view.getUint32(8 + i * 4, true));
    expect(words).toEqual([1, 128, 48, 2, 3, 4, 1, 3, 1, 7]);
    expect(view.getBigUint64(48, true)).toBe(BigInt(bytes.length));
    const places = [filters, starts, entries].map((one) => [one.byteOffset, one.byteLength]);
    expect(places).toEqual([
      [128, 192],
      [320, 36],
      [384, 96],
    ]);
    expect(bytes.length).toBe(512);
  });

  it('is read back as it was written', () => {
    const image = smallImage();
    expect(opened(image.bytes)).toEqual(image);
    expect(checkImage(image)).toBeNull();
  });

  const damages: readonly (readonly [string, (image: TableImage) => void])[] = [
    ['a table does not hold every row', ({ starts }) => starts.fill(1, 0, 1)],
    ['a table does not hold every row', ({ starts }) => starts.fill(3, 5, 6)],
    ['a bucket ends before it begins', ({ starts }) => starts.fill(5, 1, 2)],
    ['an entry leads nowhere', ({ entries }) => entries.fill(4, 23, 24)],
  ];
  it.each(damages)('says that %s', (reason, damage) => {
    const image = smallImage();
    damage(image);
    expect(checkImage(opened(image.bytes))).toBe(reason);
  });

  it('opens nothing whose header is wrong in any byte', () => {
    const { bytes } = smallImage();
    // Zeros; the dimension, which is compared with that of the vectors; and the bits of a hash, of which
    // fewer or more find other hits and nothing else.
    const free = (at: number): boolean => at >= 56 || at === 44 || at === 17;
    for (let at = 0; at < 128; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x08;
      expect([at, typeof openImage(changed) === 'string' || free(at)]).toEqual([at, true]);
    }
    expect(openImage(bytes.subarray(0, 127))).toBe('it is shorter than its header');
    expect(openImage(bytes.subarray(0, 448))).toBe('its length is another one');
  });

  it('of a newer version is told from a damaged one', () => {
    const { bytes } = smallImage();
    expect(newerVersion(bytes)).toBeNull();
    bytes[8] = 2;
    expect(newerVersion(bytes)).toBe(2);
    expect(newerVersion(bytes.subarray(1))).toBeNull();
  });
});

describe('the plan of tables', () => {
  const plan = (part: Partial<Parameters<typeof planTables>[0]>): TableShape =>
    planTables({
      dim: 4096,
      elementBytes: 4,
      bandCount: 16,
      rowCount: 100_000,
      falsePositives: 0.01,
      isFilterShared: false,
      ...part,
    });

  it('has a few rows a bucket', () => {
    const rows = (rowCount: number): number => rowCount / 2 ** plan({ rowCount }).bucketBits;
    expect([1, 2, 3, 100_000, 2 ** 20].map(rows)).toEqual([1, 2, 3, 100_000 / 2 ** 15, 2]);
  });

  it('has filters as large as their misses are rare', () => {
    const bits = (part: Parameters<typeof plan>[0]): number => {
      const { filterBlocks, filterCount } = plan(part);
      return (filterCount * filterBlocks * 512) / 100_000;
    };
    expect(bits({})).toBeCloseTo(16 * 9.585, 0);
    expect(bits({ isFilterShared: true })).toBeCloseTo(9.585, 1);
    expect(bits({ falsePositives: 0.5, bandCount: 1 })).toBeCloseTo(Math.LOG2E, 1);
    expect(bits({ falsePositives: 0, bandCount: 1 })).toBeCloseTo(32, 1);
    expect(bits({ falsePositives: 1 })).toBe(0);
    expect(plan({}).filterBits).toBe(7);
    expect(plan({ falsePositives: 0 }).filterBits).toBe(16);
    expect(plan({ falsePositives: 1 })).toMatchObject({ filterBlocks: 0, filterBits: 0 });
  });
});
