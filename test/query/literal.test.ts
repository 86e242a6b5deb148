import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  printLiteral,
  printRegexText,
  readFloating,
  readInteger,
  readKey,
  readRegexText,
  readText,
} from '../../src/query/literal.ts';

describe('integers', () => {
  it('are read in four bases', () => {
    expect(readInteger('0')).toBe(0n);
    expect(readInteger('017')).toBe(15n);
    expect(readInteger('0x1F')).toBe(31n);
    expect(readInteger('0XfF')).toBe(255n);
    expect(readInteger('0b101')).toBe(5n);
    expect(readInteger('9007199254740993')).toBe(9007199254740993n);
  });
});

describe('floating constants', () => {
  it('are read with a point, an exponent, or in hexadecimal', () => {
    expect(readFloating('1.')).toBe(1);
    expect(readFloating('.5')).toBe(0.5);
    expect(readFloating('1e3')).toBe(1000);
    expect(readFloating('0x1.8p3')).toBe(12);
    expect(readFloating('0x1p-1')).toBe(0.5);
    expect(readFloating('0x.8p1')).toBe(1);
  });

  it('are refused when no double is that large', () => {
    expect(readFloating('1e400')).toBeNull();
    expect(readFloating('0x1p1024')).toBeNull();
    expect(readFloating('1e-400')).toBe(0);
  });

  it('in hexadecimal are rounded once, down to the smallest double', () => {
    expect(readFloating('0x1p-1074')).toBe(Number.MIN_VALUE);
    expect(readFloating('0x1p-1075')).toBe(0);
    expect(readFloating('0x1.8p-1075')).toBe(Number.MIN_VALUE);
    expect(readFloating('0x1.fffffffffffffp1023')).toBe(Number.MAX_VALUE);
    expect(readFloating('0x1.00000000000008p0')).toBe(1);
    expect(readFloating('0x1.000000000000081p0')).toBe(1 + Number.EPSILON);
  });
});

describe('text', () => {
  it('replaces every escape of Go', () => {
    expect(readText(String.raw`a\a\b\f\n\r\t\v\\\'\"z`)).toBe('a\x07\b\f\n\r\t\v\\\'"z');
    expect(readText(String.raw`\x41\101\u4e2d\U0001F600`)).toBe('AA中😀');
  });

  it('takes \\x and octal escapes as bytes of UTF-8', () => {
    expect(readText(String.raw`\xe4\xb8\xad`)).toBe('中');
    expect(readText(String.raw`\367`)).toBe('\ufffd');
  });

  it.each([
    String.raw`\d`,
    String.raw`\400`,
    String.raw`\12`,
    String.raw`\x4`,
    String.raw`\ud800`,
    '\\',
  ])('refuses the escape %s and says where', (body) => {
    expect(readText(`ab${body}`)).toMatchObject({ offset: 2 });
  });

  it('keeps a key as it is when an escape in it means nothing', () => {
    expect(readKey(String.raw`a\"b`)).toBe('a"b');
    expect(readKey(String.raw`a\d`)).toBe(String.raw`a\d`);
  });

  it('leaves a regular expression its backslashes, but for doubled ones and the quote', () => {
    expect(readRegexText(String.raw`\\d\.\"\'`, '"')).toBe(String.raw`\d\."\'`);
  });
});

describe('printing', () => {
  it('reads back as the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readText(printLiteral(text).slice(1, -1))).toBe(text);
      }),
    );
  });

  it('reads back as the same regular expression', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readRegexText(printRegexText(text).slice(1, -1), '"')).toBe(text);
      }),
    );
  });

  it('reads back as the same number, and keeps floating ones floating', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (value) => {
        expect(readFloating(printLiteral(value))).toBe(value);
      }),
    );
    expect(printLiteral(5)).toBe('5.0');
    expect(printLiteral(5n)).toBe('5');
    expect(printLiteral(-0)).toBe('-0.0');
    expect(printLiteral(true)).toBe('true');
  });
});
