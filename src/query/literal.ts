/**
 * Constants as Milvus's grammar writes them, read and written.
 *
 * - Integers: decimal, octal with a leading 0, 0x…, 0b…; at most 2^63, which only a minus sign makes legal.
 * - Floating: `1.`, `.5`, `1e3`, `0x1.8p3`; one that overflows a double is refused.
 * - Text: Go's escapes (`\a \b \f \n \r \t \v \\ \' \" \xHH \ooo \uXXXX \UXXXXXXXX`), where \x and octal
 *   write bytes of UTF-8; raw text `r"…"` keeps every backslash.
 */
import { isUtf8 } from 'node:buffer';
import type { Literal } from './ast.ts';

/** Magnitude of the least int64: legal only behind a minus sign. */
export const INT64_LIMIT: bigint = 1n << 63n;
export const INT64_MAX: bigint = INT64_LIMIT - 1n;
export const INT64_MIN: bigint = -INT64_LIMIT;

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = Object.freeze({
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
});

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** An integer token. The lexer has checked its digits. */
export function readInteger(token: string): bigint {
  const first = token.charCodeAt(0);
  if (first !== 48 || token.length === 1) {
    // Up to 15 digits a number is exact, and BigInt of a number is far cheaper than of text.
    return token.length <= 15 ? BigInt(Number(token)) : BigInt(token);
  }
  const second = token.charCodeAt(1) | 32;
  if (second === 120 || second === 98) return BigInt(token.toLowerCase());
  return BigInt(`0o${token.slice(1)}`);
}

/** A floating token. @returns null when it is too large for a double */
export function readFloating(token: string): number | null {
  const second = token.length > 1 ? token.charCodeAt(1) | 32 : 0;
  const value =
    token.charCodeAt(0) === 48 && second === 120 ? readHexFloating(token) : Number(token);
  return Number.isFinite(value) ? value : null;
}

function readHexFloating(token: string): number {
  const exponentAt = token.toLowerCase().indexOf('p');
  const [whole = '', fraction = ''] = token.slice(2, exponentAt).split('.');
  const digits = BigInt(`0x${whole}${fraction}`);
  const exponent = Number(token.slice(exponentAt + 1)) - 4 * fraction.length;
  return scale(digits, exponent);
}

/** digits x 2^exponent, rounded once to the nearest double, ties to even. */
function scale(digits: bigint, exponent: number): number {
  if (digits === 0n) return 0;
  const bits = digits.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Number.POSITIVE_INFINITY;
  if (top < -1080) return 0;
  // A double keeps 53 bits, fewer below 2^-1022: drop the rest by hand, so that nothing rounds twice.
  const drop = Math.max(bits - 53, -1074 - exponent, 0);
  const kept = digits >> BigInt(drop);
  const rest = digits - (kept << BigInt(drop));
  const half = drop === 0 ? 0n : 1n << BigInt(drop - 1);
  const up = drop > 0 && (rest > half || (rest === half && (kept & 1n) === 1n));
  const mantissa = Number(up ? kept + 1n : kept);
  const power = exponent + drop;
  return power < -1000 ? mantissa * 2 ** (power + 1000) * 2 ** -1000 : mantissa * 2 ** power;
}

/** Why a text literal is refused, and where in it. */
export interface BadEscape {
  readonly offset: number;
  readonly escape: string;
}

/** The text between the quotes, escapes replaced. `body` holds no unescaped quote. */
export function readText(body: string): string | BadEscape {
  if (!body.includes('\\')) return body;
  let out = '';
  let bytes: number[] = [];
  for (let i = 0; i < body.length; ) {
    if (body.charCodeAt(i) !== 92) {
      out += flushBytes(bytes);
      bytes = [];
      const next = body.indexOf('\\', i);
      out += body.slice(i, next < 0 ? body.length : next);
      i = next < 0 ? body.length : next;
      continue;
    }
    const escape = readEscape(body, i);
    if (escape === null) return { offset: i, escape: body.slice(i, i + 2) };
    if (escape.isByte) bytes.push(escape.code);
    else {
      out += flushBytes(bytes) + String.fromCodePoint(escape.code);
      bytes = [];
    }
    i += escape.length;
  }
  return out + flushBytes(bytes);
}

function flushBytes(bytes: readonly number[]): string {
  return bytes.length === 0 ? '' : decoder.decode(Uint8Array.from(bytes));
}

interface Escape {
  readonly code: number;
  readonly length: number;
  /** Written as a byte of UTF-8 rather than as a character. */
  readonly isByte: boolean;
}

function readEscape(body: string, at: number): Escape | null {
  const letter = body[at + 1] ?? '';
  const simple = Object.hasOwn(SIMPLE_ESCAPES, letter) ? SIMPLE_ESCAPES[letter] : undefined;
  if (simple !== undefined) return { code: simple, length: 2, isByte: false };
  if (letter >= '0' && letter <= '7') {
    const code = digitsAt(body, at + 1, 3, 8);
    return code === null || code > 255 ? null : { code, length: 4, isByte: true };
  }
  const width = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  const code = width === 0 ? null : digitsAt(body, at + 2, width, 16);
  if (code === null || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
  return { code, length: 2 + width, isByte: letter === 'x' };
}

function digitsAt(body: string, at: number, width: number, radix: number): number | null {
  const digits = body.slice(at, at + width);
  if (digits.length !== width) return null;
  const legal = radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  return legal.test(digits) ? Number.parseInt(digits, radix) : null;
}

/** A key between quotes in `f["key"]`: as text, but an escape that means nothing stays as it is. */
export function readKey(body: string): string {
  const text = readText(body);
  return typeof text === 'string' ? text : body;
}

/** The pattern of `=~`: only `\\` and the escaped quote are replaced, all else is the pattern's. */
export function readRegexText(body: string, quote: string): string {
  let out = '';
  for (let i = 0; i < body.length; i++) {
    const letter = body[i]!;
    const next = body[i + 1];
    if (letter === '\\' && (next === '\\' || next === quote)) {
      out += next;
      i++;
    } else out += letter;
  }
  return out;
}

/** A constant as source text that reads back as the same constant. */
export function printLiteral(value: Literal): string {
  if (typeof value === 'string') return printText(value);
  if (typeof value !== 'number') return String(value);
  const text = Object.is(value, -0) ? '-0.0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function printText(value: string): string {
  let out = '"';
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 34 || code === 92) out += `\\${value[i]}`;
    else if (code < 32) out += `\\u${code.toString(16).padStart(4, '0')}`;
    else out += value[i];
  }
  return `${out}"`;
}

/** A regular expression's pattern as source text; see readRegexText. */
export function printRegexText(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The text of UTF-8; null when the bytes are none. */
export function textOfUtf8(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? decoder.decode(bytes) : null;
}

/** UTF-8 of a text; a lone surrogate becomes U+FFFD, as it does in every column. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
