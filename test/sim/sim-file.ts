/**
 * A file of a SimDisk: what the running program sees, what a power loss leaves, and the changes in between.
 * Contents are shared with images and with pending changes, and copied when they are written.
 */
import { applyData, type Content, type DataChange } from './crash-point.ts';

export class SimFile {
  readonly id: number;
  live: Uint8Array;
  byteLength: number;
  /** Bytes of `live` below this are shared with an image; Infinity: all of the buffer is. */
  sharedBytes: number;
  durable: Content;
  pending: DataChange[] = [];
  /** A failed sync lost something: what is live will not be durable any more. */
  isDiverged = false;
  modifiedMs = 0;

  constructor(id: number, content: Content) {
    this.id = id;
    this.live = content.bytes;
    this.byteLength = content.byteLength;
    this.sharedBytes = Number.POSITIVE_INFINITY;
    this.durable = content;
  }

  /** Makes [offset, end) writable in `live`. */
  own(offset: number, end: number): void {
    if (offset >= this.sharedBytes && end <= this.live.length) return;
    const grown = new Uint8Array(
      end <= this.live.length ? this.live.length : Math.max(end, this.byteLength * 2, 256),
    );
    grown.set(this.live.subarray(0, this.byteLength));
    this.live = grown;
    this.sharedBytes = 0;
  }

  write(number: number, bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (offset === 0 && this.byteLength === 0) {
      // Most files are written in one piece, and a pending change never changes: share it.
      this.live = bytes;
      this.sharedBytes = Number.POSITIVE_INFINITY;
    } else {
      this.own(Math.min(offset, this.byteLength), end);
      if (offset > this.byteLength) this.live.fill(0, this.byteLength, offset);
      this.live.set(bytes, offset);
    }
    this.byteLength = Math.max(this.byteLength, end);
    this.pending.push({ kind: 'write', number, file: this.id, offset, bytes });
  }

  truncate(number: number, byteLength: number): void {
    this.own(Math.min(byteLength, this.byteLength), Math.max(byteLength, this.byteLength));
    this.live.fill(0, Math.min(byteLength, this.byteLength), this.live.length);
    this.byteLength = byteLength;
    this.pending.push({ kind: 'truncate', number, file: this.id, byteLength });
  }

  /** Makes the first `count` pending changes durable. */
  sync(count: number): void {
    if (count === this.pending.length && !this.isDiverged) {
      if (count > 0) this.durable = { bytes: this.live, byteLength: this.byteLength };
      this.sharedBytes = Math.max(this.sharedBytes, this.byteLength);
      this.pending = [];
      return;
    }
    const changes = this.pending.slice(0, count).map((change) => [change, 'kept'] as const);
    this.durable = applyData(this.durable, changes);
    this.pending = this.pending.slice(count);
  }

  lose(count: number): void {
    this.pending = this.pending.slice(count);
    this.isDiverged = true;
  }
}
