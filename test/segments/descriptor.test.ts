import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { crc32 } from '../../src/base/checksum.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  decodeDescriptor,
  encodeDescriptor,
  readDescriptor,
  readObject,
  type SegmentDescriptor,
} from '../../src/segments/descriptor.ts';
import { memoryStore, put } from './world.ts';

const DESCRIPTOR: SegmentDescriptor = {
  segmentId: 4,
  rowCount: 10,
  schemaVersion: 2,
  files: [
    { key: 'segments/4.cols.arrow', byteLength: 70_000, blocks: Uint32Array.of(1, 0xffffffff) },
    { key: 'segments/4.keys', byteLength: 100, blocks: Uint32Array.of(7) },
  ],
  columns: new Map([
    [
      1,
      {
        fieldId: 1,
        type: DataType.Int64,
        nullCount: 0,
        file: 0,
        buffers: [{ offset: 0, byteLength: 80 }],
      },
    ],
    [
      120,
      {
        fieldId: 120,
        type: DataType.ArrayOfVector,
        elementType: DataType.FloatVector,
        dim: 8,
        nullCount: 3,
        file: 0,
        buffers: [
          { offset: 4096, byteLength: 5 },
          { offset: 4160, byteLength: 44 },
        ],
      },
    ],
  ]),
  keys: { file: 1, kind: 'int64', filterByteLength: 64 },
};

function changed(change: (json: Record<string, unknown>) => void): Uint8Array {
  const json = JSON.parse(Buffer.from(encodeDescriptor(DESCRIPTOR)).toString()) as Record<
    string,
    unknown
  >;
  change(json);
  return Buffer.from(JSON.stringify(json));
}

describe('descriptors', () => {
  it('come back as they were', () => {
    expect(decodeDescriptor(encodeDescriptor(DESCRIPTOR))).toEqual(DESCRIPTOR);
  });

  it('are refused when they make no sense', () => {
    const columns = (json: Record<string, unknown>) =>
      json['columns'] as Array<Record<string, unknown>>;
    const files = (json: Record<string, unknown>) =>
      json['files'] as Array<Record<string, unknown>>;
    const wrong: Array<[(json: Record<string, unknown>) => void, RegExp]> = [
      [(json) => (json['formatVersion'] = 0), /formatVersion is not one of 1/],
      [(json) => (json['extra'] = 1), /extra is not known/],
      [(json) => (columns(json)[0]!['buffers'] = [[69_999, 2]]), /range 69999 \+ 2 of 70000/],
      [(json) => (columns(json)[0]!['buffers'] = [[1]]), /an offset and a length/],
      [(json) => (columns(json)[0]!['file'] = 2), /file 2 of 2/],
      [(json) => (columns(json)[0]!['type'] = 77), /type is not one of/],
      [(json) => (files(json)[0]!['byteLength'] = 10), /2 checksums of 1 blocks/],
    ];
    for (const [change, message] of wrong) {
      expect(() => decodeDescriptor(changed(change))).toThrow(MalformedBytes);
      expect(() => decodeDescriptor(changed(change))).toThrow(message);
    }
  });

  it('are read as a whole and checked against what refers to them', async () => {
    const store = memoryStore();
    const key = 'segments/4.json';
    const bytes = encodeDescriptor(DESCRIPTOR);
    await put(store, key, bytes);
    const reference = { key, byteLength: bytes.length, checksum: crc32(bytes) };
    expect(await readDescriptor(store, reference)).toEqual(DESCRIPTOR);
    await expect(readObject(store, { ...reference, checksum: 1 })).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { key, expected: 1 },
    });
    await expect(readObject(store, { ...reference, byteLength: 3 })).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { key, expected: 3, found: bytes.length },
    });
    await expect(readObject(store, { ...reference, key: 'segments/5.json' })).rejects.toMatchObject(
      {
        reason: 'DataIntegrity',
      },
    );
  });

  it('of a newer format are refused with its number, whatever else they say', () => {
    const newer = Buffer.from('{"formatVersion":9,"anything":true}\n');
    expect(() => decodeDescriptor(newer)).toThrow(
      expect.objectContaining({
        reason: 'FormatNotSupported',
        fields: { version: 9, supported: 1 },
      }),
    );
  });

  it('say which object was written wrongly', async () => {
    const store = memoryStore();
    const bytes = changed((json) => (json['rowCount'] = 'ten'));
    await put(store, 'segments/4.json', bytes);
    const reference = { key: 'segments/4.json', byteLength: bytes.length, checksum: crc32(bytes) };
    await expect(readDescriptor(store, reference)).rejects.toMatchObject({
      reason: 'DataIntegrity',
      message: /rowCount is not a count.*segments\/4\.json/,
    });
  });
});
