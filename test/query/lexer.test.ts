import { describe, expect, it } from 'vitest';
import { Lexer } from '../../src/query/lexer.ts';

function tokens(text: string): string[] {
  const lexer = new Lexer(text);
  const found: string[] = [];
  for (;;) {
    lexer.next();
    if (lexer.kind === 'end') return found;
    found.push(`${lexer.kind} ${lexer.word === '' ? lexer.source() : lexer.word}`);
  }
}

describe('Lexer', () => {
  it('takes the longest symbol', () => {
    expect(tokens('** * <<<= => =~!~!= ! && || | &')).toEqual(
      ['**', '*', '<<', '<=', '=', '>', '=~', '!~', '!=', 'not', 'and', 'or', '|', '&'].map(
        (each) => `symbol ${each}`,
      ),
    );
  });

  it('knows keywords in lower and in upper case only', () => {
    expect(tokens('and AND And not NOT Like LIKE')).toEqual([
      'symbol and',
      'symbol and',
      'name And',
      'symbol not',
      'symbol not',
      'name Like',
      'symbol like',
    ]);
    expect(tokens('true True TRUE tRUE')).toEqual([
      'boolean true',
      'boolean True',
      'boolean TRUE',
      'name tRUE',
    ]);
  });

  it('reads "is null" as one token with exactly one space', () => {
    expect(tokens('a is null')).toEqual(['name a', 'symbol is null']);
    expect(tokens('a IS NOT NULL')).toEqual(['name a', 'symbol is not null']);
    expect(tokens('a is  null')).toEqual(['name a', 'name is', 'name null']);
    expect(tokens('a is NULL')).toEqual(['name a', 'name is', 'name NULL']);
    expect(tokens('a is nulls')).toEqual(['name a', 'name is', 'name nulls']);
  });

  it('tells integers from floating constants', () => {
    expect(tokens('1 1. .5 1e3 1e 0x1F 0x1p2 0x1.8 0b12 09 0x')).toEqual([
      'integer 1',
      'floating 1.',
      'floating .5',
      'floating 1e3',
      'integer 1',
      'name e',
      'integer 0x1F',
      'floating 0x1p2',
      'integer 0x1',
      'floating .8',
      'integer 0b1',
      'integer 2',
      'integer 0',
      'integer 9',
      'integer 0',
      'name x',
    ]);
    expect(tokens('09.5 5and')).toEqual(['floating 09.5', 'integer 5', 'symbol and']);
  });

  it('reads text in both quotes, with prefixes, and raw', () => {
    const lexer = new Lexer(String.raw`"a\"b" 'c"d' u8"e" L'f' r"\d\"" R'\'`);
    const bodies: string[] = [];
    for (let i = 0; i < 5; i++) {
      lexer.next();
      bodies.push(`${lexer.isRaw}:${lexer.text.slice(lexer.bodyStart, lexer.bodyEnd)}`);
    }
    expect(bodies).toEqual([
      String.raw`false:a\"b`,
      'false:c"d',
      'false:e',
      'false:f',
      String.raw`true:\d\"`,
    ]);
    expect(() => lexer.next()).toThrow('the text is not closed');
  });

  it('names the place of what is no token', () => {
    expect(() => tokens('a ==\n  #')).toThrow("line 2:2 token recognition error at: '#'");
    expect(() => tokens('"a\nb"')).toThrow('the text is not closed');
    expect(() => tokens('中')).toThrow("token recognition error at: '中'");
    expect(() => tokens('"a\\')).toThrow('the text is not closed');
  });

  it('reads $meta as a name and $ as a symbol', () => {
    expect(tokens('$meta $[a] $metal')).toEqual([
      'name $meta',
      'symbol $',
      'symbol [',
      'name a',
      'symbol ]',
      'symbol $',
      'name metal',
    ]);
  });
});
