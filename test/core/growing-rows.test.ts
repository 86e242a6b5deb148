import { describe, expect, it } from 'vitest';
import { GrowingRows } from '../../src/core/growing-rows.ts';
import type { PartitionRows } from '../../src/core/ports.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { keyColumn } from '../../src/schema/primary-key.ts';
import { rowsToBatch } from '../../src/schema/rows.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import type { KeyList } from '../../src/segments/segment.ts';

const schema = buildSchema({
  name: 'docs',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
});
const idField = schema.fields[0]!;

function growingRows(): GrowingRows {
  let next = 1;
  return new GrowingRows({
    primaryFieldId: idField.id,
    isKeyedByPartition: false,
    nextSegmentId: () => next++,
  });
}

function rowsOf(partitionId: number, ...ids: number[]): PartitionRows {
  return {
    partitionId,
    batch: rowsToBatch(
      schema,
      ids.map((id) => ({ id, vector: [id, 0] })),
    ),
  };
}

function keysOf(...ids: number[]): KeyList {
  return keysOfColumn(keyColumn(idField, ids));
}

/** Rows that were not deleted, of all segments. */
function livingCount(growing: GrowingRows): number {
  return growing.segments.reduce((sum, { rowCount, deletes }) => sum + rowCount - deletes.count, 0);
}

describe('growing rows', () => {
  it('have a segment for each partition, frozen ones first', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1, 2), rowsOf(2, 3)], 10n, false);
    expect(growing.segments.map(({ partitionId }) => partitionId)).toEqual([1, 2]);
    const frozen = growing.freeze();
    expect(frozen.length).toBe(2);
    growing.insert([rowsOf(1, 4)], 20n, false);
    expect(growing.segments.length).toBe(3);
    expect(growing.segments.slice(0, 2)).toEqual(frozen);
    expect(growing.rowCount).toBe(4);
    expect(growing.currentByteLength).toBeLessThan(growing.byteLength);
  });

  it('supersede older rows of their keys in frozen segments and other partitions', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1, 2, 3)], 10n, false);
    growing.freeze();
    growing.insert([rowsOf(2, 2)], 20n, false);
    growing.insert([rowsOf(1, 2, 3)], 30n, false);
    expect(growing.rowCount).toBe(6);
    expect(livingCount(growing)).toBe(3);
  });

  it('are not searched for keys that cannot be there', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1)], 10n, true);
    growing.freeze();
    growing.insert([rowsOf(1, 1)], 20n, true);
    expect(livingCount(growing)).toBe(2);
  });

  it('go by key, within the partitions that a delete names', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1, 2), rowsOf(2, 3, 4)], 10n, false);
    growing.delete(keysOf(1, 3), [2], 20n);
    expect(livingCount(growing)).toBe(3);
    growing.delete(keysOf(1, 4, 9), null, 30n);
    expect(livingCount(growing)).toBe(1);
  });

  it('show a reader what was there at its moment', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1)], 10n, false);
    growing.insert([rowsOf(1, 2), rowsOf(2, 3)], 20n, false);
    const count = (timestamp: bigint, partitions: number[] | null): number =>
      growing.readers(timestamp, partitions).reduce((sum, { rowCount }) => sum + rowCount, 0);
    expect([count(5n, null), count(10n, null), count(20n, null), count(20n, [2])]).toEqual([
      0, 1, 3, 1,
    ]);
  });

  it('stay when a flush failed, and are taken by the next', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1)], 10n, false);
    const first = growing.freeze();
    growing.insert([rowsOf(1, 2)], 20n, false);
    const second = growing.freeze();
    expect(second.length).toBe(2);
    growing.drop(first);
    expect(growing.frozen).toEqual(second.slice(1));
    expect(growing.rowCount).toBe(1);
  });

  it('leave with their partition, and all at once', () => {
    const growing = growingRows();
    growing.insert([rowsOf(1, 1), rowsOf(2, 2)], 10n, false);
    growing.freeze();
    growing.insert([rowsOf(1, 3), rowsOf(2, 4)], 20n, false);
    growing.dropPartition(2);
    expect(growing.segments.map(({ partitionId }) => partitionId)).toEqual([1, 1]);
    growing.insert([rowsOf(2, 5)], 30n, false);
    growing.freeze();
    growing.insert([rowsOf(2, 6)], 40n, false);
    growing.keepPartitions([1, 3]);
    expect(growing.segments.map(({ partitionId }) => partitionId)).toEqual([1, 1]);
    growing.clear();
    expect(growing.rowCount).toBe(0);
  });
});
