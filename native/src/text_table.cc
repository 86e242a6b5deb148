#include "text_table.h"

#include <algorithm>
#include <cstring>

#include "prefetch.h"

namespace mlite {

namespace {

// Rows that are looked up beside each other, so that one waits for memory while others do.
constexpr size_t BESIDE = 32;

inline uint32_t mixed(uint32_t hash, uint32_t word) {
  hash = (hash ^ word) * 0x9e3779b1u;
  return hash ^ (hash >> 15);
}

inline uint32_t hash_of(const uint8_t* text, size_t length) {
  uint32_t hash = 0x811c9dc5u ^ static_cast<uint32_t>(length);
  size_t at = 0;
  for (; at + 4 <= length; at += 4) {
    const uint32_t word = static_cast<uint32_t>(text[at]) | static_cast<uint32_t>(text[at + 1]) << 8 |
                          static_cast<uint32_t>(text[at + 2]) << 16 |
                          static_cast<uint32_t>(text[at + 3]) << 24;
    hash = mixed(hash, word);
  }
  if (at < length) {
    uint32_t word = 0;
    for (size_t i = at; i < length; i++) word |= static_cast<uint32_t>(text[i]) << ((i - at) * 8);
    hash = mixed(hash, word);
  }
  hash *= 0x2c1b3c6du;
  return hash ^ (hash >> 13);
}

// Bits of a slot that are of the hash.
inline uint32_t tags_of(const TextTable& table) {
  return ~static_cast<uint32_t>((table.slot_count - 1) >> 1);
}

inline bool is_entry(const TextTable& table, size_t entry, const uint8_t* text, size_t length) {
  if (entry >= table.entry_count) return false;
  const size_t start = table.offsets[entry];
  const size_t end = table.offsets[entry + 1];
  if (end < start || end > table.byte_count || end - start != length) return false;
  return length == 0 || std::memcmp(table.bytes + start, text, length) == 0;
}

bool find(const TextTable& table, const uint8_t* text, size_t length, uint32_t hash) {
  const size_t mask = table.slot_count - 1;
  const uint32_t tags = tags_of(table);
  for (size_t step = 0; step <= mask; step++) {
    const uint32_t tagged = table.slots[(hash + step) & mask];
    if (tagged == 0) return false;
    if (((tagged ^ hash) & tags) != 0) continue;
    if (is_entry(table, (tagged & ~tags) - size_t{1}, text, length)) return true;
  }
  return false;
}

}  // namespace

void TextTable::mark(const TextRows& rows, const uint32_t* active, uint32_t* out) const {
  const size_t mask = slot_count - 1;
  uint32_t hashes[BESIDE];
  for (size_t first = 0; first < rows.count; first += BESIDE) {
    const uint32_t asked = active == nullptr ? ~uint32_t{0} : active[first / 32];
    const size_t some = std::min(BESIDE, rows.count - first);
    out[first / 32] = 0;
    if (asked == 0) continue;
    const uint32_t* const offsets_here = rows.offsets + first;
    for (size_t i = 0; i < some; i++) {
      const uint32_t start = offsets_here[i];
      hashes[i] = hash_of(rows.bytes + start, offsets_here[i + 1] - start);
      prefetch(slots + (hashes[i] & mask));
    }
    uint32_t bits = 0;
    for (size_t i = 0; i < some; i++) {
      const uint32_t start = offsets_here[i];
      const bool is_in = find(*this, rows.bytes + start, offsets_here[i + 1] - start, hashes[i]);
      bits |= static_cast<uint32_t>(is_in) << i;
    }
    out[first / 32] = bits & asked;
  }
}

}  // namespace mlite
