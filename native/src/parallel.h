// One piece of work, done by several threads that take parts of it until there are none.

#ifndef MLITE_PARALLEL_H_
#define MLITE_PARALLEL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "graph_thread.h"

namespace mlite {

// Parts of [0, end), handed out in order.
class Parts {
 public:
  void reset(size_t end) {
    end_ = end;
    next_.store(0);
  }

  // False when none is left.
  bool take(size_t size, size_t& first, size_t& last) {
    first = next_.fetch_add(size);
    if (first >= end_) return false;
    last = std::min(end_, first + size);
    return true;
  }

 private:
  std::atomic<size_t> next_{0};
  size_t end_ = 0;
};

// On this thread and on as many others as are given; `work` gets `context`.
inline void run_beside(Thread::Work work, void* context, uint32_t thread_count) {
  constexpr uint32_t THREADS_MAX = 64;
  Thread threads[THREADS_MAX];
  for (uint32_t i = 1; i < std::min(thread_count, THREADS_MAX); i++) {
    if (!threads[i].start(work, context)) break;
  }
  work(context);
}

}  // namespace mlite

#endif  // MLITE_PARALLEL_H_
