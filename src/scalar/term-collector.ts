/**
 * Distinct texts, numbered as they come: a hash table over one run of bytes, so that a million texts are not a
 * million objects. Open addressing, at most half full.
 */
const FIRST_BYTES = 65_536;
const FIRST_TERMS = 1024;

export class TermCollector {
  #bytes = new Uint8Array(FIRST_BYTES);
  #offsets = new Uint32Array(FIRST_TERMS + 1);
  #hashes = new Int32Array(FIRST_TERMS);
  #slots = new Int32Array(FIRST_TERMS * 2);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The number of the text bytes[start, end), which may be new. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(hash, bytes, { start, end });
    const known = this.#slots[slot]!;
    return known !== 0 ? known - 1 : this.#append(bytes, { start, end, hash });
  }

  /** The number of a text that was added. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#slotOf(hashOf(bytes, start, end), bytes, { start, end });
    return this.#slots[slot]! - 1;
  }

  /** Numbers of the texts in ascending order of their bytes. */
  sorted(): Uint32Array {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i);
    const prefixes = order.map((term) => this.#prefix(term));
    return order.sort((a, b) => prefixes[a]! - prefixes[b]! || this.#compare(a, b));
  }

  /** The texts of these numbers, one behind the other. */
  texts(order: Uint32Array): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
    const offsets = new Uint32Array(order.length + 1);
    const bytes = new Uint8Array(this.#offsets[this.#count]!);
    let end = 0;
    for (let i = 0; i < order.length; i++) {
      const term = order[i]!;
      const text = this.#bytes.subarray(this.#offsets[term], this.#offsets[term + 1]);
      bytes.set(text, end);
      end += text.length;
      offsets[i + 1] = end;
    }
    return { offsets, bytes };
  }

  #slotOf(
    hash: number,
    bytes: Uint8Array,
    { start, end }: { readonly start: number; readonly end: number },
  ): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.#slots[slot]!; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, bytes, start, end)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(term: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    let at = this.#offsets[term]!;
    if (this.#offsets[term + 1]! - at !== end - start) return false;
    for (let i = start; i < end; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  #append(
    bytes: Uint8Array,
    { start, end, hash }: { readonly start: number; readonly end: number; readonly hash: number },
  ): number {
    const term = this.#count;
    if (term === this.#hashes.length) this.#grow();
    const at = this.#offsets[term]!;
    const next = at + end - start;
    if (next > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(next, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let i = start, j = at; i < end; i++) this.#bytes[j++] = bytes[i]!;
    this.#offsets[term + 1] = next;
    this.#hashes[term] = hash;
    this.#count = term + 1;
    this.#place(term);
    return term;
  }

  #grow(): void {
    const length = this.#hashes.length * 2;
    const offsets = new Uint32Array(length + 1);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const hashes = new Int32Array(length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(length * 2);
    for (let term = 0; term < this.#count; term++) this.#place(term);
  }

  #place(term: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[term]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = term + 1;
  }

  /** The first four bytes: they settle most comparisons. */
  #prefix(term: number): number {
    const at = this.#offsets[term]!;
    const end = this.#offsets[term + 1]!;
    let prefix = 0;
    for (let i = 0; i < 4; i++) prefix = prefix * 256 + (at + i < end ? this.#bytes[at + i]! : 0);
    return prefix;
  }

  #compare(left: number, right: number): number {
    const bytes = this.#bytes;
    const start = this.#offsets[left]!;
    const other = this.#offsets[right]!;
    const leftLength = this.#offsets[left + 1]! - start;
    const rightLength = this.#offsets[right + 1]! - other;
    const length = Math.min(leftLength, rightLength);
    for (let i = 0; i < length; i++) {
      const order = bytes[start + i]! - bytes[other + i]!;
      if (order !== 0) return order;
    }
    return leftLength - rightLength;
  }
}

/** FNV-1a, finished so that short texts spread. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
