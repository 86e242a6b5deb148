// Building a graph, by one thread or several; both reach the same recall.
//
// Invariants of a build:
//   - A node is linked from a layer only after its own lists on that layer and on all below it are
//     written, so whoever finds it can go on from it.
//   - Rows are inserted in a shuffled order, so that rows that are alike and lie side by side are
//     rarely inserted at the same moment, blind to each other.
//   - Of rows that are equal byte for byte only the first is a node; the others hang behind it.
//   - One thread makes the same image from the same rows every time.

#ifndef MLITE_GRAPH_BUILD_H_
#define MLITE_GRAPH_BUILD_H_

#include "graph_image.h"

namespace mlite {

enum class BuildEnd { Done, Cancelled, NoMemory };

// Shared with whoever waits for a build.
struct BuildControl {
  std::atomic<int32_t> rows_done;
  // Anything but 0 ends the build.
  std::atomic<int32_t> is_cancelled;
};
static_assert(sizeof(BuildControl) == 8, "two int32 of shared memory");

// What must be known of the rows before an image can be laid out.
struct GraphPlan {
  GraphCounts counts;
  // By row; empty when no two rows are equal.
  Array<uint32_t> twins;
  Array<uint8_t> is_twin;
  Array<uint8_t> levels;
};

// False when there is no memory.
bool plan_graph(const GraphShape& shape, const uint8_t* vectors, GraphPlan& plan);

// Fills `bytes`, as many as lay_out asks for with the counts of the plan.
BuildEnd build_graph(const GraphShape& shape, const GraphPlan& plan, const uint8_t* vectors,
                     uint8_t* bytes, uint32_t thread_count, BuildControl& control);

}  // namespace mlite

#endif  // MLITE_GRAPH_BUILD_H_
