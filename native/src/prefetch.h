#ifndef MLITE_PREFETCH_H_
#define MLITE_PREFETCH_H_

namespace mlite {

// Asks for memory that is read soon; what is there does not change.
inline void prefetch(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace mlite

#endif  // MLITE_PREFETCH_H_
