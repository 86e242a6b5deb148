import { describe, expect, it } from 'vitest';
import { jsonPieces, jsonText, shortFloat } from '../../src/rest/json-write.ts';

describe('JSON of answers', () => {
  it('writes int64 exactly, floats of 32 bits shortly and bytes in base64', () => {
    const value = {
      long: 9_223_372_036_854_775_807n,
      floats: Float32Array.of(0.1, 1, -2.5e-8, 3.4028234663852886e38),
      bytes: Uint8Array.of(1, 2, 255),
      int8: Int8Array.of(-1),
      nothing: undefined,
      list: [null, true, 'a"b'],
    };
    expect(jsonText(value)).toBe(
      '{"long":9223372036854775807,"floats":[0.1,1,-2.5e-8,3.4028235e+38],"bytes":"AQL/","int8":"/w==","list":[null,true,"a\\"b"]}',
    );
  });

  it('finds for every float of 32 bits a double that is it', () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    for (let i = 0; i < 20_000; i++) {
      bits[0] = Math.imul(i, 2_654_435_761) & 0x7f7fffff;
      expect(Math.fround(shortFloat(float[0]!))).toBe(float[0]);
    }
  });

  it('cuts long lists into pieces that are one text together', () => {
    const data = Array.from({ length: 5000 }, (_, id) => ({ id, text: 'x'.repeat(50) }));
    const pieces = [...jsonPieces({ code: 0, data, empty: [], cost: 0 })];
    expect(pieces.length).toBeGreaterThan(3);
    expect(JSON.parse(pieces.join(''))).toEqual({ code: 0, data, empty: [], cost: 0 });
    expect([...jsonPieces({})].join('')).toBe('{}');
  });
});
