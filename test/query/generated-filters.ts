/** Generated filters over generated rows, ours beside the plain evaluation of each row. */
import { bindFilter, parseFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { printExpression } from '../../src/query/print.ts';
import { DYNAMIC_SCHEMA, shape, sourceOf } from './columns.ts';
import type { Value } from './columns.ts';
import { FilterGenerator, generateRow, picker } from './filter-generator.ts';
import { naive } from './naive.ts';

/** Rows that several filters are tried on. */
const FILTERS_A_TABLE = 50;

export interface Comparison {
  readonly filters: number;
  /** Filters that neither took every row nor none. */
  readonly selective: number;
  /** What is wrong, with the seed of the table. */
  readonly differences: readonly string[];
}

/** Filters of the tables with seeds from `firstSeed` on: `count` of them. */
export function compareFilters(firstSeed: number, count: number): Comparison {
  const differences: string[] = [];
  let filters = 0;
  let selective = 0;
  for (let seed = firstSeed; filters < count; seed++) {
    const pick = picker(seed);
    const rows = Array.from({ length: 1 + pick(40) }, () => generateRow(pick));
    const columns: Record<string, Value[]> = {};
    for (const name of Object.keys(rows[0]!)) columns[name] = rows.map((row) => row[name] ?? null);
    const source = sourceOf(columns);
    for (let i = 0; i < FILTERS_A_TABLE && filters < count; i++, filters++) {
      const generator = new FilterGenerator(pick);
      const text = generator.filter(pick(4));
      const { parameters } = generator;
      const tree = parseFilter(text);
      if (shape(parseFilter(printExpression(tree))) !== shape(tree)) {
        differences.push(`seed ${seed}: ${text} is printed as ${printExpression(tree)}`);
      }
      const bound = bindFilter(tree, DYNAMIC_SCHEMA, parameters);
      const found = [...evaluateFilter(bound, source).toOffsets()];
      const expected = rows.flatMap((row, at) =>
        naive(tree, row, parameters) === true ? [at] : [],
      );
      if (found.length > 0 && found.length < rows.length) selective++;
      if (found.join() === expected.join()) continue;
      const at = [...found, ...expected].find(
        (row) => found.includes(row) !== expected.includes(row),
      );
      differences.push(
        `seed ${seed}: ${text} with ${shape(parameters)} takes ${found.join()}, not ${expected.join()}: ${shape(rows[at!])}`,
      );
    }
  }
  return { filters, selective, differences };
}
