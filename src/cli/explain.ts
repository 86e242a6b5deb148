/** `mlite explain`: what a filter does to a collection, read without changing it. */
import { openDatabase } from '../core/open.ts';
import type { Explanation, ExplainedStep } from '../core/requests.ts';
import { formatCount, formatDuration, formatNumber, formatTable } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Of a collection that is named without one. */
const DEFAULT_DATABASE = 'default';

export interface ExplainReport extends Explanation {
  readonly database: string;
  readonly collection: string;
  readonly filter: string;
}

export interface ExplainOptions {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly path: string;
  /** `collection`, or `database.collection`. */
  readonly collection: string;
  readonly filter: string;
}

export async function runExplain(options: ExplainOptions): Promise<ExplainReport> {
  const { terminal, path, filter, signal } = options;
  const names = options.collection.split('.');
  const [collectionName = '', databaseName = DEFAULT_DATABASE] = names.toReversed();
  const database = await openDatabase(path, { readOnly: true });
  try {
    const request = { databaseName, collectionName, filter };
    const explanation = await database.service.explain(request, { signal });
    const report = { database: databaseName, collection: collectionName, filter, ...explanation };
    terminal.json(report);
    for (const line of explanationLines(report)) terminal.line(line);
    return report;
  } finally {
    await database.close();
  }
}

function explanationLines(report: ExplainReport): string[] {
  const { segments, prunedSegments, rows, matched, loadMs, sample, steps } = report;
  const pruned = `${formatCount(prunedSegments)} of ${formatNumber(segments, 'segment')} excluded by zones`;
  const table = formatTable(
    ['condition', 'segments excluded', 'rows asked', 'true', 'unknown', 'took'],
    steps.map(stepCells),
  );
  return [
    `${report.database}.${report.collection}: ${formatNumber(matched, 'row')} of ${formatCount(rows)} match`,
    `${pruned}, columns read in ${formatDuration(loadMs)}`,
    ...(sample === undefined ? [] : [`of the rows that match ${sample * 100} % are taken`]),
    '',
    ...table,
  ];
}

function stepCells(step: ExplainedStep): (string | number)[] {
  const { condition, depth, prunedSegments, rowsAsked, rowsTrue, rowsUnknown, tookMs } = step;
  const indented = '  '.repeat(depth) + condition;
  return [indented, prunedSegments, rowsAsked, rowsTrue, rowsUnknown, formatDuration(tookMs)];
}
