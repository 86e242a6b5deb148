/** YAML as Milvus's configuration is written in: maps in maps, whose leaves are named by their path. */
import { LineCounter, parseDocument } from 'yaml';

/** Nesting that is read; Milvus's own file has six. */
const DEPTH_MAX = 16;
/** Leaves; Milvus's own file has about 800. */
const LEAVES_MAX = 10_000;

/** What is wrong with a text, with its line. */
export class NotYaml extends Error {
  override readonly name = 'NotYaml';
}

/**
 * @returns texts by path: `proxy.port` → `19530`; a list is its members joined by commas; a key without
 *   a value is none: Milvus's own file has `ip:` with nothing but a comment behind it
 * @throws NotYaml
 */
export function yamlLeaves(text: string): Map<string, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', merge: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw new NotYaml(`line ${line}: ${error.message.split('\n')[0] ?? ''}`);
  }
  const leaves = new Map<string, string>();
  try {
    addLeaves(document.toJS({ maxAliasCount: 100 }), [], leaves);
  } catch (failure) {
    // Aliases that stand for more than anybody writes.
    if (failure instanceof ReferenceError) throw new NotYaml(failure.message);
    throw failure;
  }
  return leaves;
}

function addLeaves(value: unknown, path: readonly string[], leaves: Map<string, string>): void {
  if (path.length > DEPTH_MAX || leaves.size >= LEAVES_MAX) {
    throw new NotYaml(`more than a configuration has, at ${path.join('.')}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, member] of Object.entries(value)) addLeaves(member, [...path, key], leaves);
  } else if (value !== null && value !== undefined) {
    if (path.length === 0) throw new NotYaml('the file is no map of keys');
    leaves.set(path.join('.'), leafText(value));
  }
}

function leafText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(leafText).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
