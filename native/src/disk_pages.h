// Pages of files that are mapped. A thread that touches one that is not in memory waits for the disk, for one
// page at a time: what it will touch is asked for ahead, so that the disk works on many. That takes a call of
// the system each, so it is done only while a thread had to wait lately. Elsewhere than on Linux nothing is.

#ifndef MLITE_DISK_PAGES_H_
#define MLITE_DISK_PAGES_H_

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#include <sys/resource.h>
#endif

namespace mlite {

class DiskPages {
 public:
  // Of memory that is read here and there: the system reads no more than what is touched.
  static void expect_random(const void* at, size_t bytes) {
#if defined(__linux__)
    advise(at, bytes, MADV_RANDOM);
#else
    static_cast<void>(at), static_cast<void>(bytes);
#endif
  }

  // Before the first piece of work of a thread, and behind each.
  void note_work() {
#if defined(__linux__)
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0) return;
    has_waited_ = waits_ != UNKNOWN && usage.ru_majflt != waits_;
    waits_ = usage.ru_majflt;
#endif
  }

  // Whether this thread waited for pages in its last piece of work.
  bool has_waited() const { return has_waited_; }

  // Asks for memory that will be touched soon.
  static void want(const void* at, size_t bytes) {
#if defined(__linux__)
    advise(at, bytes, MADV_WILLNEED);
#else
    static_cast<void>(at), static_cast<void>(bytes);
#endif
  }

 private:
#if defined(__linux__)
  static constexpr uintptr_t PAGE_BYTES = 4096;

  // Advice that is refused, as where pages are larger, is none.
  static void advise(const void* at, size_t bytes, int advice) {
    const uintptr_t start = reinterpret_cast<uintptr_t>(at);
    const uintptr_t first = start & ~(PAGE_BYTES - 1);
    madvise(reinterpret_cast<void*>(first), start + bytes - first, advice);
  }

  static constexpr long UNKNOWN = -1;
  long waits_ = UNKNOWN;
#endif
  bool has_waited_ = false;
};

}  // namespace mlite

#endif  // MLITE_DISK_PAGES_H_
