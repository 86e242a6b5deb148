/**
 * Code without its comments and strings, so that rules can be simple patterns. Every character
 * stays at its place: what is taken out becomes spaces, and line ends are kept.
 */

/** Words after which a slash begins a regular expression and not a division. */
const BEFORE_REGEX =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield)$/;

interface Scan {
  readonly text: string;
  readonly out: string[];
  at: number;
}

/** @returns `text` with comments, the insides of strings, and regular expressions blanked */
export function blank(text: string): string {
  const scan: Scan = { text, out: Array.from({ length: text.length }, (_, i) => text[i]!), at: 0 };
  if (text.startsWith('#!')) erase(scan, lineEnd(text, 0));
  scanCode(scan, false);
  return scan.out.join('');
}

/** Scans code up to the end, or in a template up to the brace that closes the expression. */
function scanCode(scan: Scan, inTemplate: boolean): void {
  let depth = 0;
  while (scan.at < scan.text.length) {
    const char = scan.text[scan.at]!;
    const next = scan.text[scan.at + 1];
    if (char === '/' && next === '/') erase(scan, lineEnd(scan.text, scan.at));
    else if (char === '/' && next === '*') erase(scan, endOf(scan.text, '*/', scan.at + 2));
    else if (char === '"' || char === "'") scanString(scan, char);
    else if (char === '`') scanTemplate(scan);
    else if (char === '/' && regexMayStart(scan)) scanRegex(scan);
    else {
      if (char === '{') depth++;
      if (char === '}') {
        if (inTemplate && depth === 0) return;
        depth--;
      }
      scan.at++;
    }
  }
}

function scanString(scan: Scan, quote: string): void {
  let end = scan.at + 1;
  while (end < scan.text.length && scan.text[end] !== quote && scan.text[end] !== '\n') {
    end += scan.text[end] === '\\' ? 2 : 1;
  }
  scan.at++;
  erase(scan, end);
  scan.at++;
}

function scanTemplate(scan: Scan): void {
  scan.at++;
  while (scan.at < scan.text.length && scan.text[scan.at] !== '`') {
    if (scan.text[scan.at] === '\\') erase(scan, scan.at + 2);
    else if (scan.text.startsWith('${', scan.at)) {
      scan.at += 2;
      scanCode(scan, true);
      scan.at++;
    } else erase(scan, scan.at + 1);
  }
  scan.at++;
}

function regexMayStart(scan: Scan): boolean {
  const before = scan.out
    .slice(Math.max(0, scan.at - 40), scan.at)
    .join('')
    .trimEnd();
  if (before === '') return true;
  if (before.endsWith('++') || before.endsWith('--')) return false;
  return /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) || BEFORE_REGEX.test(before);
}

function scanRegex(scan: Scan): void {
  let end = scan.at + 1;
  let inClass = false;
  while (end < scan.text.length && scan.text[end] !== '\n') {
    const char = scan.text[end]!;
    if (char === '/' && !inClass) break;
    if (char === '[') inClass = true;
    if (char === ']') inClass = false;
    end += char === '\\' ? 2 : 1;
  }
  const flags = /^[a-z]*/.exec(scan.text.slice(end + 1))![0];
  erase(scan, end + 1 + flags.length);
}

function erase(scan: Scan, end: number): void {
  for (; scan.at < Math.min(end, scan.text.length); scan.at++) {
    if (scan.text[scan.at] !== '\n') scan.out[scan.at] = ' ';
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at + what.length;
}
