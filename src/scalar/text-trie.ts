/**
 * Texts as a trie whose edges have several bytes: texts that begin alike share what they begin with. Nodes stand
 * in the order in which texts ascend, a node before those below it, so that the texts below a node are a run of
 * ranks. Section `nodes`, for n nodes:
 *
 *   0        u32  n
 *   4        u32  of each node and one more: where its edge begins among the bytes of all edges
 *   4(n+2)   u32  of each node and one more: the rank of the first text that is at it or below
 *   4(2n+3)  u32  of each node: the node behind those below it; n at most
 *   4(3n+3)  u8   bytes of the edges
 *
 * The root is node 0; its edge is what all texts begin with. No other edge is empty. A text ends at a node when
 * its first node below has a later rank, or when it has none below.
 */
import { damagedImage, type ScalarImage } from './scalar-image.ts';
import type { Term, TermDictionary } from './dictionary.ts';
import type { TextTerms } from './term-rows.ts';

interface OpenNode {
  readonly node: number;
  /** Ranks of the texts below. */
  readonly end: number;
  /** Bytes that they share, the edge included. */
  readonly depth: number;
  /** The next of them that has no node. */
  next: number;
}

class NodeList {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }
}

/** Section `nodes`. @param terms at least one */
export function writeTrie({ offsets, bytes }: TextTerms): Uint8Array {
  const count = offsets.length - 1;
  const lengthOf = (rank: number): number => offsets[rank + 1]! - offsets[rank]!;
  const byteAt = (rank: number, at: number): number => bytes[offsets[rank]! + at]!;
  const edgeStarts = new NodeList();
  const edgeLengths = new NodeList();
  const firsts = new NodeList();
  const behind = new NodeList();
  const open: OpenNode[] = [];
  // Texts ascend, so what the first and the last of some share, all of them do.
  const shared = (first: number, last: number, from: number): number => {
    const most = Math.min(lengthOf(first), lengthOf(last));
    let depth = from;
    while (depth < most && byteAt(first, depth) === byteAt(last, depth)) depth++;
    return depth;
  };
  const add = (first: number, end: number, from: number): void => {
    const depth = shared(first, end - 1, from);
    edgeStarts.push(offsets[first]! + from);
    edgeLengths.push(depth - from);
    firsts.push(first);
    behind.push(0);
    const next = lengthOf(first) === depth ? first + 1 : first;
    open.push({ node: firsts.length - 1, end, depth, next });
  };
  add(0, count, 0);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.next === top.end) {
      behind.set(top.node, firsts.length);
      open.pop();
      continue;
    }
    const first = top.next;
    const byte = byteAt(first, top.depth);
    top.next = endOfByte(first, top, (rank) => byteAt(rank, top.depth) === byte);
    add(first, top.next, top.depth);
  }
  const edges = { starts: edgeStarts.values(), lengths: edgeLengths.values() };
  return layOut({ ...edges, firsts: firsts.values(), behind: behind.values(), count }, bytes);
}

/** The first rank from `first` on that does not belong to what `belongs` does; they stand in a row. */
function endOfByte(first: number, { end }: OpenNode, belongs: (rank: number) => boolean): number {
  let low = first + 1;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (belongs(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function layOut(
  nodes: {
    readonly starts: Uint32Array;
    readonly lengths: Uint32Array;
    readonly firsts: Uint32Array;
    readonly behind: Uint32Array;
    readonly count: number;
  },
  bytes: Uint8Array,
): Uint8Array {
  const { starts, lengths, firsts, behind, count } = nodes;
  const n = starts.length;
  const edgeBytes = lengths.reduce((sum, length) => sum + length, 0);
  const out = new Uint8Array(4 * (3 * n + 3) + edgeBytes);
  const words = new Uint32Array(out.buffer, 0, 3 * n + 3);
  words[0] = n;
  let at = 0;
  for (let node = 0; node < n; node++) {
    const start = starts[node]!;
    words[1 + node] = at;
    out.set(bytes.subarray(start, start + lengths[node]!), words.byteLength + at);
    at += lengths[node]!;
  }
  words[1 + n] = at;
  words.set(firsts, n + 2);
  words[2 * n + 2] = count;
  words.set(behind, 2 * n + 3);
  return out;
}

/** @throws MilvusError DataIntegrity */
export function openTrie(image: ScalarImage): TermDictionary {
  const bytes = image.mustSection('nodes');
  const n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const edgesAt = 4 * (3 * n + 3);
  if (n === 0 || bytes.byteLength < edgesAt) throw damagedImage('its nodes have another length');
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 3 * n + 3);
  return new Trie(image.shape.termCount, words, bytes.subarray(edgesAt));
}

class Trie implements TermDictionary {
  readonly count: number;
  readonly #n: number;
  readonly #words: Uint32Array;
  readonly #edges: Uint8Array;

  constructor(count: number, words: Uint32Array, edges: Uint8Array) {
    this.count = count;
    this.#n = words[0]!;
    this.#words = words;
    this.#edges = edges;
  }

  /** Each step takes a byte of the text at least, or ends. */
  rank(term: Term, isAfter: boolean): number {
    const text = term as Uint8Array;
    let node = 0;
    for (let at = 0; ; ) {
      const edge = this.#edges.subarray(this.#words[1 + node], this.#words[2 + node]);
      for (let i = 0; i < edge.length; i++, at++) {
        if (at === text.length || edge[i]! > text[at]!) return this.#first(node);
        if (edge[i]! < text[at]!) return this.#first(this.#behind(node));
      }
      if (at === text.length) {
        return this.#first(node) + (isAfter && this.#endsText(node) ? 1 : 0);
      }
      const below = this.#below(node, text[at]!);
      if (below === null) return this.#first(this.#behind(node));
      if (this.#edgeByte(below) !== text[at]) return this.#first(below);
      node = below;
    }
  }

  #first(node: number): number {
    return Math.min(this.#words[this.#n + 2 + Math.min(node, this.#n)] ?? 0, this.count);
  }

  #behind(node: number): number {
    return Math.min(this.#words[2 * this.#n + 3 + node] ?? this.#n, this.#n);
  }

  #edgeByte(node: number): number {
    const at = this.#words[1 + node]!;
    // An empty edge, which only a damaged file has, is less than every byte: nothing is found below it.
    return at < this.#words[2 + node]! ? (this.#edges[at] ?? -1) : -1;
  }

  #endsText(node: number): boolean {
    const end = this.#behind(node);
    return node + 1 >= end || this.#first(node + 1) > this.#first(node);
  }

  /** The first node right below whose edge begins with `byte` or more; null: all begin with less. */
  #below(node: number, byte: number): number | null {
    const end = this.#behind(node);
    for (let below = node + 1; below < end; ) {
      if (this.#edgeByte(below) >= byte) return below;
      const next = this.#behind(below);
      // Only a damaged file leads back.
      if (next <= below) return null;
      below = next;
    }
    return null;
  }
}
