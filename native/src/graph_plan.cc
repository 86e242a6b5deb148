// What is known of a graph before it is built: which rows are equal, and who is on which level.

#include <cmath>
#include <cstring>

#include "graph_build.h"
#include "graph_codes.h"

namespace mlite {
namespace {

constexpr uint64_t MIX = 0x9e3779b97f4a7c15u;

uint64_t mix(uint64_t value) {
  value ^= value >> 32;
  value *= MIX;
  value ^= value >> 29;
  value *= MIX;
  return value ^ (value >> 32);
}

uint64_t hash_of(const uint8_t* bytes, size_t count) {
  uint64_t hash = MIX ^ count;
  size_t at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + at, 8);
    hash = (hash ^ word) * MIX;
    hash ^= hash >> 31;
  }
  for (; at < count; at++) hash = (hash ^ bytes[at]) * MIX;
  return mix(hash);
}

bool find_twins(const GraphShape& shape, const uint8_t* vectors, GraphPlan& plan) {
  const size_t bytes = vector_stride(shape);
  const size_t rows = shape.row_count;
  size_t slots = 16;
  while (slots < rows * 2) slots *= 2;
  Array<uint32_t> table;
  if (!table.resize(slots) || !plan.twins.resize(rows) || !plan.is_twin.resize(rows)) return false;
  std::memset(table.data(), 0xff, slots * 4);
  std::memset(plan.twins.data(), 0xff, rows * 4);
  std::memset(plan.is_twin.data(), 0, rows);
  for (uint32_t row = 0; row < rows; row++) {
    const uint8_t* const vector = vectors + row * bytes;
    size_t slot = hash_of(vector, bytes) & (slots - 1);
    while (table[slot] != NO_NODE &&
           std::memcmp(vectors + table[slot] * bytes, vector, bytes) != 0) {
      slot = (slot + 1) & (slots - 1);
    }
    if (table[slot] != NO_NODE) {
      plan.twins[table[slot]] = row;
      plan.is_twin[row] = 1;
      plan.counts.twin_count++;
    }
    table[slot] = row;
  }
  return true;
}

// The share of nodes on a level is 1 / degree of that on the level below.
uint8_t level_of(uint32_t row, uint32_t degree) {
  const double uniform = (static_cast<double>(mix(row + 1) >> 11) + 1) / 9007199254740992.0;
  const double level = -std::log(uniform) / std::log(static_cast<double>(degree));
  return static_cast<uint8_t>(level < GRAPH_LEVELS_MAX ? level : GRAPH_LEVELS_MAX);
}

}  // namespace

bool plan_graph(const GraphShape& shape, const uint8_t* vectors, GraphPlan& plan) {
  plan.counts = GraphCounts();
  if (!find_twins(shape, vectors, plan) || !plan.levels.resize(shape.row_count)) return false;
  for (uint32_t row = 0; row < shape.row_count; row++) {
    const uint8_t level = plan.is_twin[row] != 0 ? 0 : level_of(row, shape.degree);
    plan.levels[row] = level;
    if (level == 0) continue;
    plan.counts.upper_count++;
    plan.counts.upper_list_count += level;
    if (level > plan.counts.top_level) plan.counts.top_level = level;
  }
  return true;
}

}  // namespace mlite
