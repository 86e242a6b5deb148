#include "word_table.h"

#include <algorithm>

#include "first_bit.h"
#include "prefetch.h"

namespace mlite {

namespace {

// Words that are looked up beside each other, so that one waits for memory while others do.
constexpr size_t BESIDE = 32;
constexpr uint64_t SIGN = uint64_t{1} << 63;

inline uint32_t hash_of(uint64_t word) {
  const uint32_t low = static_cast<uint32_t>(word);
  const uint32_t high = static_cast<uint32_t>(word >> 32);
  uint32_t hash = (low ^ (high * 0x85ebca6bu)) * 0x9e3779b1u;
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6du;
  return hash ^ (hash >> 13);
}

// Bits of a slot that are of the hash.
inline uint32_t tags_of(const WordTable& table) {
  return ~static_cast<uint32_t>((table.slot_count - 1) >> 1);
}

// Whether the word is among the entries, from the slot of its hash on.
inline bool find(const WordTable& table, uint64_t word, uint32_t hash) {
  const size_t mask = table.slot_count - 1;
  const uint32_t tags = tags_of(table);
  for (size_t step = 0; step <= mask; step++) {
    const uint32_t tagged = table.slots[(hash + step) & mask];
    if (tagged == 0) return false;
    if (((tagged ^ hash) & tags) != 0) continue;
    const size_t entry = tagged & ~tags;
    if (entry - 1 < table.entry_count && table.entries[entry - 1] == word) return true;
  }
  return false;
}

// Where a hash is in the filter: its highest bits, as many as the filter has places.
inline uint32_t filter_place(const WordTable& table, uint32_t hash) {
  return hash >> table.filter_shift;
}

inline uint32_t filter_bit(const WordTable& table, uint32_t hash) {
  const uint32_t place = filter_place(table, hash);
  return table.filter[place / 32] >> (place % 32) & 1;
}

}  // namespace

void WordTable::add(size_t start, size_t end) {
  const size_t mask = slot_count - 1;
  const uint32_t tags = tags_of(*this);
  uint32_t hashes[BESIDE];
  for (size_t at = start; at < end; at += BESIDE) {
    const size_t count = std::min(BESIDE, end - at);
    for (size_t i = 0; i < count; i++) {
      hashes[i] = hash_of(entries[at + i]);
      prefetch(slots + (hashes[i] & mask));
    }
    for (size_t i = 0; i < count; i++) {
      size_t slot = hashes[i] & mask;
      for (size_t step = 0; step < mask && slots[slot] != 0; step++) slot = (slot + 1) & mask;
      slots[slot] = (hashes[i] & tags) | static_cast<uint32_t>(at + i + 1);
      const uint32_t place = filter_place(*this, hashes[i]);
      filter[place / 32] |= uint32_t{1} << (place % 32);
    }
  }
}

void WordTable::mark(const uint64_t* words, size_t count, uint32_t* out) const {
  const size_t mask = slot_count - 1;
  const uint32_t tags = tags_of(*this);
  uint32_t hashes[BESIDE];
  for (size_t at = 0; at < count; at += BESIDE) {
    const size_t some = std::min(BESIDE, count - at);
    for (size_t i = 0; i < some; i++) hashes[i] = hash_of(words[at + i]);
    uint32_t maybe = 0;
    for (size_t i = 0; i < some; i++) maybe |= filter_bit(*this, hashes[i]) << i;
    for (uint32_t left = maybe; left != 0; left &= left - 1) {
      prefetch(slots + (hashes[first_bit(left)] & mask));
    }
    for (uint32_t left = maybe; left != 0; left &= left - 1) {
      const uint32_t hash = hashes[first_bit(left)];
      const uint32_t tagged = slots[hash & mask];
      const size_t entry = tagged & ~tags;
      if (((tagged ^ hash) & tags) == 0 && entry - 1 < entry_count) prefetch(entries + (entry - 1));
    }
    uint32_t bits = 0;
    for (uint32_t left = maybe; left != 0; left &= left - 1) {
      const size_t i = first_bit(left);
      bits |= static_cast<uint32_t>(find(*this, words[at + i], hashes[i])) << i;
    }
    out[at / 32] = bits;
  }
}

void count_digits(uint64_t* words, size_t count, bool is_floating, uint32_t* counts) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t word = words[i];
    const uint64_t ordered = is_floating && (word & SIGN) != 0 ? ~word : word ^ SIGN;
    words[i] = ordered;
    for (size_t digit = 0; digit < DIGITS; digit++) {
      counts[digit * DIGIT_COUNT + ((ordered >> (digit * 16)) & 0xffff)]++;
    }
  }
}

bool move_by_digit(const uint64_t* from, size_t count, size_t digit, uint32_t* places,
                   uint64_t* to, size_t place_count) {
  const size_t shift = digit * 16;
  for (size_t i = 0; i < count; i++) {
    const uint32_t place = places[(from[i] >> shift) & 0xffff]++;
    if (place >= place_count) return false;
    to[place] = from[i];
  }
  return true;
}

void bring_home(const uint64_t* from, size_t count, bool is_floating, uint64_t* to) {
  for (size_t i = 0; i < count; i++) {
    const uint64_t word = from[i];
    to[i] = is_floating && (word & SIGN) == 0 ? ~word : word ^ SIGN;
  }
}

}  // namespace mlite
