import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_BYTES_MAX } from '../../src/base/limits.ts';
import {
  BLOCK_HEADER_BYTES,
  BlockDecoder,
  BlockFlag,
  type BlockHeader,
  type BlockPlace,
  encodeRecords,
  encodeTermStart,
  payloadByteLength,
  recordBytes,
} from '../../src/wal/block.ts';
import type { LogRecord } from '../../src/wal/log.ts';

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

const anyRecord: fc.Arbitrary<LogRecord> = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  shardId: safe,
  timestamp: u64,
  payload: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }),
});

const anyPlace: fc.Arbitrary<BlockPlace> = fc.record({
  flags: fc.constantFrom(0, BlockFlag.Seal, BlockFlag.AcknowledgedWhenDurable),
  term: safe,
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  durable: fc.constantFrom(0, 1),
  writer: u64,
  chain: u32,
});

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

function headerOf(decoder: BlockDecoder, offset = 0): BlockHeader {
  const header = decoder.header(offset);
  if (typeof header === 'string') throw new Error(header);
  return header;
}

describe('a block', () => {
  it('gives back its place and its records', () => {
    fc.assert(
      fc.property(anyPlace, fc.array(anyRecord, { maxLength: 6 }), (place, records) => {
        const block = encodeRecords(place, records);
        const bytes = join(block.chunks);
        expect(bytes.length).toBe(block.byteLength);
        expect(bytes.length % 8).toBe(0);
        const decoder = new BlockDecoder(bytes, 'x');
        const header = headerOf(decoder);
        expect(header).toMatchObject(place);
        expect(header.checksum).toBe(block.checksum);
        expect(decoder.checkBody(header, 0)).toBeNull();
        expect(header.recordCount).toBe(records.length);
        let at = BLOCK_HEADER_BYTES;
        for (const { kind, shardId, timestamp, payload } of records) {
          const decoded = decoder.record(at, bytes.length);
          expect(decoded).toMatchObject({ kind, shardId, timestamp });
          expect(Buffer.compare(decoded?.payload ?? new Uint8Array(1), join(payload))).toBe(0);
          expect((decoded?.payload.byteOffset ?? 1) % 8).toBe(0);
          at = decoded?.end ?? 0;
        }
        expect(at).toBe(bytes.length);
        const timestamps = records
          .map(({ timestamp }) => timestamp)
          .sort((a, b) => (a < b ? -1 : 1));
        expect(header.minTimestamp).toBe(timestamps.at(0) ?? 0n);
        expect(header.maxTimestamp).toBe(timestamps.at(-1) ?? 0n);
      }),
    );
  });

  it('hands payloads on without copying them', () => {
    const payload = new Uint8Array(1_000_000);
    const { chunks } = encodeRecords(
      { flags: 0, term: 1, sequence: 1, durable: 0, writer: 1n, chain: 0 },
      [{ kind: 1, shardId: 1, timestamp: 1n, payload: [payload] }],
    );
    expect(chunks.some((chunk) => chunk.buffer === payload.buffer)).toBe(true);
  });

  it('is refused after any change of any byte', () => {
    fc.assert(
      fc.property(
        anyPlace,
        fc.array(anyRecord, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (place, records, where, change) => {
          const bytes = join(encodeRecords(place, records).chunks);
          bytes[where % bytes.length]! ^= change;
          const decoder = new BlockDecoder(bytes, 'x');
          const header = decoder.header(0);
          expect(typeof header === 'string' || decoder.checkBody(header, 0) !== null).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is refused when it is cut anywhere', () => {
    const place = { flags: 0, term: 1, sequence: 1, durable: 0, writer: 1n, chain: 0 };
    const record = { kind: 1, shardId: 1, timestamp: 1n, payload: [new Uint8Array(50).fill(1)] };
    const bytes = join(encodeRecords(place, [record, record]).chunks);
    for (let length = 0; length < bytes.length; length++) {
      const decoder = new BlockDecoder(bytes.slice(0, length), 'x');
      const header = decoder.header(0);
      if (typeof header === 'string') expect(header).toBe('truncated');
      else expect(decoder.checkBody(header, 0)).toBe('truncated');
    }
  });

  it('that begins a term names the one before', () => {
    fc.assert(
      fc.property(safe, safe, safe, safe, (term, sequence, firstSequence, byteLength) => {
        const predecessor = { term, sequence, firstSequence, byteLength };
        const place = {
          flags: BlockFlag.TermStart,
          term: 9,
          sequence: 0,
          durable: 0,
          writer: 5n,
          chain: 7,
        };
        const bytes = join(encodeTermStart(place, predecessor).chunks);
        const decoder = new BlockDecoder(bytes, 'x');
        expect(headerOf(decoder)).toMatchObject(place);
        expect(decoder.predecessor(0)).toEqual(predecessor);
      }),
    );
  });

  it('never makes the decoder read outside its bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(220), (noise, at) => {
        const decoder = new BlockDecoder(noise.slice(), 'x');
        expect(typeof decoder.header(at)).toBe('string');
        const record = decoder.record(at, noise.length);
        if (record !== null) expect(record.end).toBeLessThanOrEqual(noise.length);
      }),
    );
  });

  it('counts the bytes of a record with its padding', () => {
    expect([0, 1, 8, 9].map(recordBytes)).toEqual([24, 32, 32, 40]);
    expect(
      payloadByteLength({
        kind: 1,
        shardId: 1,
        timestamp: 1n,
        payload: [new Uint8Array(3), new Uint8Array(4)],
      }),
    ).toBe(7);
    expect(recordBytes(RECORD_BYTES_MAX)).toBeLessThan(2 ** 32);
  });
});
