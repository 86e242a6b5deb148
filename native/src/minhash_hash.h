// The hash of a band, and Bloom filters in blocks of 512 bits: the twin of
// src/index/minhash-filter.ts, which says where they come from.

#ifndef MLITE_MINHASH_HASH_H_
#define MLITE_MINHASH_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mlite {

constexpr size_t FILTER_BLOCK_WORDS = 16;
constexpr uint32_t FILTER_BLOCK_BITS = 512;

inline uint32_t mix_bits(uint32_t bits) {
  bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
  bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
  return bits ^ (bits >> 16);
}

inline uint32_t scramble(uint32_t word) {
  const uint32_t product = word * 0xcc9e2d51u;
  return ((product << 15) | (product >> 17)) * 0x1b873593u;
}

// MurmurHash3 of `count` bytes, read as little-endian words.
inline uint32_t band_hash(const uint8_t* bytes, size_t count, uint32_t seed) {
  uint32_t hash = seed;
  size_t at = 0;
  for (; at + 4 <= count; at += 4) {
    const uint32_t word = uint32_t{bytes[at]} | uint32_t{bytes[at + 1]} << 8 |
                          uint32_t{bytes[at + 2]} << 16 | uint32_t{bytes[at + 3]} << 24;
    hash ^= scramble(word);
    hash = ((hash << 13) | (hash >> 19)) * 5 + 0xe6546b64u;
  }
  uint32_t tail = 0;
  for (size_t i = count; i > at; i--) tail = tail << 8 | bytes[i - 1];
  if (at < count) hash ^= scramble(tail);
  return mix_bits(hash ^ static_cast<uint32_t>(count));
}

struct Filter {
  uint32_t* words;
  uint32_t blocks;
  // That a hash sets in its block.
  uint32_t bits;

  uint32_t* block(uint32_t hash) const {
    return words + size_t{mix_bits(hash) % blocks} * FILTER_BLOCK_WORDS;
  }

  void add(uint32_t hash) const {
    uint32_t* const at = block(hash);
    uint32_t bit = mix_bits(hash ^ 0x9e3779b9u);
    const uint32_t step = (bit >> 9) | 1;
    for (uint32_t i = 0; i < bits; i++, bit += step) {
      at[(bit & (FILTER_BLOCK_BITS - 1)) >> 5] |= 1u << (bit & 31);
    }
  }

  // False: no row has this hash.
  bool may_have(uint32_t hash) const {
    const uint32_t* const at = block(hash);
    uint32_t bit = mix_bits(hash ^ 0x9e3779b9u);
    const uint32_t step = (bit >> 9) | 1;
    for (uint32_t i = 0; i < bits; i++, bit += step) {
      if ((at[(bit & (FILTER_BLOCK_BITS - 1)) >> 5] >> (bit & 31) & 1) == 0) return false;
    }
    return true;
  }
};

}  // namespace mlite

#endif  // MLITE_MINHASH_HASH_H_
