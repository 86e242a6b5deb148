/**
 * Building a graph in TypeScript, on one thread; the same rows make the same image every time.
 *
 * A node's neighbours are those of the best candidates that are nearer to it than to any neighbour
 * chosen before; a full list that gets one more is chosen anew. Nodes that pruning left without a way
 * to them get one at the end. native/src/graph_build.h is the twin of this file.
 */
import { assert } from '../base/assert.ts';
import type { Vectors } from './distances.ts';
import { encodeRows, Probe } from './hnsw-codes.ts';
import {
  codeStrideOf,
  type GraphImage,
  GRAPH_LEVELS_MAX,
  type GraphShape,
  hasOwnCodes,
  hasSquares,
  imageByteLength,
  isGraphShape,
  layOut,
  NO_NODE,
  writeHeader,
} from './hnsw-image.ts';
import { type GraphPlan, planGraph } from './hnsw-plan.ts';
import { descend, Layer, Marks, walk, WalkSpace } from './hnsw-walk.ts';

/** Rows between two looks at whether the build is cancelled. */
const ROWS_AT_ONCE = 64;
/**
 * Of a graph on disk: places that are left go to neighbours that are nearer to one chosen before, but not by
 * so much.
 */
const SLACK = 1.2;

/** A build that is run in steps. */
export class GraphBuild {
  readonly #plan: GraphPlan;
  /** As it is walked over. */
  readonly #image: GraphImage;
  /** As it is kept. */
  readonly #kept: GraphImage;
  readonly #inserter: Inserter;
  #done = 1;

  /** @param allocate zeroed bytes of the image */
  constructor(shape: GraphShape, vectors: Vectors, allocate: (byteLength: number) => Uint8Array) {
    assert(isGraphShape(shape), 'a graph that is built can be opened');
    const plan = planGraph(shape, vectors);
    const kept = layOut(shape, plan.counts, allocate(imageByteLength(shape, plan.counts)));
    const image = untrained(kept);
    image.links.fill(NO_NODE);
    image.upperLinks.fill(NO_NODE);
    if (image.twins.length > 0) image.twins.set(plan.twins);
    encodeRows(image, vectors);
    this.#plan = plan;
    this.#image = image;
    this.#kept = kept;
    this.#inserter = new Inserter(image, vectors, placeUpperNodes(image, plan));
  }

  get rowsDone(): number {
    return this.#done;
  }

  get isDone(): boolean {
    return this.#done >= this.#plan.order.length;
  }

  /** Inserts some rows. */
  step(): void {
    const { order, levels } = this.#plan;
    const end = Math.min(order.length, this.#done + ROWS_AT_ONCE);
    for (; this.#done < end; this.#done++) {
      const row = order[this.#done]!;
      this.#inserter.insert(row, levels[row]!);
    }
  }

  /** The image of a build that is done, but for codes that are trained. */
  finish(): GraphImage {
    const { entryRow, entryUpper } = this.#image;
    connect(this.#image, this.#inserter, this.#plan.order);
    Object.assign(this.#kept, { entryRow, entryUpper });
    writeHeader(this.#kept);
    return this.#kept;
  }
}

/** Where an image has codes that are trained, its build walks as one over the codes of all graphs, or vectors. */
function untrained(kept: GraphImage): GraphImage {
  if (kept.shape.code === null) return kept;
  const shape = { ...kept.shape, code: null };
  const codeStride = codeStrideOf(shape);
  const { rowCount } = shape;
  return {
    ...kept,
    shape,
    codeStride,
    codes: new Uint8Array(rowCount * codeStride),
    scales: new Float32Array(hasOwnCodes(shape) ? rowCount : 0),
    squares: new Float32Array(hasSquares(shape) ? rowCount : 0),
  };
}

/** Numbers the nodes above level 0; by row, its upper node. */
function placeUpperNodes(image: GraphImage, { levels, order }: GraphPlan): Uint32Array {
  const upperOf = new Uint32Array(levels.length).fill(NO_NODE);
  let upper = 0;
  let list = 0;
  for (let row = 0; row < levels.length; row++) {
    if (levels[row] === 0) continue;
    upperOf[row] = upper;
    image.upperRows[upper] = row;
    image.upperStarts[upper++] = list;
    list += levels[row]!;
  }
  image.upperStarts[upper] = list;
  image.entryRow = order[0]!;
  image.entryUpper = upperOf[order[0]!]!;
  return upperOf;
}

function connect(image: GraphImage, inserter: Inserter, order: Uint32Array): void {
  const marks = new Marks(image.shape.rowCount);
  const stack = new Uint32Array(image.shape.rowCount);
  marks.clear();
  reach(image, image.entryRow, marks, stack);
  for (const row of order) {
    if (marks.has(row)) continue;
    inserter.attach(row);
    reach(image, row, marks, stack);
  }
}

/** Marks what can be reached from `start` and was not before. */
function reach(image: GraphImage, start: number, marks: Marks, stack: Uint32Array): void {
  const width = image.shape.degree * 2;
  let depth = 0;
  if (marks.mark(start)) stack[depth++] = start;
  while (depth > 0) {
    const first = stack[--depth]! * width;
    for (let i = first; i < first + width && image.links[i] !== NO_NODE; i++) {
      if (marks.mark(image.links[i]!)) stack[depth++] = image.links[i]!;
    }
  }
}

class Inserter {
  readonly #image: GraphImage;
  readonly #upperOf: Uint32Array;
  readonly #layers: readonly Layer[];
  readonly #probe: Probe;
  readonly #judge: Probe;
  readonly #space: WalkSpace;
  readonly #poolSize: number;
  /** Candidates for a list, best first. */
  readonly #nodes: Uint32Array;
  readonly #costs: Float32Array;
  readonly #chosenRows: Uint32Array;
  /** By candidate: 1 where it is. */
  readonly #isChosen: Uint8Array;
  readonly #coverCosts: Float32Array;
  /** By level: the neighbours of the node that is inserted. */
  readonly #chosen: readonly Uint32Array[];
  readonly #counts = new Uint32Array(GRAPH_LEVELS_MAX + 1);

  constructor(image: GraphImage, vectors: Vectors, upperOf: Uint32Array) {
    const { degree, buildWidth } = image.shape;
    const width = degree * 2;
    this.#image = image;
    this.#upperOf = upperOf;
    this.#poolSize = Math.min(Math.max(buildWidth, degree), image.shape.rowCount);
    this.#layers = Array.from(
      { length: image.counts.topLevel + 1 },
      (_, level) => new Layer(image, level),
    );
    this.#probe = new Probe(image, vectors);
    this.#judge = new Probe(image, vectors);
    this.#space = new WalkSpace(image, this.#poolSize, width + 1);
    this.#nodes = new Uint32Array(Math.max(this.#poolSize, width + 1));
    this.#costs = new Float32Array(this.#nodes.length);
    this.#chosenRows = new Uint32Array(width);
    this.#isChosen = new Uint8Array(this.#nodes.length);
    this.#coverCosts = new Float32Array(1);
    this.#chosen = this.#layers.map(() => new Uint32Array(width));
  }

  insert(row: number, level: number): void {
    const image = this.#image;
    this.#probe.setRow(row);
    let node = image.counts.topLevel === 0 ? image.entryRow : image.entryUpper;
    for (let at = image.counts.topLevel; at >= 0; at--) {
      const layer = this.#layers[at]!;
      if (at === 0 && image.counts.topLevel > 0) node = image.upperRows[node]!;
      if (at > level) {
        node = descend(layer, this.#probe, this.#space, node);
        continue;
      }
      walk(layer, this.#probe, this.#space, { node, width: this.#poolSize });
      const { pool } = this.#space;
      node = pool.nodes[0]!;
      this.#nodes.set(pool.nodes.subarray(0, pool.size));
      this.#costs.set(pool.costs.subarray(0, pool.size));
      const out = this.#chosen[at]!;
      const chosen = this.#choose(layer, pool.size, out);
      this.#counts[at] = this.#fillUp(layer, pool.size, { chosen, out });
    }
    for (let at = 0; at <= level; at++) this.#link(this.#layers[at]!, row);
  }

  /**
   * Links a node that no walk finds from the nearest one with a place for it. Where none has one, the node goes
   * between the nearest and the last of its links, which may have no other way to it; a link that it gives up for
   * that leads to what is found without it, or gets a way when its turn comes.
   */
  attach(row: number): void {
    const image = this.#image;
    const layer = this.#layers[0]!;
    const { pool } = this.#space;
    this.#probe.setRow(row);
    walk(layer, this.#probe, this.#space, { node: image.entryRow, width: this.#poolSize });
    const last = layer.width - 1;
    let node = pool.nodes[0]!;
    for (let i = 0; i < pool.size; i++) {
      if (layer.links[layer.start(pool.nodes[i]!) + last] !== NO_NODE) continue;
      node = pool.nodes[i]!;
      break;
    }
    let at = layer.start(node);
    const end = at + last;
    while (at < end && layer.links[at] !== NO_NODE) at++;
    const displaced = layer.links[at]!;
    layer.links[at] = row;
    if (displaced === NO_NODE) return;
    let own = layer.start(row);
    const ownEnd = own + last;
    while (own < ownEnd && layer.links[own] !== NO_NODE && layer.links[own] !== displaced) own++;
    layer.links[own] = displaced;
  }

  /** Chooses neighbours from the first `count` candidates; how many there are. */
  #choose(layer: Layer, count: number, out: Uint32Array): number {
    let chosen = 0;
    for (let i = 0; i < count && chosen < layer.width; i++) {
      const node = this.#nodes[i]!;
      const row = layer.row(node);
      const isCovered = this.#isCovered(row, this.#costs[i]!, chosen);
      this.#isChosen[i] = isCovered ? 0 : 1;
      if (isCovered) continue;
      this.#chosenRows[chosen] = row;
      out[chosen++] = node;
    }
    return chosen;
  }

  /**
   * Of a graph on disk, where it is lists that a walk waits for: more neighbours behind those that were
   * chosen, so that it needs fewer of them.
   */
  #fillUp(
    layer: Layer,
    count: number,
    { chosen: before, out }: { readonly chosen: number; readonly out: Uint32Array },
  ): number {
    const { isDisk, metric } = this.#image.shape;
    // Minus a product is no distance that could be multiplied; minus a cosine is one less 1.
    if (!isDisk || layer.level > 0 || metric === 'IP') return before;
    const shift = metric === 'COSINE' ? 1 : 0;
    let chosen = before;
    for (let i = 0; i < count && chosen < layer.width; i++) {
      if (this.#isChosen[i] === 1) continue;
      const row = layer.row(this.#nodes[i]!);
      if (this.#isCovered(row, (this.#costs[i]! + shift) / SLACK - shift, chosen)) continue;
      this.#chosenRows[chosen] = row;
      out[chosen++] = this.#nodes[i]!;
    }
    return chosen;
  }

  #isCovered(row: number, cost: number, chosen: number): boolean {
    if (chosen === 0) return false;
    this.#judge.setRow(row);
    for (let i = 0; i < chosen; i++) {
      this.#judge.costs(this.#chosenRows.subarray(i, i + 1), 1, this.#coverCosts);
      if (this.#coverCosts[0]! <= cost) return true;
    }
    return false;
  }

  #link(layer: Layer, row: number): void {
    const node = layer.level === 0 ? row : this.#upperOf[row]!;
    const chosen = this.#chosen[layer.level]!;
    const count = this.#counts[layer.level]!;
    writeList(layer, node, chosen, count);
    for (let i = 0; i < count; i++) this.#linkBack(layer, chosen[i]!, node);
  }

  #linkBack(layer: Layer, node: number, added: number): void {
    const start = layer.start(node);
    let count = 0;
    while (count < layer.width && layer.links[start + count] !== NO_NODE) count++;
    if (count < layer.width) layer.links[start + count] = added;
    else this.#replaceList(layer, node, added);
  }

  /** A full list and one more: the best of them all. */
  #replaceList(layer: Layer, node: number, added: number): void {
    const { rows, costs } = this.#space;
    const start = layer.start(node);
    const nodes = [...layer.links.subarray(start, start + layer.width), added];
    for (let i = 0; i < nodes.length; i++) rows[i] = layer.row(nodes[i]!);
    this.#judge.setRow(layer.row(node));
    this.#judge.costs(rows, nodes.length, costs);
    const order = nodes.map((_, i) => i);
    order.sort((left, right) => costs[left]! - costs[right]! || nodes[left]! - nodes[right]!);
    for (let i = 0; i < order.length; i++) {
      this.#nodes[i] = nodes[order[i]!]!;
      this.#costs[i] = costs[order[i]!]!;
    }
    const chosen = new Uint32Array(layer.width);
    writeList(layer, node, chosen, this.#choose(layer, nodes.length, chosen));
  }
}

function writeList(layer: Layer, node: number, chosen: Uint32Array, count: number): void {
  const start = layer.start(node);
  layer.links.set(chosen.subarray(0, count), start);
  layer.links.fill(NO_NODE, start + count, start + layer.width);
}
