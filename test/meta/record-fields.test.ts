import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/meta/record.ts';
import { decodeFields, RecordFields } from '../../src/meta/record-fields.ts';

const fields = decodeFields(
  '/k',
  encodeRecord('/k', {
    text: 'a',
    integer: 7,
    negative: -1,
    big: 7n,
    list: [1, 2],
    texts: ['a'],
    map: { a: 'b' },
    mixed: { a: 1 },
    state: 'created',
    toString: null,
  }),
);

describe('fields of a record', () => {
  it('are taken by their type', () => {
    expect(fields.text('text')).toBe('a');
    expect(fields.integer('integer')).toBe(7);
    expect(fields.big('big')).toBe(7n);
    expect(fields.integers('list')).toEqual([1, 2]);
    expect(fields.texts('texts')).toEqual(['a']);
    expect(fields.textMap('map')).toEqual({ a: 'b' });
    expect(fields.choice('state', ['created', 'dropped'])).toBe('created');
    expect(fields.object('map').text('a')).toBe('b');
    expect(fields.value('toString')).toBeNull();
  });

  it('are DataIntegrity, by key and name, when they are of another type', () => {
    const takes = [
      (): unknown => fields.text('integer'),
      (): unknown => fields.integer('negative'),
      (): unknown => fields.integer('big'),
      (): unknown => fields.big('integer'),
      (): unknown => fields.integers('texts'),
      (): unknown => fields.texts('list'),
      (): unknown => fields.textMap('mixed'),
      (): unknown => fields.textMap('text'),
      (): unknown => fields.choice('text', ['created', 'dropped']),
      (): unknown => fields.object('list'),
      (): unknown => fields.value('valueOf'),
      (): unknown => new RecordFields('/k', 'text'),
    ];
    for (const take of takes) expect(take).toThrow(/data integrity check failed\[key=\/k\]/);
    expect(() => fields.text('integer')).toThrow('metadata: "integer" is not text');
    expect(() => fields.text('absent')).toThrow('metadata: "absent" is missing');
  });
});
