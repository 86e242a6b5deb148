/**
 * A filter with its names and types settled: plain data that crosses ports and worker boundaries.
 *
 * Every node is TRUE, FALSE or UNKNOWN of a row. UNKNOWN is what a value gives that is null, absent
 * or of another class than the node asks for; `not` keeps it, and a row matches only when TRUE.
 * Constants stand in the form their column compares in: bigint against integers, number against
 * floating columns (rounded to float32 against Float, as Milvus does), either against JSON.
 * Operands of `and` and `or` stand cheapest first.
 */
import type { DataType } from '../schema/data-type.ts';
import type { ComparisonOperator } from './ast.ts';

/** A constant: integer, floating, text or boolean. */
export type Scalar = bigint | number | string | boolean;

/** A field's value. `type` is the field's. */
export interface ValueColumn {
  readonly access: 'value';
  readonly fieldId: number;
  readonly type: DataType;
}

/** Element `index` of an array; `type` is the element's. Past the end it is absent. */
export interface ElementColumn {
  readonly access: 'element';
  readonly fieldId: number;
  readonly type: DataType;
  readonly index: number;
}

/** What stands at `path` of a JSON value; each step is a key, or an index when it meets an array. */
export interface JsonColumn {
  readonly access: 'json';
  readonly fieldId: number;
  readonly type: DataType;
  readonly path: readonly string[];
}

/** How many elements an array has: the whole field's, or the one at `path` of a JSON value. */
export interface LengthColumn {
  readonly access: 'length';
  readonly fieldId: number;
  readonly type: typeof DataType.Int64;
  /** Null: the field is an array itself. */
  readonly path: readonly string[] | null;
}

/** A value that is stored. */
export type FieldColumn = ValueColumn | ElementColumn | JsonColumn;

export type ColumnRef = FieldColumn | LengthColumn;

/** The same for every row. */
export interface ConstantPredicate {
  readonly kind: 'constant';
  readonly value: boolean;
}

export interface NotPredicate {
  readonly kind: 'not';
  readonly operand: Predicate;
}

export interface LogicalPredicate {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Predicate[];
}

/** lower <= value <= upper where a bound is inclusive and present; both bounds of one class. */
export interface RangePredicate {
  readonly kind: 'range';
  readonly column: ColumnRef;
  readonly lower: Scalar | null;
  readonly lowerInclusive: boolean;
  readonly upper: Scalar | null;
  readonly upperInclusive: boolean;
}

/** The value is one of these. Of JSON, a class of which the list has no value is UNKNOWN. */
export interface MembershipPredicate {
  readonly kind: 'in';
  readonly column: ColumnRef;
  readonly values: ValueSet;
}

/** Sorted ascending without duplicates, but for texts, which are only without duplicates. */
export interface ValueSet {
  readonly integers: BigInt64Array;
  readonly doubles: Float64Array;
  readonly texts: readonly string[];
  readonly booleans: readonly boolean[];
}

export interface LikePredicate {
  readonly kind: 'like';
  readonly column: ColumnRef;
  readonly pattern: string;
}

/** Somewhere in the text the regular expression matches; see regex.ts. */
export interface RegexPredicate {
  readonly kind: 'regex';
  readonly column: ColumnRef;
  readonly pattern: string;
}

/** The left text begins with the right one. */
export interface PrefixPredicate {
  readonly kind: 'prefix';
  readonly left: ValueColumn | ElementColumn;
  readonly right: ValueColumn | ElementColumn;
}

/** Never UNKNOWN. */
export interface NullPredicate {
  readonly kind: 'null';
  readonly fieldId: number;
}

/** There is something other than null and hollow objects and lists at the path. Never UNKNOWN. */
export interface ExistsPredicate {
  readonly kind: 'exists';
  readonly column: JsonColumn;
}

/**
 * lower <= value ⊕ operand <= upper. Integers divide towards zero; a remainder has the sign of the value;
 * bits are those of int64 in two's complement.
 */
export interface ArithmeticPredicate {
  readonly kind: 'arithmetic';
  readonly operator: '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
  readonly operand: bigint | number;
  readonly range: RangePredicate;
}

export interface ColumnsPredicate {
  readonly kind: 'columns';
  readonly left: ValueColumn | ElementColumn;
  readonly operator: ComparisonOperator;
  readonly right: ValueColumn | ElementColumn;
}

/** A list inside a list, as JSON has them. */
export type ListValue = readonly (Scalar | ListValue)[];

/** A whole array, or a JSON array, equals this list, element by element. */
export interface ListPredicate {
  readonly kind: 'list';
  readonly column: ValueColumn | JsonColumn;
  readonly values: ListValue;
}

/** Of these values and lists any, or all, are among the elements of an array. At least one is asked for. */
export interface ContainsPredicate {
  readonly kind: 'contains';
  readonly mode: 'any' | 'all';
  readonly column: ValueColumn | JsonColumn;
  readonly values: ValueSet;
  /** Of JSON only. */
  readonly lists: readonly ListValue[];
}

/**
 * How many elements of a struct array the operand is TRUE of; its columns are sub-fields, whose values are those
 * of one element. Elements of which it is UNKNOWN do not count. UNKNOWN where the struct is null.
 */
export interface MatchPredicate {
  readonly kind: 'match';
  readonly quantifier: 'any' | 'all' | 'least' | 'most' | 'exact';
  /** Of `least`, `most` and `exact`. */
  readonly threshold: number;
  /** A sub-field, which is as long as the others in every row. */
  readonly fieldId: number;
  readonly operand: Predicate;
}

export type GeometryRelation =
  | 'equals'
  | 'touches'
  | 'overlaps'
  | 'crosses'
  | 'contains'
  | 'intersects'
  | 'within';

/** How a Geometry stands to a constant one, in WKB as storage has it. */
export interface GeometryPredicate {
  readonly kind: 'geometry';
  readonly column: ValueColumn;
  readonly test:
    | { readonly kind: GeometryRelation; readonly wkb: Uint8Array }
    /** No more than so many meters from a point. */
    | { readonly kind: 'dwithin'; readonly wkb: Uint8Array; readonly meters: number }
    | { readonly kind: 'isvalid' };
}

/** lower <= value moved by an interval <= upper: by months of the calendar first, then by microseconds. */
export interface ShiftedPredicate {
  readonly kind: 'shifted';
  readonly months: number;
  readonly micros: bigint;
  readonly range: RangePredicate;
}

export type Predicate =
  | ConstantPredicate
  | NotPredicate
  | LogicalPredicate
  | RangePredicate
  | MembershipPredicate
  | LikePredicate
  | RegexPredicate
  | PrefixPredicate
  | NullPredicate
  | ExistsPredicate
  | ArithmeticPredicate
  | ColumnsPredicate
  | ListPredicate
  | ContainsPredicate
  | MatchPredicate
  | GeometryPredicate
  | ShiftedPredicate;
