import { describe, expect, it } from 'vitest';
import type { OpenOptions, VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { OpenIndexes } from '../../src/search/open-indexes.ts';

function optionsOf(): OpenOptions {
  const vectors = { type: DataType.FloatVector, dim: 1, values: new Float32Array(1) } as const;
  return { image: new Uint8Array(8), vectors, isChecked: true };
}

describe('indexes that stay open', () => {
  const made: string[] = [];
  const closed: string[] = [];
  const opener = (name: string) => (): VectorIndex => {
    made.push(name);
    const index = { metric: 'L2', rowCount: 1, byteLength: 8 } as const;
    const search = () => expect.unreachable();
    return { ...index, search, close: () => closed.push(name) };
  };

  it('are opened once, and again when their memory is another', () => {
    const indexes = new OpenIndexes();
    const options = optionsOf();
    const first = indexes.use('a', options, opener('a'));
    const views = { ...options, image: options.image.subarray(0, 4) };
    expect(indexes.use('a', views, opener('again'))).toBe(first);
    expect([made.splice(0), closed.splice(0)]).toEqual([['a'], []]);
    const moved = { ...options, vectors: optionsOf().vectors };
    expect(indexes.use('a', moved, opener('moved'))).not.toBe(first);
    expect([made.splice(0), closed.splice(0)]).toEqual([['moved'], ['a']]);
    indexes.use('a', { ...moved, image: optionsOf().image }, opener('mapped anew'));
    expect([made.splice(0), closed.splice(0)]).toEqual([['mapped anew'], ['moved']]);
  });

  it('are few, and those that were used last', () => {
    const indexes = new OpenIndexes();
    const options = optionsOf();
    for (let i = 0; i < 40; i++) {
      indexes.use('kept', options, opener('kept'));
      indexes.use(String(i), options, opener(String(i)));
    }
    expect(indexes.count).toBe(32);
    expect(closed.splice(0)).toEqual(Array.from({ length: 9 }, (_, i) => String(i)));
    expect(made.filter((name) => name === 'kept')).toHaveLength(1);
  });

  it('are not there when they are refused', () => {
    const indexes = new OpenIndexes();
    const refuse = (): VectorIndex => {
      throw new Error('damaged');
    };
    expect(() => indexes.use('a', optionsOf(), refuse)).toThrow('damaged');
    expect(indexes.count).toBe(0);
  });
});
