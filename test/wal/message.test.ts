import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import type { Column, ColumnBatch } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageKeys,
  MessageKind,
} from '../../src/wal/message.ts';

const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const version = fc.integer({ min: 0, max: 0xffffffff });
const requestId = fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }));
const partitionIds = fc.option(fc.array(id, { maxLength: 4 }));

const keys: fc.Arbitrary<MessageKeys> = fc.oneof(
  fc
    .array(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { maxLength: 9 })
    .map((values) => ({
      kind: 'int64' as const,
      values: BigInt64Array.from(values),
    })),
  fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 }).map((texts) => {
    const offsets = new Uint32Array(texts.length + 1);
    for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
    return { kind: 'text' as const, offsets, bytes: new Uint8Array(Buffer.concat(texts)) };
  }),
);

const batch: fc.Arbitrary<ColumnBatch> = fc
  .tuple(fc.nat(6), fc.integer({ min: 2, max: 5 }))
  .map(([rowCount, dim]) => {
    const vector: Column = {
      kind: 'vector',
      type: DataType.FloatVector,
      dim,
      values: Float32Array.from({ length: rowCount * dim }, (_, i) => i / 3),
      validity: null,
    };
    const keyColumn: Column = {
      kind: 'fixed',
      type: DataType.Int64,
      values: BigInt64Array.from({ length: rowCount }, (_, i) => BigInt(i)),
      validity: null,
    };
    return {
      rowCount,
      columns: new Map<number, Column>([
        [100, keyColumn],
        [101, vector],
      ]),
    };
  });

const rows = fc.array(fc.record({ partitionId: id, batch }), { maxLength: 3 });

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), requestId, schemaVersion: version, rows }),
  fc.record({ kind: fc.constant('delete' as const), requestId, partitionIds, keys }),
  fc.record({
    kind: fc.constant('upsert' as const),
    requestId,
    schemaVersion: version,
    partitionIds,
    keys,
    rows,
  }),
  fc.record({ kind: fc.constant('schemaChange' as const), requestId, schemaVersion: version }),
  fc.record({ kind: fc.constant('dropPartition' as const), requestId, partitionId: id }),
  fc.record({ kind: fc.constant('truncate' as const), requestId }),
  fc.record({ kind: fc.constant('flush' as const), requestId }),
);

function bytesOf(one: Message): { kind: number; bytes: Uint8Array } {
  const { kind, payload } = encodeMessage(one);
  return { kind, bytes: new Uint8Array(Buffer.concat(payload)) };
}

describe('a message', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { kind, bytes } = bytesOf(one);
        expect(decodeMessage(kind, bytes, '1/2/3')).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it('is read in place when it lies at a multiple of 8', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { kind, bytes } = bytesOf(one);
        const decoded = decodeMessage(kind, bytes, '1/2/3');
        if ('keys' in decoded && decoded.keys.kind === 'int64') {
          expect(decoded.keys.values.buffer).toBe(bytes.buffer);
        }
        if (!('rows' in decoded)) return;
        for (const { batch: decodedBatch } of decoded.rows) {
          for (const column of decodedBatch.columns.values()) {
            if ('values' in column && column.values.length > 0)
              expect(column.values.buffer).toBe(bytes.buffer);
          }
        }
      }),
    );
  });

  it('is read from an odd place too', () => {
    fc.assert(
      fc.property(message, (one) => {
        const { kind, bytes } = bytesOf(one);
        const moved = new Uint8Array(bytes.length + 3);
        moved.set(bytes, 3);
        expect(decodeMessage(kind, moved.subarray(3), '1/2/3')).toEqual(one);
      }),
    );
  });

  it('with keys out of the middle of a column carries only those', () => {
    const text = new TextEncoder().encode('aabbbcc');
    const middle: Message = {
      kind: 'delete',
      requestId: null,
      partitionIds: null,
      keys: { kind: 'text', offsets: Uint32Array.of(2, 5), bytes: text },
    };
    const { kind, bytes } = bytesOf(middle);
    expect(decodeMessage(kind, bytes, '1/2/3')).toMatchObject({
      keys: { offsets: Uint32Array.of(0, 3), bytes: new TextEncoder().encode('bbb') },
    });
  });

  it('that is cut or has bytes behind it is damage, named by its record', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, where) => {
        const { kind, bytes } = bytesOf(one);
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        for (const wrong of [bytes.slice(0, where % bytes.length), longer]) {
          expect(() => decodeMessage(kind, wrong, '1/2/3')).toThrow(
            expect.objectContaining({
              reason: 'DataIntegrity',
              fields: { record: '1/2/3' },
            }) as Error,
          );
        }
      }),
    );
  });

  it('of any bytes is a message or an error of ours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.uint8Array({ maxLength: 120 }),
        (kind, bytes) => {
          try {
            decodeMessage(kind, bytes, '1/2/3');
          } catch (error) {
            expect(error).toBeInstanceOf(MilvusError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of an unknown kind or version is of a newer format', () => {
    const { bytes } = bytesOf({ kind: 'flush', requestId: null });
    const newer = bytes.slice();
    newer[0] = 2;
    for (const [kind, payload] of [
      [99, bytes],
      [MessageKind.flush, newer],
    ] as const) {
      expect(() => decodeMessage(kind, payload, '1/2/3')).toThrow(
        expect.objectContaining({ reason: 'FormatNotSupported' }) as Error,
      );
    }
  });

  it('hands large columns on without copying them', () => {
    const values = new Float32Array(100_000);
    const column: Column = {
      kind: 'vector',
      type: DataType.FloatVector,
      dim: 10,
      values,
      validity: null,
    };
    const { payload } = encodeMessage({
      kind: 'insert',
      requestId: null,
      schemaVersion: 1,
      rows: [{ partitionId: 1, batch: { rowCount: 10_000, columns: new Map([[100, column]]) } }],
    });
    expect(payload.some((chunk) => chunk.buffer === values.buffer)).toBe(true);
  });
});
