/**
 * How much work a filter is, told from its conditions and from how long the values of some rows are, so that nobody
 * begins more at once than the serving thread can bear. The unit is about a nanosecond, more often less than more.
 */
import type { Column } from '../schema/column.ts';
import { longestMaskedPart } from './like.ts';
import type { ColumnRef, Predicate, Scalar } from './predicate.ts';

/** What may be done in one stretch: a millisecond or two. */
export const WORK_AT_ONCE = 1_500_000;

/** What a row costs, and each byte of its value. An element of an array counts as 8 bytes beside its own. */
interface Cost {
  readonly fieldId: number;
  readonly row: number;
  readonly byte: number;
}

const ELEMENT_BYTES = 8;

/** What a JSON text costs before it is asked anything. */
const JSON_ROW = 40;
const JSON_BYTE = 3;
/** What it costs to compare one list with the lists of a JSON text, by the bytes of the text. */
const LIST_BYTE = 8;
/** What it costs to take an element out of each row's array. */
const PICKED_ROW = 20;
/** Most parts of patterns are looked for by their rarest bytes, some byte by byte. */
const LIKE_BYTE = 0.5;
/** What one word of bits costs a character of a text in which a part with `_` is looked for. */
const MASK_WORD = 4;
const MASK_BITS = 32;

/** The work of a filter, or of one of its conditions, on rows of columns. */
export class Work {
  readonly #costs: readonly Cost[];

  constructor(predicate: Predicate) {
    const costs = new Map<number, Cost>();
    for (const { fieldId, row, byte } of costsOf(predicate)) {
      const known = costs.get(fieldId);
      costs.set(fieldId, {
        fieldId,
        row: row + (known?.row ?? 0),
        byte: byte + (known?.byte ?? 0),
      });
    }
    this.#costs = [...costs.values()];
  }

  /** Of the rows [start, end); columns that are not there cost nothing. */
  of(columnOf: (fieldId: number) => Column | undefined, start: number, end: number): number {
    let work = 0;
    for (const { fieldId, row, byte } of this.#costs) {
      const column = columnOf(fieldId);
      if (column === undefined) continue;
      work += row * (end - start);
      if (byte > 0) work += byte * byteLengthOf(column, start, end);
    }
    return work;
  }
}

/** Bytes that a condition may look at: those of texts and arrays, none of numbers. */
function byteLengthOf(column: Column, start: number, end: number): number {
  if (column.kind === 'bytes') return column.offsets[end]! - column.offsets[start]!;
  if (column.kind !== 'list') return 0;
  const { elements, offsets } = column;
  const [first, last] = [offsets[start]!, offsets[end]!];
  const own = elements.kind === 'bytes' ? elements.offsets[last]! - elements.offsets[first]! : 0;
  return (last - first) * ELEMENT_BYTES + own;
}

function costsOf(predicate: Predicate): readonly Cost[] {
  switch (predicate.kind) {
    case 'constant':
      return [];
    case 'not':
      return costsOf(predicate.operand);
    case 'and':
    case 'or':
      return predicate.operands.flatMap(costsOf);
    case 'match':
      // What is asked of a row is asked of each element.
      return [
        { fieldId: predicate.fieldId, row: 1, byte: 1 / ELEMENT_BYTES },
        ...costsOf(predicate.operand).map(({ fieldId, row, byte }) => ({
          fieldId,
          row: 0,
          byte: byte + row / ELEMENT_BYTES,
        })),
      ];
    case 'null':
      return [{ fieldId: predicate.fieldId, row: 0, byte: 0 }];
    case 'columns':
    case 'prefix':
      return [predicate.left, predicate.right].map((side) => costOf(side, { row: 10, byte: 1 }));
    case 'arithmetic':
      return [costOf(predicate.range.column, { row: 6, byte: 0 })];
    case 'shifted':
      return [costOf(predicate.range.column, { row: 60, byte: 0 })];
    default:
      return [costOf(predicate.column, costOfCondition(predicate))];
  }
}

function costOf(ref: ColumnRef, { row, byte }: Omit<Cost, 'fieldId'>): Cost {
  const { fieldId, access } = ref;
  if (access === 'json' || (access === 'length' && ref.path !== null)) {
    return { fieldId, row: row + JSON_ROW, byte: byte + JSON_BYTE };
  }
  return { fieldId, row: access === 'value' ? row : row + PICKED_ROW, byte };
}

/** What one value is asked. */
type Asked = Extract<
  Predicate,
  { kind: 'range' | 'in' | 'like' | 'regex' | 'exists' | 'list' | 'contains' | 'geometry' }
>;

function costOfCondition(predicate: Asked): Omit<Cost, 'fieldId'> {
  switch (predicate.kind) {
    case 'range':
      // Of a text no more is looked at than the bound is long.
      return { row: 1 + lengthOf(predicate.lower) + lengthOf(predicate.upper), byte: 0 };
    case 'in':
      return { row: 10, byte: predicate.values.texts.length > 0 ? 2 : 0 };
    case 'like': {
      const words = Math.ceil(longestMaskedPart(predicate.pattern) / MASK_BITS);
      return { row: 5, byte: LIKE_BYTE + words * MASK_WORD };
    }
    case 'regex':
      return { row: 10, byte: 4 };
    case 'contains':
      // An element that is a list is compared with each list that is asked for.
      return { row: 10, byte: 4 + predicate.lists.length * LIST_BYTE };
    case 'list':
      return { row: 10, byte: 1 };
    case 'geometry':
      return { row: 50, byte: 0 };
    default:
      return { row: 10, byte: 0 };
  }
}

function lengthOf(bound: Scalar | null): number {
  return typeof bound === 'string' ? 30 + bound.length : 0;
}
