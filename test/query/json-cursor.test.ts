import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../src/schema/json-text.ts';
import { JsonCursor, jsonSteps } from '../../src/query/json-cursor.ts';

function find(text: string, ...path: string[]): JsonCursor {
  const cursor = new JsonCursor();
  const bytes = new Uint8Array(Buffer.from(`##${text}##`));
  cursor.find(bytes, 2, bytes.length - 2, jsonSteps(path));
  return cursor;
}

function valueOf(cursor: JsonCursor): unknown {
  switch (cursor.kind) {
    case 'number':
      return cursor.number;
    case 'boolean':
      return cursor.boolean;
    case 'text':
      return Buffer.from(cursor.textBytes.slice(cursor.textStart, cursor.textEnd)).toString();
    default:
      return cursor.kind;
  }
}

function plain(value: unknown): unknown {
  if (value === null) return 'null';
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : Object.is(value, -0) ? 0 : value;
}

describe('JsonCursor', () => {
  it('finds at every path what a parser finds', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.boolean(), (source, spaced) => {
        const tree: unknown = JSON.parse(source);
        const text = spaced ? JSON.stringify(tree, null, ' \t') : JSON.stringify(tree);
        const visit = (value: unknown, path: string[]): void => {
          expect(valueOf(find(text, ...path)), `${text} at ${path.join()}`).toEqual(plain(value));
          if (typeof value !== 'object' || value === null) return;
          for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
          expect(find(text, ...path, 'no such key').kind).toBe('absent');
        };
        // As a parser that keeps integers beyond 2^53 exact.
        visit(parseJsonText(text), []);
      }),
    );
  });

  it('reads numbers exactly', () => {
    expect(valueOf(find('9007199254740993'))).toBe(9007199254740993n);
    expect(valueOf(find('-9223372036854775808'))).toBe(-9223372036854775808n);
    expect(valueOf(find('9223372036854775808'))).toBe(9223372036854775808);
    expect(valueOf(find('1e3'))).toBe(1000);
    expect(valueOf(find('9007199254740992'))).toBe(9007199254740992n);
    expect([find('2').isInteger, find('2.0').isInteger, find('2e0').isInteger]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('decodes keys and values with escapes however long they are', () => {
    for (const length of [10, 200, 300, 5000]) {
      const key = `${'k'.repeat(length)}"`;
      const value = `${'v'.repeat(length)}"`;
      const text = JSON.stringify({ [key]: value });
      expect(valueOf(find(text, key))).toBe(value);
      const cursor = find(text);
      expect(cursor.firstMember()).toBe(true);
      expect(new TextDecoder().decode(cursor.key)).toBe(key);
    }
  });

  it('decodes escapes in keys and values', () => {
    const text = String.raw`{"a\"b\u4e2d": "x\n\ud83d\ude00\u00e9\ud800!"}`;
    expect(valueOf(find(text, 'a"b中'))).toBe('x\n😀é\ufffd!');
    expect(valueOf(find(String.raw`"\\\/\b\f\r\t"`))).toBe('\\/\b\f\r\t');
  });

  it('takes the first of equal keys, and an index only as one is written', () => {
    expect(valueOf(find('{"a":1,"a":2}', 'a'))).toBe(1);
    expect(valueOf(find('[5,6]', '1'))).toBe(6);
    expect(find('[5,6]', '01').kind).toBe('absent');
    expect(find('[5,6]', '2').kind).toBe('absent');
    expect(find('[]', '0').kind).toBe('absent');
    expect(valueOf(find('{"1":7}', '1'))).toBe(7);
  });

  it('knows a hollow value from one with something inside', () => {
    for (const text of ['null', '{}', '[]', '{"a":{}}', '[null, {"b": []}]', '{"a": null}']) {
      expect(find(text).isHollow(), text).toBe(true);
    }
    for (const text of [
      '0',
      'false',
      '""',
      '{"a":{"b":0}}',
      '[[], ["x"]]',
      '{"a":"b"}',
      '[false]',
    ]) {
      expect(find(text).isHollow(), text).toBe(false);
    }
    expect(find('{}', 'a').isHollow()).toBe(true);
  });

  it('walks the elements of an array', () => {
    const cursor = find('{"a": [1, "x", [2, 3], {"b": 1}, null ]}', 'a');
    const seen: unknown[] = [];
    for (let more = cursor.firstElement(); more; more = cursor.nextElement())
      seen.push(valueOf(cursor));
    expect(seen).toEqual([1, 'x', 'array', 'object', 'null']);
    expect(find('[ ]').firstElement()).toBe(false);
  });

  it('stays within its bounds on anything', () => {
    const scrap = fc.string({ unit: fc.constantFrom(...Array.from('{}[]":,\\u019.-eEtfn ')) });
    fc.assert(
      fc.property(scrap, fc.constantFrom('a', '0', ''), (text, key) => {
        const cursor = find(text, key);
        expect(['absent', 'null', 'boolean', 'number', 'text', 'array', 'object']).toContain(
          cursor.kind,
        );
        expect(cursor.textEnd).toBeLessThanOrEqual(Math.max(cursor.textBytes.length, 0));
        cursor.isHollow();
        expect(find(text).kind).not.toBe(undefined);
      }),
      { numRuns: 3000 },
    );
  });
});
