import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, MalformedBytes } from '../../src/base/bytes.ts';

describe('bytes', () => {
  it('are read back as they were written, through growing and aligning', () => {
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.nat(65_535),
        fc.nat(0xffffffff),
        fc.maxSafeNat(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.double(),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 600 }),
        (u8, u16, u32, u64, big, f64, text, blob) => {
          const writer = new ByteWriter(1);
          writer.u8(u8);
          writer.u16(u16);
          writer.u32(u32);
          writer.u64(u64);
          writer.big(big);
          writer.f64(f64);
          writer.text(text);
          writer.align(8);
          writer.blob(blob);
          const reader = new ByteReader(writer.bytes());
          expect(reader.u8()).toBe(u8);
          expect(reader.u16()).toBe(u16);
          expect(reader.u32()).toBe(u32);
          expect(reader.u64()).toBe(u64);
          expect(BigInt.asIntN(64, reader.big())).toBe(big);
          expect(reader.f64()).toBe(f64);
          expect(reader.text()).toBe(text);
          reader.align(8);
          expect([...reader.blob()]).toEqual([...blob]);
          expect(reader.remaining).toBe(0);
        },
      ),
    );
  });

  it('that end too early are refused with what was wanted and what is left', () => {
    expect(() => new ByteReader(Uint8Array.of(1, 2)).u32()).toThrow('4 bytes wanted at 0, 2 left');
    expect(() => new ByteReader(Uint8Array.of(9, 0, 0, 0, 65)).text()).toThrow(MalformedBytes);
  });

  it('that are no UTF-8, or an integer that a number does not hold, are refused', () => {
    expect(() => new ByteReader(Uint8Array.of(1, 0, 0, 0, 0xff)).text()).toThrow('not UTF-8');
    expect(() => new ByteReader(new Uint8Array(8).fill(0xff)).u64()).toThrow('is not safe');
  });

  it('can be patched where room was reserved', () => {
    const writer = new ByteWriter(4);
    const at = writer.reserve(4);
    writer.raw(Uint8Array.of(7));
    writer.setU32(at, 0x01020304);
    expect([...writer.bytes()]).toEqual([4, 3, 2, 1, 7]);
  });
});
