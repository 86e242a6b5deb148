import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { databasePathOf } from '../../src/compat/embedded-address.ts';

describe('databasePathOf', () => {
  it.each([
    './demo',
    '../x/demo',
    '/var/data',
    '.',
    'demo.db',
    'a/b.db',
    '~/x',
    'C:\\x',
    ':memory:',
  ])('takes %s for a path', (address) => {
    expect(databasePathOf(address)).toBe(address);
  });

  it('takes the path out of a file URI', () => {
    const folder = path.resolve('some where');
    expect(databasePathOf(pathToFileURL(folder).href)).toBe(folder);
  });

  it.each([
    'localhost:19530',
    '127.0.0.1:19530',
    'milvus.example.com',
    'http://localhost:19530',
    'https://demo.db',
    '[::1]:19530',
    '',
  ])('leaves %s to the network', (address) => {
    expect(databasePathOf(address)).toBeNull();
  });
});
