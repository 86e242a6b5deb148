/** What a side of a comparison may be, before it is known what it is compared with. */
import type { DataType } from '../schema/data-type.ts';
import type { ArithmeticNode } from './ast.ts';
import type { Interval } from './interval.ts';
import type { LengthColumn, Predicate } from './predicate.ts';
import type { ColumnOperand } from './resolve.ts';
import type { RestrictedOperand } from './restriction.ts';
import type { Constant } from './template.ts';

/** `INTERVAL '…'`, which only stands behind a field. */
export interface IntervalOperand {
  readonly kind: 'interval';
  readonly interval: Interval;
  readonly at: number;
}

/** `tsz ± INTERVAL '…'`, still to be compared. */
export interface ShiftedOperand {
  readonly kind: 'shifted';
  readonly column: ColumnOperand;
  readonly interval: Interval;
  readonly at: number;
}

export interface ConstantOperand {
  readonly kind: 'constant';
  readonly value: Constant;
  /** Filled in from a parameter, which Milvus does not fold with other constants. */
  readonly isParameter: boolean;
  /** Zone of a text without offset, should it be read as a time. */
  readonly timeZone: string;
  readonly at: number;
}

/** A point in time, as `ISO '…'` writes it. */
export interface MomentOperand {
  readonly kind: 'moment';
  readonly micros: bigint;
  readonly at: number;
}

/** `column ⊕ constant`, still to be compared. */
export interface ArithmeticOperand {
  readonly kind: 'arithmetic';
  readonly column: ColumnOperand;
  readonly operator: ArithmeticNode['operator'];
  readonly operand: Constant;
  /** What its value is compared as. */
  readonly type: DataType;
  /** Why it cannot be compared at all. */
  readonly refusal: string | null;
  readonly at: number;
}

/** `array_length(column)`, still to be compared. */
export interface LengthOperand {
  readonly kind: 'length';
  readonly ref: LengthColumn;
  readonly at: number;
}

export interface PredicateOperand {
  readonly kind: 'predicate';
  readonly predicate: Predicate;
  readonly at: number;
}

export type Operand =
  | ColumnOperand
  | ConstantOperand
  | MomentOperand
  | ArithmeticOperand
  | LengthOperand
  | PredicateOperand
  | IntervalOperand
  | ShiftedOperand
  | RestrictedOperand;
