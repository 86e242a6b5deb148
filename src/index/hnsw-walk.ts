/**
 * Walks over one layer of a graph: the pool of candidates, the marks of what was seen, and the walk.
 * native/src/graph_walk.h is the twin of this file.
 */
import type { Probe } from './hnsw-codes.ts';
import { type GraphImage, NO_NODE } from './hnsw-image.ts';

/** The best candidates so far, in order of cost, then of node. */
export class Pool {
  readonly costs: Float32Array;
  readonly nodes: Uint32Array;
  readonly #taken: Uint8Array;
  #capacity = 0;
  #next = 0;
  size = 0;
  /** Candidates that cost as much are of no use. */
  worst = 0;

  constructor(capacity: number) {
    this.costs = new Float32Array(capacity + 1);
    this.nodes = new Uint32Array(capacity + 1);
    this.#taken = new Uint8Array(capacity + 1);
  }

  get room(): number {
    return this.nodes.length - 1;
  }

  clear(capacity: number): void {
    this.#capacity = capacity;
    this.#next = 0;
    this.size = 0;
    this.worst = Number.POSITIVE_INFINITY;
  }

  /** @param cost below `worst` */
  add(cost: number, node: number): void {
    const { costs, nodes } = this;
    let low = 0;
    for (let high = this.size; low < high; ) {
      const middle = (low + high) >>> 1;
      const difference = costs[middle]! - cost;
      const isBefore = difference < 0 || (difference === 0 && nodes[middle]! < node);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    costs.copyWithin(low + 1, low, this.size);
    nodes.copyWithin(low + 1, low, this.size);
    this.#taken.copyWithin(low + 1, low, this.size);
    costs[low] = cost;
    nodes[low] = node;
    this.#taken[low] = 0;
    if (this.size < this.#capacity) this.size++;
    if (this.size === this.#capacity) this.worst = costs[this.size - 1]!;
    if (low < this.#next) this.#next = low;
  }

  /** How many candidates are before the next that `take` may give. */
  get position(): number {
    return this.#next;
  }

  /** The best candidate whose neighbours were not looked at; NO_NODE when there is none. */
  take(): number {
    while (this.#next < this.size && this.#taken[this.#next] === 1) this.#next++;
    if (this.#next === this.size) return NO_NODE;
    this.#taken[this.#next] = 1;
    return this.nodes[this.#next++]!;
  }
}

/** Which nodes a walk has seen; forgetting all of them costs nothing most of the time. */
export class Marks {
  readonly #marks: Uint16Array;
  #epoch = 0;

  constructor(count: number) {
    this.#marks = new Uint16Array(count);
  }

  clear(): void {
    this.#epoch = (this.#epoch + 1) & 0xffff;
    if (this.#epoch !== 0) return;
    this.#marks.fill(0);
    this.#epoch = 1;
  }

  has(node: number): boolean {
    return this.#marks[node] === this.#epoch;
  }

  /** True the first time. */
  mark(node: number): boolean {
    if (this.#marks[node] === this.#epoch) return false;
    this.#marks[node] = this.#epoch;
    return true;
  }
}

/** Candidates whose neighbours a walk looks at together, at most. */
const LISTS_AT_ONCE = 4;

/** What a walk works with. */
export class WalkSpace {
  pool: Pool;
  readonly marks: Marks;
  readonly nodes: Uint32Array;
  readonly rows: Uint32Array;
  readonly costs: Float32Array;

  /** @param batch nodes that one step may gather, besides those of a walk */
  constructor(image: GraphImage, poolSize: number, batch: number) {
    const room = Math.max(batch, LISTS_AT_ONCE * image.shape.degree * 2);
    this.pool = new Pool(poolSize);
    this.marks = new Marks(image.shape.rowCount);
    this.nodes = new Uint32Array(room);
    this.rows = new Uint32Array(room);
    this.costs = new Float32Array(room);
  }

  reserve(poolSize: number): void {
    if (this.pool.room < poolSize) this.pool = new Pool(poolSize);
  }
}

/** One layer: nodes are rows on level 0 and upper nodes above it. */
export class Layer {
  readonly links: Uint32Array;
  readonly width: number;
  readonly level: number;
  /** Links that are not below it end a list. */
  readonly end: number;
  readonly #image: GraphImage;

  constructor(image: GraphImage, level: number) {
    this.#image = image;
    this.level = level;
    this.links = level === 0 ? image.links : image.upperLinks;
    this.width = image.shape.degree * (level === 0 ? 2 : 1);
    this.end = level === 0 ? image.shape.rowCount : image.counts.upperCount;
  }

  /** Where in `links` the neighbours of `node` begin. */
  start(node: number): number {
    if (this.level === 0) return node * this.width;
    const { upperStarts, counts } = this.#image;
    const list = upperStarts[node]! + this.level - 1;
    return Math.min(list, counts.upperListCount - 1) * this.width;
  }

  row(node: number): number {
    if (this.level === 0) return node;
    const row = this.#image.upperRows[node]!;
    return row < this.#image.shape.rowCount ? row : this.#image.entryRow;
  }
}

/** Goes from `node` to its best neighbour until there is no better one. */
export function descend(layer: Layer, probe: Probe, space: WalkSpace, node: number): number {
  const { nodes, rows, costs } = space;
  const { links, width } = layer;
  rows[0] = layer.row(node);
  probe.costs(rows, 1, costs);
  let best = costs[0]!;
  let at = node;
  while (true) {
    const from = at;
    const start = layer.start(at);
    let count = 0;
    for (; count < width; count++) {
      const link = links[start + count]!;
      if (link >= layer.end) break;
      nodes[count] = link;
      rows[count] = layer.row(link);
    }
    probe.costs(rows, count, costs);
    for (let i = 0; i < count; i++) {
      if (costs[i]! >= best) continue;
      best = costs[i]!;
      at = nodes[i]!;
    }
    if (at === from) return at;
  }
}

/**
 * Leaves the best `width` candidates around `node` in the pool. While it comes nearer it looks at one list
 * at a time; then at several, as many as there are better candidates, up to LISTS_AT_ONCE: what the twin
 * does so as to wait for memory less often, and so what is found.
 */
export function walk(
  layer: Layer,
  probe: Probe,
  space: WalkSpace,
  { node, width }: { readonly node: number; readonly width: number },
): void {
  const { pool, marks, nodes, rows, costs } = space;
  pool.clear(width);
  marks.clear();
  marks.mark(node);
  rows[0] = layer.row(node);
  probe.costs(rows, 1, costs);
  pool.add(costs[0]!, node);
  for (let taken = pool.take(); taken !== NO_NODE; taken = pool.take()) {
    let count = gather(layer, space, taken, 0);
    const most = Math.min(pool.position, LISTS_AT_ONCE);
    for (let lists = 1; lists < most; lists++) {
      const more = pool.take();
      if (more === NO_NODE) break;
      count = gather(layer, space, more, count);
    }
    probe.costs(rows, count, costs);
    for (let i = 0; i < count; i++) {
      if (costs[i]! < pool.worst) pool.add(costs[i]!, nodes[i]!);
    }
  }
}

/** Neighbours of `node` that were not seen go behind the `count` that are there; how many there are then. */
function gather(layer: Layer, space: WalkSpace, node: number, count: number): number {
  const { marks, nodes, rows } = space;
  const start = layer.start(node);
  let gathered = count;
  for (let i = start; i < start + layer.width; i++) {
    const link = layer.links[i]!;
    if (link >= layer.end) break;
    if (!marks.mark(link)) continue;
    nodes[gathered] = link;
    rows[gathered++] = layer.row(link);
  }
  return gathered;
}
