/**
 * Values of an answer as JSON text: bigint exactly, floats of 32 bits with the fewest digits that tell them
 * apart (`0.1`, as Go writes them), bytes in base64. What is undefined is left out.
 */

/** Characters of a piece; enough for the socket, little enough for one turn. */
const PIECE_CHARACTERS = 64 * 1024;

/** An object whose `data` may be long, in pieces. */
export function* jsonPieces(
  answer: Readonly<Record<string, unknown>>,
): Generator<string, undefined> {
  let piece = '';
  let separator = '{';
  for (const [key, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    piece += `${separator}${JSON.stringify(key)}:`;
    separator = ',';
    if (!Array.isArray(value)) {
      piece += jsonText(value);
      continue;
    }
    let memberSeparator = '[';
    for (const member of value) {
      piece += memberSeparator + jsonText(member);
      memberSeparator = ',';
      if (piece.length >= PIECE_CHARACTERS) {
        yield piece;
        piece = '';
      }
    }
    piece += value.length === 0 ? '[]' : ']';
  }
  yield `${piece}${separator === '{' ? '{' : ''}}`;
  return undefined;
}

export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return 'null';
  }
}

function objectText(value: object): string {
  if (value instanceof Float32Array) return floatsText(value);
  if (value instanceof Uint8Array || value instanceof Int8Array) {
    const { buffer, byteOffset, byteLength } = value;
    return `"${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}"`;
  }
  if (ArrayBuffer.isView(value)) return `[${(value as Float64Array).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${jsonText(member)}`);
  }
  return `{${members.join(',')}}`;
}

function floatsText(values: Float32Array): string {
  let text = '[';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ',';
    text += String(shortFloat(values[i] ?? 0));
  }
  return `${text}]`;
}

/** Has as few digits as it can. */
const SHORT_INTEGER_MAX = 1e6;

/** The double with the fewest digits that is this float of 32 bits. */
export function shortFloat(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) <= SHORT_INTEGER_MAX) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
