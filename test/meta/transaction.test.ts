import { expect, it } from 'vitest';
import { META_KEY_BYTES_MAX } from '../../src/base/limits.ts';
import { assertTransaction } from '../../src/meta/transaction.ts';

it('accepts a transaction whose keys are printable and changed once', () => {
  const key = `/${'k'.repeat(META_KEY_BYTES_MAX - 1)}`;
  assertTransaction({
    conditions: [{ key, revision: 0 }],
    puts: [{ key, value: new Uint8Array(0) }],
    removes: ['/other'],
  });
});

it('refuses a key that is too long', () => {
  const key = 'k'.repeat(META_KEY_BYTES_MAX + 1);
  expect(() => assertTransaction({ removes: [key] })).toThrow('at most META_KEY_BYTES_MAX');
});

it('refuses a condition on a fraction of a revision', () => {
  expect(() => assertTransaction({ conditions: [{ key: '/a', revision: 0.5 }] })).toThrow(
    'a condition names a revision',
  );
});
