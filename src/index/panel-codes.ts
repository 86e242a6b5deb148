/**
 * Codes of float vectors that prove which of them need no look: what an exact scan keeps beside the vectors.
 *
 * A row's code has, for each element, round(value / scale) + 128, where the largest value becomes 127; times
 * its scale it is x', the vector again but for a known error. With COSINE x is the vector at length 1.
 * For a query q with code q' the product is at most q'.x' + |q| x error + (|q - q'| + rounding) x length.
 *
 * Sixteen rows make a panel: four elements of each row behind each other, then the next four. A row has
 *
 *   code     dim rounded up to 4  u8   128 where there is no element and no row
 *   scale                         f32
 *   error                         f32  at least |x - x'|; infinite where codes say nothing of a vector
 *   length                        f32  at least |x'| + error
 *   half                          f32  L2 only: at most |x|^2 / 2
 *
 * native/src/flat_kernels.h and flat_image.h read them.
 */

export type PanelMetric = 'L2' | 'IP' | 'COSINE';

export const PANEL_ROWS = 16;
const PANEL_ELEMENTS = 4;
const CODE_ZERO = 128;
const CODE_MAX = 127;
/** Squared lengths between which float32 holds all that is computed of a vector. */
const SQUARE_MIN = 2 ** -80;
const SQUARE_MAX = 2 ** 80;
/** A float64 times this is above itself as float32, its own error included; and below. */
const UP = 1 + 2 ** -20;
const DOWN = 1 - 2 ** -20;

/** Bytes of a code. */
export function panelStride(dim: number): number {
  return Math.ceil(dim / PANEL_ELEMENTS) * PANEL_ELEMENTS;
}

/** Rows with those that fill the last panel. */
export function paddedRows(rowCount: number): number {
  return Math.ceil(rowCount / PANEL_ROWS) * PANEL_ROWS;
}

/** Where codes are written: zeroed, and as long as whole panels need. */
export interface Panels {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly errors: Float32Array;
  readonly lengths: Float32Array;
  /** Empty unless the metric is L2. */
  readonly halves: Float32Array;
}

/** Fills panels, any row at a time. */
export class PanelWriter {
  readonly #metric: PanelMetric;
  readonly #dim: number;
  readonly #stride: number;
  readonly #panels: Panels;

  constructor(metric: PanelMetric, dim: number, panels: Panels) {
    this.#metric = metric;
    this.#dim = dim;
    this.#stride = panelStride(dim);
    this.#panels = panels;
    panels.codes.fill(CODE_ZERO);
  }

  encode(values: Float32Array, row: number): void {
    const dim = this.#dim;
    let square = 0;
    let largest = 0;
    for (let i = 0; i < dim; i++) {
      square += values[i]! * values[i]!;
      largest = Math.max(largest, Math.abs(values[i]!));
    }
    if (square === 0) return;
    // NaN, too, says nothing.
    if (!(square >= SQUARE_MIN && square <= SQUARE_MAX)) {
      this.#panels.errors[row] = Number.POSITIVE_INFINITY;
      return;
    }
    const unit = this.#metric === 'COSINE' ? 1 / Math.sqrt(square) : 1;
    this.#panels.scales[row] = Math.fround((largest * unit) / CODE_MAX);
    this.#writeCode(values, row, unit);
    if (this.#metric === 'L2') this.#panels.halves[row] = (square / 2) * DOWN;
  }

  #writeCode(values: Float32Array, row: number, unit: number): void {
    const { codes, scales, errors, lengths } = this.#panels;
    const scale = scales[row]!;
    const lane = row % PANEL_ROWS;
    const start = (row - lane) * this.#stride + lane * PANEL_ELEMENTS;
    let error = 0;
    let square = 0;
    for (let i = 0; i < this.#dim; i++) {
      const element = values[i]! * unit;
      const code = Math.max(-CODE_MAX, Math.min(CODE_MAX, Math.round(element / scale)));
      const group = (i >>> 2) * PANEL_ROWS * PANEL_ELEMENTS;
      codes[start + group + (i & 3)] = code + CODE_ZERO;
      const decoded = scale * code;
      error += (element - decoded) * (element - decoded);
      square += decoded * decoded;
    }
    const known = Math.sqrt(error) * UP;
    errors[row] = known;
    lengths[row] = (Math.sqrt(square) + known) * UP;
  }
}
