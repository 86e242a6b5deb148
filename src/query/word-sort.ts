/**
 * Ascending order of 64-bit numbers by their digits of 16 bits, least significant first: work that is known
 * beforehand and can be done in pieces, where sorting at once would hold the thread.
 */
import { nativeAddon } from '../base/native.ts';
import type { NativeAddon } from '../base/native.ts';

const DIGITS = 4;
const DIGIT_COUNT = 65_536;

export class WordSort {
  /** Units of work: `run` is to be called on consecutive pieces of [0, work). */
  readonly work: number;
  private readonly count: number;
  private readonly isFloating: boolean;
  private from: Int32Array;
  private to: Int32Array;
  private readonly given: Int32Array;
  /** Counts by digit, which become places. */
  private readonly counts = new Uint32Array(DIGITS * DIGIT_COUNT);
  private readonly places: readonly Uint32Array[];
  private readonly addon: NativeAddon | null;

  /**
   * @param values  sorted in place; doubles have no NaN and no -0 among them
   * @param addon  null: the twin of the native kernels
   */
  constructor(values: BigInt64Array | Float64Array, addon: NativeAddon | null = nativeAddon()) {
    this.addon = addon;
    this.count = values.length;
    // One pass counts, one for each digit moves, the last brings everything home.
    this.work = this.count * (DIGITS + 2);
    this.isFloating = values instanceof Float64Array;
    this.given = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    this.from = this.given;
    this.to = new Int32Array(this.given.length);
    this.places = Array.from({ length: DIGITS }, (_, digit) =>
      this.counts.subarray(digit * DIGIT_COUNT, (digit + 1) * DIGIT_COUNT),
    );
  }

  run(start: number, end: number): void {
    for (let at = start; at < end; ) {
      const pass = Math.floor(at / this.count);
      const passStart = pass * this.count;
      const stop = Math.min(end, passStart + this.count);
      if (pass === 0) this.countDigits(at, stop);
      else if (pass <= DIGITS) {
        if (at === passStart) this.beginPass(pass - 1);
        this.move(pass - 1, at - passStart, stop - passStart);
        if (stop === passStart + this.count) this.endPass();
      } else this.bringHome(at - passStart, stop - passStart);
      at = stop;
    }
  }

  /** Turns numbers into words whose unsigned order is theirs, and counts the digits. */
  private countDigits(start: number, end: number): void {
    const { from, isFloating, counts } = this;
    if (this.addon !== null) {
      this.addon.countDigits(from, Number(isFloating), counts, start, end);
      return;
    }
    const [first, second, third, fourth] = this.places as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ];
    for (let i = start * 2; i < end * 2; i += 2) {
      let low = from[i]!;
      let high = from[i + 1]!;
      if (isFloating && high < 0) {
        low = ~low;
        high = ~high;
      } else high ^= 0x80000000;
      from[i] = low;
      from[i + 1] = high;
      first[low & 0xffff]!++;
      second[low >>> 16]!++;
      third[high & 0xffff]!++;
      fourth[high >>> 16]!++;
    }
  }

  /** Counts become the places where each digit's numbers begin. */
  private beginPass(digit: number): void {
    const places = this.places[digit]!;
    let next = 0;
    for (let i = 0; i < DIGIT_COUNT; i++) {
      const count = places[i]!;
      places[i] = next;
      next += count;
    }
  }

  private move(digit: number, start: number, end: number): void {
    const { from, to } = this;
    const places = this.places[digit]!;
    if (this.addon !== null) {
      this.addon.moveByDigit(from, to, digit, places, start, end);
      return;
    }
    const word = digit >>> 1;
    const shift = (digit & 1) * 16;
    for (let i = start * 2; i < end * 2; i += 2) {
      const place = places[(from[i + word]! >>> shift) & 0xffff]!++ * 2;
      to[place] = from[i]!;
      to[place + 1] = from[i + 1]!;
    }
  }

  private endPass(): void {
    const { from } = this;
    this.from = this.to;
    this.to = from;
  }

  private bringHome(start: number, end: number): void {
    const { from, given, isFloating } = this;
    if (this.addon !== null) {
      this.addon.bringHome(from, given, Number(isFloating), start, end);
      return;
    }
    for (let i = start * 2; i < end * 2; i += 2) {
      const low = from[i]!;
      const high = from[i + 1]!;
      const wasNegative = isFloating && high >= 0;
      given[i] = wasNegative ? ~low : low;
      given[i + 1] = wasNegative ? ~high : high ^ 0x80000000;
    }
  }
}
