#include "graph_trained.h"

#include <algorithm>

#include "graph_codes.h"
#include "parallel.h"

namespace mlite {
namespace {

constexpr size_t ROWS_PER_ENCODING = 64;

// What all threads share.
struct Encoding {
  const GraphImage* image;
  const TrainedTask* task;
  Parts rows;
  std::atomic<bool> is_out_of_memory{false};
};

// A row as codes.h wants it.
void read_row(const GraphImage& image, const uint8_t* vectors, size_t row, float* out) {
  const GraphShape& shape = image.shape;
  widen(shape, vectors + row * vector_stride(shape), out);
  prepare_vector(shape.code, shape.metric == Metric::Cosine, out);
}

void encode_some(void* context) {
  Encoding& encoding = *static_cast<Encoding*>(context);
  const GraphImage& image = *encoding.image;
  uint8_t* const run = const_cast<uint8_t*>(image.codes.codes);
  Encoder encoder;
  Array<float> vector;
  if (!encoder.open(image.shape.code, image.codebook) || !vector.resize(image.shape.dim)) {
    encoding.is_out_of_memory.store(true);
    return;
  }
  while (encoding.task->control->is_cancelled.load(std::memory_order_relaxed) == 0) {
    size_t first;
    size_t end;
    if (!encoding.rows.take(ROWS_PER_ENCODING, first, end)) return;
    for (size_t row = first; row < end; row++) {
      read_row(image, encoding.task->vectors, row, vector.data());
      encoder.encode(vector.data(), nullptr, run, row);
    }
  }
}

// Of rows that lie evenly among all.
bool train(const GraphImage& image, const TrainedTask& task) {
  const GraphShape& shape = image.shape;
  const size_t count = std::min<size_t>(shape.row_count, sample_rows(shape.code));
  Array<float> sample;
  if (!sample.resize(count * shape.dim)) return false;
  for (size_t i = 0; i < count; i++) {
    const size_t row = i * shape.row_count / count;
    read_row(image, task.vectors, row, sample.data() + i * shape.dim);
  }
  return train_codes(shape.code, sample.data(), count, task.thread_count,
                     task.control->is_cancelled, image.codebook) != TrainEnd::NoMemory;
}

}  // namespace

bool write_trained_codes(const GraphImage& image, const TrainedTask& task) {
  if (!train(image, task)) return false;
  Encoding encoding;
  encoding.image = &image;
  encoding.task = &task;
  encoding.rows.reset(image.shape.row_count);
  run_beside(encode_some, &encoding, task.thread_count);
  return !encoding.is_out_of_memory.load();
}

}  // namespace mlite
