// Memory that says when there is none: this code is compiled without exceptions. And memory that is
// not ours alone: that of a mapped file changes with the file.

#ifndef MLITE_MEMORY_H_
#define MLITE_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace mlite {

// A number of a mapped file, read once: what was checked is what is used, whatever is written there
// meanwhile.
inline uint32_t read_once(const uint32_t* at) { return *static_cast<const volatile uint32_t*>(at); }

// An array of its own, from a cache line on, not initialised beyond what T does by itself.
template <class T>
class Array {
  static_assert(std::is_trivially_destructible_v<T>, "elements need no farewell");
  static constexpr std::align_val_t LINE{64};

 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { ::operator delete[](data_, LINE); }

  // Replaces the array by one of `size` elements; false, and an empty array, when there is no
  // memory.
  bool resize(size_t size) {
    ::operator delete[](data_, LINE);
    data_ = size == 0 ? nullptr : new (LINE, std::nothrow) T[size];
    size_ = data_ == nullptr ? 0 : size;
    return size_ == size;
  }

  void swap(Array& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mlite

#endif  // MLITE_MEMORY_H_
