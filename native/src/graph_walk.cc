#include "graph_walk.h"

#include <algorithm>

#include "disk_pages.h"

namespace mlite {
namespace {

// The list that comes next if no neighbour is better: that of the level below.
MLITE_INLINE void want_below(const Layer& layer, uint32_t node) {
  const Layer below = {layer.image, layer.level - 1};
  const uint32_t same = below.level == 0 ? layer.row(node) : node;
  prefetch(below.list(same), below.width() * sizeof(Link));
}

}  // namespace

uint32_t descend(const Layer& layer, const Probe& probe, WalkSpace& space, uint32_t node) {
  const uint32_t width = layer.width();
  const uint32_t end = layer.end();
  uint32_t* const nodes = space.nodes.data();
  uint32_t* const rows = space.rows.data();
  float* const costs = space.costs.data();
  rows[0] = layer.row(node);
  float best;
  probe.costs(rows, 1, &best);
  while (true) {
    const Link* const list = layer.list(node);
    size_t count = 0;
    for (uint32_t i = 0; i < width; i++) {
      const uint32_t link = list[i].load(std::memory_order_acquire);
      if (link >= end) break;
      nodes[count] = link;
      rows[count] = layer.row(link);
      probe.fetch(rows[count++]);
    }
    want_below(layer, node);
    probe.costs(rows, count, costs);
    const uint32_t from = node;
    for (size_t i = 0; i < count; i++) {
      if (costs[i] >= best) continue;
      best = costs[i];
      node = nodes[i];
    }
    if (node == from) return node;
  }
}

namespace {

// Lists that the disk reads at the same time.
constexpr size_t LISTS_AHEAD = 8;

void want_lists(const Layer& layer, const Pool& pool) {
  uint32_t nodes[LISTS_AHEAD];
  const size_t count = pool.peek_some(nodes, LISTS_AHEAD);
  for (size_t i = 0; i < count; i++) {
    DiskPages::want(layer.list(nodes[i]), layer.width() * sizeof(Link));
  }
}

// Nodes are rows or not: known here, so that level 0 copies nothing.
template <bool IS_UPPER>
void walk_layer(const Layer& layer, const Probe& probe, WalkSpace& space) {
  const uint32_t width = layer.width();
  const size_t list_bytes = width * sizeof(Link);
  // A link that is none ends its list, also where a file came back from the disk as another.
  const uint32_t end = layer.end();
  Pool& pool = space.pool;
  uint32_t* const nodes = space.nodes.data();
  uint32_t* const rows = IS_UPPER ? space.rows.data() : nodes;
  float* const costs = space.costs.data();
  uint32_t taken[LISTS_AT_ONCE];
  while (pool.take(taken[0])) {
    const size_t most = std::min(pool.position(), LISTS_AT_ONCE);
    size_t taken_count = 1;
    while (taken_count < most && pool.take(taken[taken_count])) taken_count++;
    if (space.is_from_disk) want_lists(layer, pool);
    size_t count = 0;
    for (size_t t = 0; t < taken_count; t++) {
      const Link* const list = layer.list(taken[t]);
      // Without a branch on what was seen: that is as good as random.
      for (uint32_t i = 0; i < width; i++) {
        const uint32_t link = list[i].load(std::memory_order_acquire);
        if (link >= end) break;
        nodes[count] = link;
        count += space.marks.mark(link) ? 1 : 0;
      }
    }
    for (size_t i = 0; i < count; i++) {
      if (IS_UPPER) rows[i] = layer.row(nodes[i]);
      probe.fetch(rows[i]);
    }
    // Those that come next if nothing better does are taken together.
    const size_t next_count = pool.peek_some(taken, LISTS_AT_ONCE);
    for (size_t t = 0; t < next_count; t++) prefetch(layer.list(taken[t]), list_bytes);
    probe.costs(rows, count, costs);
    for (size_t i = 0; i < count; i++) {
      if (costs[i] >= pool.worst()) continue;
      pool.add(costs[i], nodes[i]);
      prefetch(layer.list(nodes[i]), list_bytes);
    }
  }
}

}  // namespace

void walk(const Layer& layer, const Probe& probe, WalkSpace& space, uint32_t node, size_t width) {
  const uint32_t row = layer.row(node);
  float cost;
  probe.costs(&row, 1, &cost);
  space.pool.clear(width);
  space.marks.clear();
  space.marks.mark(node);
  space.pool.add(cost, node);
  if (layer.level == 0) {
    walk_layer<false>(layer, probe, space);
  } else {
    walk_layer<true>(layer, probe, space);
  }
}

}  // namespace mlite
