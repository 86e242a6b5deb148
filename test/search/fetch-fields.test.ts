import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import type { Column } from '../../src/schema/column.ts';
import { keysOf } from '../../src/schema/primary-key.ts';
import { type FieldSource, fetchRows } from '../../src/search/fetch-fields.ts';
import { Turn } from '../../src/search/read-context.ts';
import { hurriedClock, int32Column, NAME, schemaOf, SIZE, textColumn } from './world.ts';

const fields = schemaOf().fields.filter(({ id }) => id === SIZE || id === NAME);

/** Row r of source s has size 100 s + r and name `s-r`. */
function source(number: number, rowCount: number): FieldSource & { loads: number } {
  const sizes = Array.from({ length: rowCount }, (_, row) => number * 100 + row);
  const made = {
    loads: 0,
    load: async (wanted: readonly FieldSchema[]) => {
      made.loads++;
      const columns: [number, Column][] = [
        [SIZE, int32Column(sizes)],
        [NAME, textColumn(sizes.map((size) => `name ${size}`))],
      ];
      return new Map(columns.filter(([id]) => wanted.some((field) => field.id === id)));
    },
  };
  return made;
}

describe('fetching fields', () => {
  it('puts the rows of all sources in the order that is asked for', async () => {
    const references = fc.array(fc.record({ source: fc.nat({ max: 3 }), row: fc.nat({ max: 9 }) }));
    await fc.assert(
      fc.asyncProperty(references, fc.boolean(), async (given, isHurried) => {
        const sources = [0, 1, 2, 3].map((number) => source(number, 10));
        const clock = isHurried ? hurriedClock() : systemClock;
        const batch = await fetchRows(
          {
            sources: Uint32Array.from(given, (each) => each.source),
            rows: Uint32Array.from(given, ({ row }) => row),
          },
          { kind: 'query', fields, sources },
          new Turn({ clock }),
        );
        const sizes = given.map((each) => each.source * 100 + each.row);
        expect(batch.rowCount).toBe(given.length);
        expect(batch.columns.get(SIZE)).toEqual(int32Column(sizes));
        expect(keysOf(batch.columns.get(NAME)!)).toEqual(sizes.map((size) => `name ${size}`));
        const used = sources.map(({ loads }) => loads);
        expect(used).toEqual(
          [0, 1, 2, 3].map((i) => (given.some((each) => each.source === i) ? 1 : 0)),
        );
      }),
    );
  });

  it('makes one row of a field that is younger than the rows', async () => {
    const younger = { ...fields.find(({ id }) => id === NAME)!, nullable: true };
    const written: FieldSource = {
      load: () => expect.unreachable('of all rows it would be gigabytes'),
      loadWritten: async () => new Map([[SIZE, int32Column([5, 6, 7])]]),
    };
    const size = fields.find(({ id }) => id === SIZE)!;
    const request = {
      kind: 'query',
      fields: [size, { ...younger, defaultValue: 'none' }],
    } as const;
    const turn = new Turn({ clock: systemClock });
    const references = { sources: Uint32Array.of(0, 1, 0), rows: Uint32Array.of(2, 1, 0) };
    const sources = [written, source(1, 3)];
    const { columns } = await fetchRows(references, { ...request, sources }, turn);
    expect(columns.get(SIZE)).toEqual(int32Column([7, 101, 5]));
    expect(keysOf(columns.get(NAME)!)).toEqual(['none', 'name 101', 'none']);
  });

  it('refuses an answer that is too large before it copies it', async () => {
    const big: FieldSource = {
      load: async () => new Map([[NAME, textColumn(['x'.repeat(1_000_000)])]]),
    };
    const references = { sources: new Uint32Array(105), rows: new Uint32Array(105) };
    const request = { kind: 'query' as const, fields: fields.slice(1), sources: [big] };
    await expect(fetchRows(references, request, new Turn({ clock: systemClock }))).rejects.toThrow(
      'query results exceed the maxOutputSize Limit 104857600',
    );
  });
});
