// Hash sets of 64-bit numbers, laid out as src/query/word-table.ts says, and their order by digits
// (src/query/word-sort.ts): the twins of both files for what is many.

#ifndef MLITE_WORD_TABLE_H_
#define MLITE_WORD_TABLE_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// Open addressing: a slot holds an entry's number plus one, and above it bits of its hash. Less than half of the slots
// are taken.
constexpr size_t FILTER_BITS = 4;

struct WordTable {
  uint32_t* slots;
  // A power of two.
  size_t slot_count;
  const uint64_t* entries;
  size_t entry_count;
  // FILTER_BITS times as many bits as slots, by the highest bits of a hash: where none is set there is no entry. So
  // many fit a cache that slots do not.
  uint32_t* filter;
  uint32_t filter_shift;

  // Takes in entries [start, end), each once.
  void add(size_t start, size_t end);
  // Bit i & 31 of out[i / 32]: words[i] is an entry.
  void mark(const uint64_t* words, size_t count, uint32_t* out) const;
};

constexpr size_t DIGITS = 4;
constexpr size_t DIGIT_COUNT = 65536;

// Turns numbers into words whose unsigned order is theirs, and counts their digits of 16 bits: DIGITS times
// DIGIT_COUNT counts.
void count_digits(uint64_t* words, size_t count, bool is_floating, uint32_t* counts);

// Puts words where their digit belongs, by the next free place of each. False when a place is not below
// `place_count`; then some were not put.
bool move_by_digit(const uint64_t* from, size_t count, size_t digit, uint32_t* places,
                   uint64_t* to, size_t place_count);

// Turns words back into numbers.
void bring_home(const uint64_t* from, size_t count, bool is_floating, uint64_t* to);

}  // namespace mlite

#endif  // MLITE_WORD_TABLE_H_
