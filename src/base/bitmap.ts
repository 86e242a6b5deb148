/**
 * Dense bitmap over row offsets: validity, filter masks and delete bitmaps.
 * Bit i lives in words[i >> 5], least significant first; bits at and above `length` are zero.
 */

/** Of offsets, so many are few. */
const FEW = 1024;

export class Bitmap {
  readonly length: number;
  readonly words: Uint32Array;

  /** @param words exactly ceil(length / 32) words; a fresh zeroed array when left out */
  constructor(length: number, words: Uint32Array = new Uint32Array((length + 31) >>> 5)) {
    this.length = length;
    this.words = words;
  }

  static full(length: number): Bitmap {
    const bitmap = new Bitmap(length);
    bitmap.words.fill(0xffffffff);
    bitmap.trim();
    return bitmap;
  }

  get(index: number): boolean {
    return ((this.words[index >>> 5]! >>> (index & 31)) & 1) === 1;
  }

  set(index: number): void {
    this.words[index >>> 5]! |= 1 << (index & 31);
  }

  clear(index: number): void {
    this.words[index >>> 5]! &= ~(1 << (index & 31));
  }

  /** Sets all bits of [start, end). */
  setRange(start: number, end: number): void {
    for (let i = start; i < end; ) {
      if ((i & 31) === 0 && end - i >= 32) {
        this.words[i >>> 5] = 0xffffffff;
        i += 32;
      } else this.set(i++);
    }
  }

  clone(): Bitmap {
    return new Bitmap(this.length, this.words.slice());
  }

  /** In place: this = this AND other. */
  and(other: Bitmap): this {
    for (let i = 0; i < this.words.length; i++) this.words[i]! &= other.words[i]!;
    return this;
  }

  /** In place: this = this OR other. */
  or(other: Bitmap): this {
    for (let i = 0; i < this.words.length; i++) this.words[i]! |= other.words[i]!;
    return this;
  }

  /** In place: this = this AND NOT other. */
  andNot(other: Bitmap): this {
    for (let i = 0; i < this.words.length; i++) this.words[i]! &= ~other.words[i]!;
    return this;
  }

  /** In place: this = NOT this. */
  not(): this {
    for (let i = 0; i < this.words.length; i++) this.words[i] = ~this.words[i]!;
    this.trim();
    return this;
  }

  count(): number {
    let total = 0;
    for (const word of this.words) {
      let w = word - ((word >>> 1) & 0x55555555);
      w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
      total += Math.imul((w + (w >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return total;
  }

  /** The offsets of all set bits, ascending, at most `limit` of them. */
  toOffsets(limit: number = Number.POSITIVE_INFINITY): Uint32Array {
    // Room for a few is made sooner than it is known how many there are.
    const length = limit <= FEW ? limit : Math.min(limit, this.count());
    const offsets = new Uint32Array(length);
    let n = 0;
    for (let w = 0; w < this.words.length && n < offsets.length; w++) {
      let word = this.words[w]!;
      while (word !== 0 && n < offsets.length) {
        const bit = 31 - Math.clz32(word & -word);
        offsets[n++] = (w << 5) + bit;
        word &= word - 1;
      }
    }
    return n === length ? offsets : offsets.slice(0, n);
  }

  private trim(): void {
    const spare = this.length & 31;
    if (spare !== 0) this.words[this.words.length - 1]! &= (1 << spare) - 1;
  }
}
