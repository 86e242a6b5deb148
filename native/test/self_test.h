// What the self-test's parts share. A failed check says where, and ends the program.

#ifndef MLITE_SELF_TEST_H_
#define MLITE_SELF_TEST_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define CHECK(condition)                                                    \
  do {                                                                      \
    if (!(condition)) {                                                     \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);  \
      std::exit(1);                                                         \
    }                                                                       \
  } while (0)

namespace self_test {

// A part of the self-test, found by the program without a list of them.
struct Part {
  const char* name;
  void (*run)();
  const Part* next;
  static const Part*& first() {
    static const Part* parts = nullptr;
    return parts;
  }
  Part(const char* part_name, void (*part_run)())
      : name(part_name), run(part_run), next(first()) {
    first() = this;
  }
};

// The same numbers every time.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : state_(seed * 2 + 1) {}
  uint32_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33);
  }
  // [-1, 1)
  float unit() { return static_cast<float>(next()) / 1073741824.0f - 1.0f; }
  size_t below(size_t bound) { return next() % bound; }

 private:
  uint64_t state_;
};

// Overwrites some of the words of an image with numbers of any size, small ones more than others.
inline void scribble(Numbers& numbers, uint8_t* bytes, size_t length, size_t share) {
  for (size_t at = 0; at + 4 <= length; at += 4) {
    if (numbers.below(share) != 0) continue;
    const uint32_t word = (numbers.next() << 1 | numbers.below(2)) >> numbers.below(32);
    std::memcpy(bytes + at, &word, 4);
  }
}

// An array that ends where its memory does, so that one byte too many is seen by the address
// sanitizer; it starts `offset` elements behind the start, so that it is not aligned either.
template <class T>
class Exact {
 public:
  Exact(size_t size, size_t offset = 1)
      : memory_(static_cast<T*>(std::malloc((size + offset) * sizeof(T)))), offset_(offset) {
    CHECK(memory_ != nullptr);
  }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  ~Exact() { std::free(memory_); }
  T* data() { return memory_ + offset_; }
  T& operator[](size_t i) { return data()[i]; }

 private:
  T* memory_;
  size_t offset_;
};

}  // namespace self_test

#endif  // MLITE_SELF_TEST_H_
