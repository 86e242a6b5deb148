// Codes of a graph that are trained: see codes.h. A graph is built over codes that need no training, or
// over the vectors themselves; those that its image keeps are written when its links are there.

#ifndef MLITE_GRAPH_TRAINED_H_
#define MLITE_GRAPH_TRAINED_H_

#include "graph_build.h"

namespace mlite {

struct TrainedTask {
  const uint8_t* vectors;
  uint32_t thread_count;
  BuildControl* control;
};

// Trains the codebook of a laid out image and writes the codes of its rows; false when there is no
// memory. Stops early when it is cancelled.
bool write_trained_codes(const GraphImage& image, const TrainedTask& task);

}  // namespace mlite

#endif  // MLITE_GRAPH_TRAINED_H_
