import { describe, expect, it } from 'vitest';
import {
  checkNamespace,
  givenNamespaceMode,
  namespacePartitions,
} from '../../src/schema/namespaces.ts';

describe('namespaces', () => {
  it('are values of a partition key unless they are said to be partitions', () => {
    expect(givenNamespaceMode(undefined)).toBe('partition_key');
    expect(givenNamespaceMode('')).toBe('partition_key');
    expect(givenNamespaceMode('partition')).toBe('partition');
    expect(() => givenNamespaceMode('tenant')).toThrow('invalid namespace.mode value "tenant"');
  });

  it('are named where there are some, and only there', () => {
    checkNamespace(null, undefined);
    checkNamespace('partition', 'a');
    expect(() => checkNamespace(null, 'a')).toThrow('set but namespace disabled');
    expect(() => checkNamespace('partition_key', undefined)).toThrow('not set but');
  });

  it('that are partitions are named like them', () => {
    expect(namespacePartitions('a', [])).toEqual(['a']);
    expect(namespacePartitions('a', ['a'])).toEqual(['a']);
    expect(() => namespacePartitions('a', ['b'])).toThrow('mismatch namespace "a"');
    expect(() => namespacePartitions('a/b', [])).toThrow('Invalid partition name');
  });
});
