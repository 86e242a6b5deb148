/**
 * Searching a graph in TypeScript, by one of three ways, then by exact costs of the best candidates:
 *
 *   rows that count      way
 *   few                  their codes are compared one by one
 *   many                 a walk that looks at the filter at its end
 *   between              a walk among rows that count; where a neighbour does not, over its neighbours
 *
 * What costs least is chosen; the first way is also the last resort where a walk finds too few.
 *
 * native/src/graph_search.h is the twin of this file.
 */
import type { Vectors, VectorValues } from './distances.ts';
import { Probe } from './hnsw-codes.ts';
import { type GraphImage, type GraphShape, nextTwin, NO_NODE } from './hnsw-image.ts';
import { descend, Layer, walk, WalkSpace } from './hnsw-walk.ts';
import { scoreOf } from './metrics.ts';

const SCAN_BATCH = 64;
/** Nearest nodes that a filtered walk starts from, whether they count or not: each takes a place. */
const SEED_COUNT = 32;

/**
 * What a search costs in rows that a scan compares in the same time, as measured at 128 and 384
 * dimensions: a walk by candidates it keeps and neighbours of each, a filtered one by its seeds, too.
 */
const PLAIN_COST = 2.5;
const FILTERED_COST = 8;
const FILTERED_START = 64;
/**
 * Standard deviations by which fewer candidates may count than are expected: one search in some hundreds has
 * to scan after its walk.
 */
const SPREAD = 3;

export interface GraphQuery {
  readonly topK: number;
  /** Candidates that are kept on the way; at least topK are. */
  readonly width: number;
  /** Bit i: row i counts; null: all rows do. `allowedCount` of them are set. */
  readonly allowed: Uint32Array | null;
  readonly allowedCount: number;
  /** So many rows that count are compared one by one rather than found by a walk; null: by cost. */
  readonly scanRowsMax: number | null;
  /** So many of the best by codes are ranked by exact costs; null: as many as `width` says. */
  readonly rankCount: number | null;
}

export interface GraphHits {
  readonly count: number;
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

interface Choice {
  readonly way: 'scan' | 'plain' | 'filtered';
  /** Candidates to keep. */
  readonly width: number;
}

function choose(query: GraphQuery, { rowCount, degree }: GraphShape): Choice {
  const width = Math.min(Math.max(query.width, query.topK, query.rankCount ?? 0), rowCount);
  const share = query.allowedCount / rowCount;
  // As many of the candidates as are wanted have to count, by chance as well.
  const spread = SPREAD * Math.sqrt(query.topK * (1 - share));
  const walked = Math.max(width, Math.ceil(query.topK + spread));
  const plain = (PLAIN_COST * degree * walked) / share;
  const filtered = FILTERED_COST * degree * (width + FILTERED_START);
  const scanRowsMax = query.scanRowsMax ?? Math.min(plain, filtered);
  if (query.allowedCount <= scanRowsMax) return { way: 'scan', width };
  if (plain > filtered) return { way: 'filtered', width: width + SEED_COUNT };
  return { way: 'plain', width: Math.min(Math.floor(walked / share) + 1, rowCount) };
}

/** So many of the best by codes are ranked by exact costs. */
function rankedOf({ topK, width, rankCount }: GraphQuery): number {
  return rankCount === null ? Math.max(topK * 2, width >>> 1) : Math.max(topK, rankCount);
}

export class GraphSearcher {
  readonly #image: GraphImage;
  readonly #probe: Probe;
  readonly #space: WalkSpace;
  readonly #layers: readonly Layer[];
  #found = new Uint32Array(0);
  #costs = new Float32Array(0);

  constructor(image: GraphImage, vectors: Vectors) {
    const batch = Math.max(image.shape.degree * 4, SCAN_BATCH);
    this.#image = image;
    this.#probe = new Probe(image, vectors);
    this.#space = new WalkSpace(image, 64, batch);
    this.#layers = Array.from(
      { length: image.counts.topLevel + 1 },
      (_, level) => new Layer(image, level),
    );
  }

  /** Best rows first, equal ones by row, with their scores; at most topK, and no row twice. */
  search(queries: VectorValues, which: number, query: GraphQuery): GraphHits {
    if (query.allowedCount === 0) {
      return { count: 0, rows: new Uint32Array(0), scores: new Float32Array(0) };
    }
    const { way, width } = choose(query, this.#image.shape);
    this.#space.reserve(Math.max(width, rankedOf(query)));
    this.#probe.setQuery(queries, which);
    if (way === 'scan') this.#scan(query);
    else if (way === 'plain') {
      walk(this.#layers[0]!, this.#probe, this.#space, { node: this.#enter(), width });
    } else this.#walkAllowed(query, this.#enter(), width);
    let found = this.#collect(query, way !== 'scan');
    // Rows that count may lie where no walk among them leads.
    if (way !== 'scan' && found < Math.min(query.topK, query.allowedCount)) {
      this.#scan(query);
      found = this.#collect(query, false);
    }
    return this.#rank(found, query.topK);
  }

  #isAllowed({ allowed }: GraphQuery, row: number): boolean {
    return allowed === null || ((allowed[row >>> 5]! >>> (row & 31)) & 1) === 1;
  }

  #hasAllowed(query: GraphQuery, node: number): boolean {
    if (this.#isAllowed(query, node)) return true;
    const image = this.#image;
    if (image.twins.length === 0) return false;
    for (let row = nextTwin(image, node); row !== NO_NODE; row = nextTwin(image, row)) {
      if (this.#isAllowed(query, row)) return true;
    }
    return false;
  }

  #enter(): number {
    const { counts, entryRow, entryUpper } = this.#image;
    if (counts.topLevel === 0) return entryRow;
    let node = entryUpper;
    for (let level = counts.topLevel; level > 0; level--) {
      node = descend(this.#layers[level]!, this.#probe, this.#space, node);
    }
    return this.#layers[1]!.row(node);
  }

  #scan(query: GraphQuery): void {
    const { pool, rows, costs } = this.#space;
    const { rowCount } = this.#image.shape;
    // Nothing is kept that would not be ranked.
    pool.clear(Math.min(rankedOf(query), rowCount));
    for (let row = 0; row < rowCount; ) {
      let count = 0;
      for (; row < rowCount && count < SCAN_BATCH; row++) {
        if (this.#isAllowed(query, row)) rows[count++] = row;
      }
      this.#probe.costs(rows, count, costs);
      for (let i = 0; i < count; i++) if (costs[i]! < pool.worst) pool.add(costs[i]!, rows[i]!);
    }
  }

  /**
   * Rows that count among the neighbours of `node`, and among theirs where one does not, until there are
   * as many as a list holds.
   */
  #gatherAllowed(query: GraphQuery, node: number): number {
    const { nodes, rows: skipped, marks } = this.#space;
    const { links, shape } = this.#image;
    const width = this.#image.shape.degree * 2;
    let count = 0;
    let skippedCount = 0;
    for (let i = node * width; i < (node + 1) * width; i++) {
      const link = links[i]!;
      if (link >= shape.rowCount) break;
      if (!marks.mark(link)) continue;
      if (this.#hasAllowed(query, link)) nodes[count++] = link;
      else skipped[skippedCount++] = link;
    }
    for (let s = 0; s < skippedCount && count < width; s++) {
      const start = skipped[s]! * width;
      for (let i = start; i < start + width; i++) {
        const link = links[i]!;
        if (link >= shape.rowCount) break;
        // Those that do not count stay unmarked: as a neighbour each may still lead on.
        if (!this.#hasAllowed(query, link) || !marks.mark(link)) continue;
        nodes[count++] = link;
      }
    }
    return count;
  }

  #walkAllowed(query: GraphQuery, entry: number, width: number): void {
    const { pool, marks, nodes, costs } = this.#space;
    walk(this.#layers[0]!, this.#probe, this.#space, { node: entry, width: SEED_COUNT });
    const seeds = pool.nodes.slice(0, pool.size);
    const seedCosts = pool.costs.slice(0, pool.size);
    pool.clear(width);
    marks.clear();
    for (let i = 0; i < seeds.length; i++) {
      marks.mark(seeds[i]!);
      pool.add(seedCosts[i]!, seeds[i]!);
    }
    for (let node = pool.take(); node !== NO_NODE; node = pool.take()) {
      const count = this.#gatherAllowed(query, node);
      this.#probe.costs(nodes, count, costs);
      for (let i = 0; i < count; i++) if (costs[i]! < pool.worst) pool.add(costs[i]!, nodes[i]!);
    }
  }

  /** The best candidates that count, with the rows that equal them if they are nodes. */
  #collect(query: GraphQuery, areNodes: boolean): number {
    const enough = rankedOf(query);
    const { pool } = this.#space;
    const image = this.#image;
    const hasTwins = areNodes && image.twins.length > 0;
    const next = (row: number): number => (hasTwins ? nextTwin(image, row) : NO_NODE);
    if (this.#found.length < enough) {
      this.#found = new Uint32Array(enough);
      this.#costs = new Float32Array(enough);
    }
    let count = 0;
    for (let i = 0; i < pool.size && count < enough; i++) {
      let row = pool.nodes[i]!;
      if (this.#isAllowed(query, row)) this.#found[count++] = row;
      for (row = next(row); row !== NO_NODE; row = next(row)) {
        if (count === enough) break;
        if (this.#isAllowed(query, row)) this.#found[count++] = row;
      }
    }
    return count;
  }

  #rank(foundCount: number, topK: number): GraphHits {
    const found = this.#found;
    const costs = this.#costs;
    const { metric } = this.#image.shape;
    this.#probe.exactCosts(found, foundCount, costs);
    const order = Array.from({ length: foundCount }, (_, i) => i);
    order.sort((left, right) => costs[left]! - costs[right]! || found[left]! - found[right]!);
    const kept = order.slice(0, topK);
    const rows = new Uint32Array(kept.length);
    const scores = new Float32Array(kept.length);
    let count = 0;
    for (const i of kept) {
      // A damaged image may lead to a row twice.
      if (count > 0 && rows[count - 1] === found[i]) continue;
      rows[count] = found[i]!;
      scores[count++] = scoreOf(metric, costs[i]!);
    }
    return { count, rows: rows.subarray(0, count), scores: scores.subarray(0, count) };
  }
}
