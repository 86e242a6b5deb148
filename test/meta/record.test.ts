import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { META_VALUE_BYTES_MAX } from '../../src/base/limits.ts';
import {
  damaged,
  decodeRecord,
  encodeRecord,
  type RecordValue,
  sameRecord,
} from '../../src/meta/record.ts';

const { value: recordValue } = fc.letrec<{ value: RecordValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt(),
    fc.string(),
    fc.constantFrom('$int', '$float', '$$', '__proto__', 'NaN'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$int', '$float', '$$int', '__proto__')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));
const key = fc.string({ minLength: 1, maxLength: 20 });

it('reads back any plain data', () => {
  fc.assert(
    fc.property(key, recordValue, (at, value) => {
      expect(sameRecord(decodeRecord(at, encodeRecord(at, value)), value)).toBe(true);
    }),
  );
});

it('keeps bigints, special floats and tagged-looking objects apart', () => {
  const value = {
    big: -(2n ** 63n),
    floats: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1],
    looks: [{ $int: '5' }, { $float: 'NaN' }, { $$int: '5' }],
    absent: undefined,
  };
  const { absent, ...present } = value;
  expect(absent).toBeUndefined();
  expect(decodeRecord('/k', encodeRecord('/k', value))).toEqual(present);
});

it('notices every flipped bit', () => {
  const bytes = encodeRecord('/key', { id: 7n, name: 'books' });
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => decodeRecord('/key', flipped), `bit ${bit}`).toThrow(
      'data integrity check failed',
    );
  }
});

it('notices a value under a key that it was not written for, and one that was cut', () => {
  const bytes = encodeRecord('/a', 'value');
  expect(() => decodeRecord('/b', bytes)).toThrow(
    'metadata: checksum does not match: data integrity check failed[key=/b]',
  );
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeRecord('/a', bytes.subarray(0, length))).toThrow('data integrity');
  }
});

it('refuses a newer version with its number', () => {
  const bytes = encodeRecord('/a', 'value');
  bytes[0] = 2;
  const head = crc32(bytes.subarray(0, 4), crc32(new TextEncoder().encode('/a')));
  new DataView(bytes.buffer).setUint32(4, crc32(bytes.subarray(8), head), true);
  expect(() => decodeRecord('/a', bytes)).toThrow(
    'format is newer than this version reads[key=/a][version=2][supported=1]',
  );
});

it('refuses a record that is too large, naming bytes and bound', () => {
  const text = 'x'.repeat(META_VALUE_BYTES_MAX);
  expect(() => encodeRecord('/a', text)).toThrow(
    `metadata is too large to store: parameter too large[key=/a][bytes=${text.length + 10}][max=${META_VALUE_BYTES_MAX}]`,
  );
});

it('compares without regard to the order of members and to absent ones', () => {
  expect(sameRecord({ a: 1, b: [2n] }, { b: [2n], a: 1, c: undefined })).toBe(true);
  expect(sameRecord({ a: 1 }, { a: 1n })).toBe(false);
  expect(sameRecord([1, 2], [2, 1])).toBe(false);
});

it('names the key of a value that says something impossible', () => {
  expect(damaged('/a', 'no such thing')).toMatchObject({
    reason: 'DataIntegrity',
    message: 'metadata: no such thing: data integrity check failed[key=/a]',
  });
});
