import { describe, expect, it } from 'vitest';
import { readConstant } from '../../src/query/constant-token.ts';
import { Lexer } from '../../src/query/lexer.ts';

function read(text: string): unknown {
  const lexer = new Lexer(text);
  lexer.next();
  return readConstant(lexer);
}

describe('readConstant', () => {
  it('is the value that the token writes', () => {
    expect(read('0x1F')).toBe(31n);
    expect(read('9223372036854775808')).toBe(1n << 63n);
    expect(read('1e3')).toBe(1000);
    expect(read('TRUE')).toBe(true);
    expect(read('"a\\n"')).toBe('a\n');
    expect(read('r"a\\n"')).toBe('a\\n');
  });

  it('refuses what no column can hold', () => {
    expect(() => read('9223372036854775809')).toThrow(
      'line 1:0 int64 overflow: 9223372036854775809',
    );
    expect(() => read('1e999')).toThrow('value out of range: 1e999');
    expect(() => read('"ab\\q"')).toThrow('line 1:3 invalid escape sequence: \\q');
  });
});
