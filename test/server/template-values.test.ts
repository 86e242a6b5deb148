import { describe, expect, it } from 'vitest';
import { parametersOf } from '../../src/server/template-values.ts';
import { byteListOf } from '../../src/wire/byte-lists.ts';
import type { TemplateArrayValue, TemplateValue } from '../../src/wire/generated/milvus.ts';

const NO_LIST = {
  ...{ boolData: null, longData: null, doubleData: null, stringData: null },
  ...{ arrayData: null, jsonData: null },
};
const list = (part: Partial<TemplateArrayValue>): TemplateArrayValue => ({ ...NO_LIST, ...part });

function value(part: Partial<TemplateValue>): unknown {
  const none = { boolVal: undefined, int64Val: undefined, floatVal: undefined };
  const whole = { ...none, stringVal: undefined, arrayVal: null, bytesVal: undefined, ...part };
  return parametersOf(new Map([['x', whole]]))['x'];
}

describe('parametersOf', () => {
  it('reads values of every type', () => {
    expect(value({ boolVal: false })).toBe(false);
    expect(value({ int64Val: 5n })).toBe(5n);
    expect(value({ floatVal: 0.5 })).toEqual({ floating: 0.5 });
    expect(value({ floatVal: 2 })).toEqual({ floating: 2 });
    expect(value({ stringVal: '' })).toBe('');
    expect(value({ bytesVal: Uint8Array.of(97) })).toEqual(Uint8Array.of(97));
    expect(() => value({})).toThrow('the value of expression template variable {x} is nil');
  });

  it('reads lists of every type, and lists inside lists', () => {
    const longs = list({ longData: { data: BigInt64Array.of(1n, 2n) } });
    expect(value({ arrayVal: longs })).toEqual(BigInt64Array.of(1n, 2n));
    const doubles = list({ doubleData: { data: Float64Array.of(0.5) } });
    expect(value({ arrayVal: doubles })).toEqual(Float64Array.of(0.5));
    expect(value({ arrayVal: list({ boolData: { data: Uint8Array.of(1, 0) } }) })).toEqual([
      true,
      false,
    ]);
    const texts = list({ stringData: { data: byteListOf(['a', '中']) } });
    expect(value({ arrayVal: texts })).toEqual(['a', '中']);
    expect(value({ arrayVal: list({}) })).toEqual([]);
    const nested = list({
      arrayData: { data: [longs, doubles, list({ arrayData: { data: [texts] } })] },
    });
    expect(value({ arrayVal: nested })).toEqual([[1n, 2n], [{ floating: 0.5 }], [['a', '中']]]);
  });

  it('reads lists of JSON values with exact integers', () => {
    const json = byteListOf(['1', '"a"', '[9007199254740993, true]', '2.5']);
    expect(value({ arrayVal: list({ jsonData: { data: json } }) })).toEqual([
      1,
      'a',
      [9007199254740993n, true],
      2.5,
    ]);
    const broken = list({ jsonData: { data: byteListOf(['{']) } });
    expect(() => value({ arrayVal: broken })).toThrow('template variable {x} is no JSON');
  });
});
