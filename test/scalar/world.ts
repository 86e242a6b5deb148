/** Indexes over columns of plain values, and filters asked with and without them. */
import { must } from '../../src/base/assert.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { type Answer, conditionsOf } from '../../src/query/answer.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import type { Predicate } from '../../src/query/predicate.ts';
import type { IndexedColumn } from '../../src/scalar/indexed-column.ts';
import { answerOf } from '../../src/scalar/predicate-answer.ts';
import { buildScalarIndex } from '../../src/scalar/scalar-build.ts';
import { checkScalarIndex, scalarBuild } from '../../src/scalar/scalar-definition.ts';
import { openScalarIndex, type ScalarIndex } from '../../src/scalar/scalar-index.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { findField } from '../../src/schema/fields.ts';
import { DYNAMIC_SCHEMA, type Rows, sourceOf } from '../query/columns.ts';

export interface Definition {
  readonly field: string;
  readonly params: Readonly<Record<string, string>>;
}

export function imageOf({ field: name, params }: Definition, rows: Rows): Uint8Array {
  const source = sourceOf(rows);
  const field = must(findField(DYNAMIC_SCHEMA, name), 'the field is there');
  const checked = checkScalarIndex({ field, fieldName: name }, params, DYNAMIC_SCHEMA);
  const { structure, parameters, json } = scalarBuild(field, checked.params, DYNAMIC_SCHEMA);
  const column = source.column(field.id);
  const { rowCount } = source;
  const control = newBuildControl();
  const kind = 'build-scalar-index';
  const task = { kind, structure, parameters, json, column, rowCount, control } as const;
  return must(buildScalarIndex(task), 'nobody cancels');
}

export function indexOf(definition: Definition, rows: Rows): IndexedColumn {
  const field = must(findField(DYNAMIC_SCHEMA, definition.field), 'the field is there');
  const { params } = checkScalarIndex(
    { field, fieldName: definition.field },
    definition.params,
    DYNAMIC_SCHEMA,
  );
  const { json } = scalarBuild(field, params, DYNAMIC_SCHEMA);
  const rowCount = Object.values(rows)[0]?.length ?? 0;
  const index: ScalarIndex = openScalarIndex(imageOf(definition, rows), rowCount);
  const isArray = field.type === DataType.Array;
  return { fieldId: field.id, json, isArray, index, isColumnAtHand: false };
}

export interface Asked {
  /** Rows of which the filter is TRUE by the columns alone, and by the index. */
  readonly scanned: number[];
  readonly indexed: number[];
  readonly answers: readonly Answer[];
  /** Whether a column was looked at although there was an index. */
  readonly readsColumn: boolean;
}

/** Asks a filter with and without an index. */
export function ask(text: string, rows: Rows, column: IndexedColumn): Asked {
  const filter = compileFilter(text, DYNAMIC_SCHEMA);
  const source = sourceOf(rows);
  const answers = new Map<Predicate, Answer>();
  for (const condition of conditionsOf(filter.predicate)) {
    const answer = answerOf(condition, column);
    if (answer !== null) answers.set(condition, answer);
  }
  let readsColumn = false;
  const indexed = evaluateFilter(filter, {
    rowCount: source.rowCount,
    column(fieldId): Column {
      readsColumn = true;
      return source.column(fieldId);
    },
    answer(condition) {
      const answer = answers.get(condition);
      return answer === undefined ? null : { ...answer, truth: answer.truth.slice() };
    },
    isAnswered: (condition) => answers.has(condition),
  });
  const scanned = evaluateFilter(filter, source);
  return {
    scanned: [...scanned.toOffsets()],
    indexed: [...indexed.toOffsets()],
    answers: [...answers.values()],
    readsColumn,
  };
}
