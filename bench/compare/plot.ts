/** Curves of recall against speed, as an SVG picture that reads on light and dark pages. */
import type { EngineResult } from './comparison.ts';

const WIDTH = 860;
const HEIGHT = 460;
const LEFT = 70;
const RIGHT = 250;
const TOP = 20;
const BOTTOM = 50;
const COLOURS = [
  '#c2410c',
  '#f59e0b',
  '#2563eb',
  '#16a34a',
  '#9333ea',
  '#0891b2',
  '#64748b',
  '#be123c',
  '#854d0e',
  '#0f766e',
];
/** Recalls drawn as lines; the axis is the logarithm of what is missing. */
const RECALL_TICKS = [0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995];
const MISSING_MOST = 0.12;
const MISSING_LEAST = 0.0003;

interface Curve {
  readonly name: string;
  readonly points: ReadonlyArray<{ readonly recall: number; readonly speed: number }>;
}

export function curvesOf(engines: readonly EngineResult[]): Curve[] {
  return engines.map(({ name, points }) => ({
    name,
    points: points
      .filter(({ share, batch }) => share === null && batch === 1)
      .map(({ recall, queriesASecond }) => ({ recall, speed: queriesASecond }))
      .filter(({ recall }) => 1 - recall <= MISSING_MOST),
  }));
}

export function plot(title: string, curves: readonly Curve[]): string {
  const speeds = curves.flatMap(({ points }) => points.map(({ speed }) => speed));
  const least = 10 ** Math.floor(Math.log10(Math.min(...speeds)));
  const most = 10 ** Math.ceil(Math.log10(Math.max(...speeds)));
  const x = (recall: number): number => {
    const missing = Math.max(MISSING_LEAST, 1 - recall);
    const span = Math.log(MISSING_MOST) - Math.log(MISSING_LEAST);
    const portion = (Math.log(MISSING_MOST) - Math.log(missing)) / span;
    return LEFT + portion * (WIDTH - LEFT - RIGHT);
  };
  const y = (speed: number): number => {
    const portion = (Math.log(speed) - Math.log(least)) / (Math.log(most) - Math.log(least));
    return HEIGHT - BOTTOM - portion * (HEIGHT - TOP - BOTTOM);
  };
  const lines: string[] = [];
  for (const recall of RECALL_TICKS) {
    lines.push(line(x(recall), TOP, x(recall), HEIGHT - BOTTOM));
    lines.push(label(x(recall), HEIGHT - BOTTOM + 18, String(recall), 'middle'));
  }
  for (let speed = least; speed <= most; speed *= 10) {
    lines.push(line(LEFT, y(speed), WIDTH - RIGHT, y(speed)));
    lines.push(label(LEFT - 8, y(speed) + 4, speed.toLocaleString('en'), 'end'));
  }
  for (const [i, { name, points }] of curves.entries()) {
    const colour = COLOURS[i % COLOURS.length]!;
    const path = points.map(({ recall, speed }) => `${round(x(recall))},${round(y(speed))}`);
    lines.push(
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    );
    for (const at of path) {
      const [cx, cy] = at.split(',');
      lines.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    }
    const top = TOP + 14 + i * 22;
    lines.push(
      `<rect x="${WIDTH - RIGHT + 20}" y="${top - 9}" width="12" height="12" fill="${colour}"/>`,
    );
    lines.push(label(WIDTH - RIGHT + 38, top + 2, name, 'start'));
  }
  const middle = LEFT + (WIDTH - LEFT - RIGHT) / 2;
  lines.push(label(middle, HEIGHT - 8, 'recall@10', 'middle'));
  lines.push(label(LEFT, TOP - 6, 'queries a second, one thread, one query a call', 'start'));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ` +
    `font-family="system-ui, sans-serif" font-size="12">\n<title>${title}</title>\n${lines.join('\n')}\n</svg>\n`
  );
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const at = [x1, y1, x2, y2].map(round);
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="#94a3b8" stroke-opacity="0.35"/>`;
}

function label(x: number, y: number, text: string, anchor: string): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#64748b">${text}</text>`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
