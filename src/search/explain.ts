/**
 * What a filter does, told by doing it: which conditions it became, in the order in which they are asked, which
 * segments they exclude without a look at a row, how many rows each was asked about and let through, and how long
 * that took. Rows are those that a read of the same moment sees; nothing that was found out before is used.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { Answers } from '../query/answer.ts';
import type { FilterSource } from '../query/evaluate.ts';
import { evaluateInSteps } from '../query/evaluate-steps.ts';
import { asksGeometry } from '../query/facts.ts';
import { loadGeometry } from '../query/geometry-relations.ts';
import type { Predicate } from '../query/predicate.ts';
import { printPredicate } from '../query/print-predicate.ts';
import type { Steps } from '../query/steps.ts';
import { bothTrue, eitherTrue, negation, type Truth, undecided } from '../query/truth.ts';
import type { Column } from '../schema/column.ts';
import type { Chunk, SegmentReader } from '../segments/segment.ts';
import { canMatchSegment, loadColumns } from './execute.ts';
import { answerByIndexes, fieldIdsLeft } from './filter-answers.ts';
import { sliceBits, sliceSource } from './mask.ts';
import type { ExplainedStep, Explanation, QueryPlan } from './plan.ts';
import type { Turn } from './read-context.ts';
import { inTurns } from './in-turns.ts';

/** Rows that a condition is asked of before the next one is; a multiple of 32. */
const PIECE_ROWS = 16_384;

/** A condition and what is known of it so far. */
interface Step {
  readonly predicate: Predicate;
  readonly operands: readonly Step[];
  readonly depth: number;
  prunedSegments: number;
  rowsAsked: number;
  rowsTrue: number;
  rowsUnknown: number;
  rowsIndexed: number;
  tookMs: number;
}

const NO_ANSWERS: Answers = new Map();

export async function explainFilter(
  plan: QueryPlan,
  segments: readonly SegmentReader[],
  turn: Turn,
): Promise<Explanation> {
  const predicate: Predicate = plan.filter?.predicate ?? { kind: 'constant', value: true };
  const root = stepOf(predicate, 0);
  const steps = flat(root);
  const found = { segments: 0, prunedSegments: 0, rows: 0, matched: 0, loadMs: 0 };
  if (asksGeometry({ predicate })) await loadGeometry();
  for (const segment of segments) {
    if (plan.partitionIds?.includes(segment.partitionId) === false) continue;
    found.segments++;
    for (const step of steps) {
      if (!canMatchSegment({ predicate: step.predicate }, segment)) step.prunedSegments++;
    }
    if (!canMatchSegment({ predicate }, segment)) {
      found.prunedSegments++;
      continue;
    }
    const visible = await segment.visible(plan.timestamp, plan.expiredBefore);
    for (const chunk of segment.chunks) {
      const { rowStart, rowCount } = chunk;
      const wanted =
        visible === null ? Bitmap.full(rowCount) : sliceBits(visible, rowStart, rowCount);
      const startedMs = turn.nowMs;
      const answers = plan.filter === null ? NO_ANSWERS : await answerByIndexes(plan, chunk, turn);
      const columns = await loadColumns(chunk, plan.schema, fieldIdsLeft({ predicate }, answers));
      found.loadMs += turn.nowMs - startedMs;
      found.rows += wanted.count();
      found.matched += await explainChunk(root, { chunk, columns, answers, wanted }, turn);
    }
  }
  return {
    ...found,
    ...(plan.filter?.sample === undefined ? {} : { sample: plan.filter.sample }),
    steps: steps.map((step) => shown(step, plan)),
  };
}

function stepOf(predicate: Predicate, depth: number): Step {
  const operands =
    predicate.kind === 'and' || predicate.kind === 'or'
      ? predicate.operands
      : predicate.kind === 'not'
        ? [predicate.operand]
        : [];
  return {
    predicate,
    operands: operands.map((operand) => stepOf(operand, depth + 1)),
    depth,
    prunedSegments: 0,
    rowsAsked: 0,
    rowsTrue: 0,
    rowsUnknown: 0,
    rowsIndexed: 0,
    tookMs: 0,
  };
}

function flat(step: Step): Step[] {
  return [step, ...step.operands.flatMap(flat)];
}

function shown(step: Step, { schema }: QueryPlan): ExplainedStep {
  const { predicate, operands: _, ...figures } = step;
  return { condition: printPredicate(predicate, schema), ...figures };
}

interface ChunkRows {
  readonly chunk: Chunk;
  readonly columns: ReadonlyMap<number, Column>;
  readonly answers: Answers;
  readonly wanted: Bitmap;
}

/** @returns rows that match */
async function explainChunk(
  root: Step,
  { chunk, columns, answers, wanted }: ChunkRows,
  turn: Turn,
): Promise<number> {
  const before = root.rowsTrue;
  for (let start = 0; start < chunk.rowCount; start += PIECE_ROWS) {
    const end = Math.min(chunk.rowCount, start + PIECE_ROWS);
    const source = sliceSource({ columns, answers }, start, end);
    const active = sliceBits(wanted, start, end - start).words;
    await inTurns(ask(root, { source, active, turn }), turn);
  }
  return root.rowsTrue - before;
}

interface Question {
  readonly source: FilterSource;
  /** Rows whose answer counts; those above the last are not among them. */
  readonly active: Uint32Array;
  readonly turn: Turn;
}

/** The answer to a condition, as evaluate.ts gives it, written down on the way. */
function* ask(step: Step, question: Question): Steps<Truth> {
  const { source, active } = question;
  const isWhole = step.operands.length === 0 || source.isAnswered?.(step.predicate) === true;
  const answer = yield* timed(
    step,
    isWhole ? evaluateInSteps(step.predicate, source, active) : askOperands(step, question),
    question,
  );
  step.rowsAsked += bits(active);
  if (source.isAnswered?.(step.predicate) === true) step.rowsIndexed += bits(active);
  step.rowsTrue += bits(active.map((word, i) => word & answer.truth[i]!));
  const { known } = answer;
  if (known !== null) step.rowsUnknown += bits(active.map((word, i) => word & ~known[i]!));
  return answer;
}

/** What others do between two steps is none of the condition's time. */
function* timed(step: Step, steps: Steps<Truth>, { turn }: Question): Steps<Truth> {
  for (;;) {
    const startedMs = turn.nowMs;
    const done = steps.next();
    step.tookMs += turn.nowMs - startedMs;
    if (done.done === true) return done.value;
    yield;
  }
}

function* askOperands({ predicate, operands }: Step, question: Question): Steps<Truth> {
  const [first, ...others] = operands;
  let answer = yield* ask(must(first ?? null, 'there is an operand'), question);
  if (predicate.kind === 'not') return negation(answer);
  const kind = predicate.kind === 'and' ? 'and' : 'or';
  for (const operand of others) {
    const active = undecided(kind, answer, question.active);
    const next = yield* ask(operand, { ...question, active });
    answer = kind === 'and' ? bothTrue(answer, next) : eitherTrue(answer, next);
  }
  return answer;
}

function bits(words: Uint32Array): number {
  return new Bitmap(words.length * 32, words).count();
}

/** What several parts of a collection say of the same filter. */
export function mergeExplanations(parts: readonly Explanation[]): Explanation | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const sum = (of: (part: Explanation) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    ...first,
    segments: sum((part) => part.segments),
    prunedSegments: sum((part) => part.prunedSegments),
    rows: sum((part) => part.rows),
    matched: sum((part) => part.matched),
    loadMs: sum((part) => part.loadMs),
    steps: first.steps.map((step, i) => {
      const stepSum = (of: (step: ExplainedStep) => number): number =>
        sum((part) => of(must(part.steps[i], 'parts explain the same filter')));
      return {
        ...step,
        prunedSegments: stepSum((one) => one.prunedSegments),
        rowsAsked: stepSum((one) => one.rowsAsked),
        rowsTrue: stepSum((one) => one.rowsTrue),
        rowsUnknown: stepSum((one) => one.rowsUnknown),
        rowsIndexed: stepSum((one) => one.rowsIndexed),
        tookMs: stepSum((one) => one.tookMs),
      };
    }),
  };
}
