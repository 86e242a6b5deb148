import { describe, expect, it } from 'vitest';
import { momentOf, onceLoaded } from '../../src/api/loaded.ts';
import { type ErrorName, milvusError } from '../../src/base/errors.ts';
import type { Service } from '../../src/core/service.ts';

describe('onceLoaded', () => {
  const failing =
    (reasons: ErrorName[]): (() => Promise<string>) =>
    async () => {
      const reason = reasons.shift();
      if (reason !== undefined) throw milvusError(reason);
      return 'answer';
    };

  it('loads once where a collection or a partition was released', async () => {
    for (const reason of ['CollectionNotLoaded', 'PartitionNotLoaded'] as const) {
      let loads = 0;
      const load = async (): Promise<void> => void (loads += 1);
      expect(await onceLoaded(failing([reason]), load)).toBe('answer');
      expect(loads).toBe(1);
      await expect(onceLoaded(failing([reason, reason]), load)).rejects.toThrow();
      expect(loads).toBe(2);
    }
  });

  it('loads for no other failure', async () => {
    const load = async (): Promise<void> => expect.unreachable('nothing is loaded');
    await expect(onceLoaded(failing(['IndexNotFound']), load)).rejects.toThrow('index not found');
  });
});

describe('momentOf', () => {
  const session = (allocateTimestamp: () => Promise<bigint>): { service: Service } => ({
    service: { allocateTimestamp } as Service,
  });

  const refusing = (reason: ErrorName) => async (): Promise<bigint> => {
    throw milvusError(reason);
  };

  it('is a new timestamp, or none where nothing is written', async () => {
    expect(
      await momentOf(
        session(async () => 7n),
        {},
      ),
    ).toBe(7n);
    const readOnly = session(refusing('ReadOnly'));
    expect(await momentOf(readOnly, {})).toBeNull();
    const closed = session(refusing('Closed'));
    await expect(momentOf(closed, {})).rejects.toThrow('closed');
  });
});
