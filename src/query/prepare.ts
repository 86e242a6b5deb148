/** What evaluating a filter needs of its long lists, made beforehand and in pieces. */
import type { BoundFilter } from './bind.ts';
import { valueSetsOf } from './facts.ts';
import { prepareTable } from './number-scan.ts';
import { prepareTextTable } from './text-scan.ts';
import type { InPieces } from './value-set.ts';

/** Values of which a table is made beforehand. */
const LONG_LIST = 16_384;

/** Makes the tables of the filter's long lists, which evaluating it would make in one stretch. */
export async function prepareTables(filter: BoundFilter, inPieces: InPieces): Promise<void> {
  for (const { integers, doubles, texts } of valueSetsOf(filter)) {
    if (integers.length > LONG_LIST) await prepareTable(integers, inPieces);
    if (doubles.length > LONG_LIST) await prepareTable(doubles, inPieces);
    if (texts.length > LONG_LIST) await prepareTextTable(texts, inPieces);
  }
}
