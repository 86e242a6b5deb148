#include "text_kernels.h"

#include <algorithm>
#include <cstring>

#include "kernels.h"

namespace mlite {

namespace {

inline bool is_active(const uint32_t* active, size_t row) {
  return active == nullptr || ((active[row / 32] >> (row % 32)) & 1) != 0;
}

inline void set(uint32_t* out, size_t row) { out[row / 32] |= uint32_t{1} << (row % 32); }

// Bytes that are compared at some place, the first eight at once where there are as many to read.
class Head {
 public:
  explicit Head(const Literal& literal) : literal_(literal), word_(0), mask_(~uint64_t{0}) {
    const size_t length = std::min<size_t>(literal.length, 8);
    if (length > 0) std::memcpy(&word_, literal.bytes, length);
    uint8_t bytes[8] = {};
    std::memset(bytes, 0xff, length);
    std::memcpy(&mask_, bytes, 8);
  }

  size_t length() const { return literal_.length; }

  // The text has as many bytes from here on; `room` of them, and of what lies behind, may be read.
  bool stands_at(const uint8_t* text, size_t room) const {
    if (literal_.length == 0) return true;
    if (room < 8) return std::memcmp(text, literal_.bytes, literal_.length) == 0;
    uint64_t word;
    std::memcpy(&word, text, 8);
    if (((word ^ word_) & mask_) != 0) return false;
    return literal_.length <= 8 ||
           std::memcmp(text + 8, literal_.bytes + 8, literal_.length - 8) == 0;
  }

 private:
  Literal literal_;
  uint64_t word_;
  uint64_t mask_;
};

// Looks for one part of a pattern. Candidates are compared from their first byte on, and where that was much for
// the bytes that were passed, the rest of the text is read byte by byte by Knuth-Morris-Pratt.
class PartFinder {
 public:
  static constexpr size_t NONE = ~size_t{0};

  PartFinder(const Literal& part, const int32_t* failures, PairFinder finder)
      : part_(part), failures_(failures), finder_(finder) {}

  // Where the first occurrence within [from, end) begins, or NONE.
  size_t find(const uint8_t* text, size_t from, size_t end) {
    const size_t length = part_.length;
    if (end < from + length) return NONE;
    const size_t stop = end - length + 1;
    const uint8_t first = part_.bytes[0];
    const uint8_t last = part_.bytes[length - 1];
    while (from < stop) {
      if (spent_ > SPENT_FREE + passed_ * 2) return find_linear(text, from, end);
      const size_t at = finder_(text, from, stop, first, last, length - 1);
      passed_ += at - from + 1;
      if (at == stop) return NONE;
      const size_t common = common_length(text + at);
      if (common == length) return at;
      spent_ += common;
      from = at + 1;
    }
    return NONE;
  }

 private:
  static constexpr size_t SPENT_FREE = 256;

  size_t common_length(const uint8_t* text) const {
    size_t i = 0;
    while (i + 8 <= part_.length && std::memcmp(text + i, part_.bytes + i, 8) == 0) i += 8;
    while (i < part_.length && text[i] == part_.bytes[i]) i++;
    return i;
  }

  size_t find_linear(const uint8_t* text, size_t from, size_t end) const {
    size_t length = 0;
    for (size_t i = from; i < end; i++) {
      while (length > 0 && text[i] != part_.bytes[length]) {
        length = static_cast<size_t>(failures_[length - 1]);
      }
      if (text[i] == part_.bytes[length]) length++;
      if (length == part_.length) return i + 1 - length;
    }
    return NONE;
  }

  Literal part_;
  const int32_t* failures_;
  PairFinder finder_;
  // Bytes that finders went over, and bytes of candidates that were none.
  size_t passed_ = 0;
  size_t spent_ = 0;
};

class LikeScan {
 public:
  LikeScan(const TextRows& rows, const LikePattern& pattern, PairFinder finder)
      : rows_(rows), pattern_(pattern), finder_(finder), prefix_(pattern.prefix),
        suffix_(pattern.suffix), least_(pattern.prefix.length + pattern.suffix.length) {
    for (size_t i = 0; i < pattern.middle_count; i++) least_ += pattern.middle[i].length;
  }

  void mark_each(const uint32_t* active, uint32_t* out) const {
    for (size_t row = 0; row < rows_.count; row++) {
      if (is_active(active, row) && matches(row)) set(out, row);
    }
  }

  // By the first part in between, which is looked for in all rows at once.
  void mark_found(const uint32_t* active, uint32_t* out) const {
    PartFinder first(pattern_.middle[0], pattern_.failures, finder_);
    const size_t end = rows_.offsets[rows_.count];
    size_t row = 0;
    for (size_t from = rows_.offsets[0]; from < end;) {
      const size_t at = first.find(rows_.bytes, from, end);
      if (at == PartFinder::NONE) return;
      while (rows_.offsets[row + 1] <= at) row++;
      const size_t row_end = rows_.offsets[row + 1];
      if (at + pattern_.middle[0].length > row_end) {
        from = at + 1;
        continue;
      }
      if (is_active(active, row) && (is_alone() || matches(row))) set(out, row);
      from = row_end;
    }
  }

 private:
  // That the part is there is all.
  bool is_alone() const { return least_ == pattern_.middle[0].length; }

  bool matches(size_t row) const {
    const size_t start = rows_.offsets[row];
    const size_t end = rows_.offsets[row + 1];
    const size_t length = end - start;
    if (length < least_ || (pattern_.is_exact && length > least_)) return false;
    const uint8_t* const bytes = rows_.bytes;
    if (!prefix_.stands_at(bytes + start, rows_.byte_count - start)) return false;
    const size_t suffix_at = end - suffix_.length();
    if (!suffix_.stands_at(bytes + suffix_at, rows_.byte_count - suffix_at)) return false;
    size_t at = start + prefix_.length();
    const int32_t* failures = pattern_.failures;
    for (size_t i = 0; i < pattern_.middle_count; i++) {
      const Literal& part = pattern_.middle[i];
      at = PartFinder(part, failures, finder_).find(bytes, at, suffix_at);
      if (at == PartFinder::NONE) return false;
      at += part.length;
      failures += part.length;
    }
    return true;
  }

  const TextRows& rows_;
  const LikePattern& pattern_;
  PairFinder finder_;
  Head prefix_;
  Head suffix_;
  // Bytes of the shortest text that may match.
  size_t least_;
};

// Rows that are asked for; as many as there are when all are.
size_t active_count(const uint32_t* active, size_t count) {
  if (active == nullptr) return count;
  size_t found = 0;
  for (size_t row = 0; row < count; row++) found += (active[row / 32] >> (row % 32)) & 1;
  return found;
}

// Of the row against the bound: -1, 0 or 1.
int compare(const uint8_t* text, size_t length, const Literal& bound) {
  const size_t common = std::min(length, bound.length);
  const int order = common == 0 ? 0 : std::memcmp(text, bound.bytes, common);
  if (order != 0) return order < 0 ? -1 : 1;
  return length == bound.length ? 0 : length < bound.length ? -1 : 1;
}

void mark_equal(const TextRows& rows, const Literal& text, const uint32_t* active, uint32_t* out) {
  const Head head(text);
  for (size_t row = 0; row < rows.count; row++) {
    const size_t start = rows.offsets[row];
    if (rows.offsets[row + 1] - start != text.length || !is_active(active, row)) continue;
    if (head.stands_at(rows.bytes + start, rows.byte_count - start)) set(out, row);
  }
}

}  // namespace

size_t find_pair_scalar(const uint8_t* text, size_t from, size_t end, uint8_t first, uint8_t last,
                        size_t gap) {
  while (from < end) {
    const void* const found = std::memchr(text + from, first, end - from);
    if (found == nullptr) return end;
    const size_t at = static_cast<size_t>(static_cast<const uint8_t*>(found) - text);
    if (text[at + gap] == last) return at;
    from = at + 1;
  }
  return end;
}

PairFinder pair_finder() {
#if defined(__x86_64__) || defined(_M_X64)
  if (std::strcmp(kernels().name, "avx512") == 0) return find_pair_avx512;
  if (std::strcmp(kernels().name, "avx2") == 0) return find_pair_avx2;
#endif
  return find_pair_scalar;
}

void mark_like(const TextRows& rows, const LikePattern& pattern, const uint32_t* active,
               PairFinder finder, uint32_t* out) {
  std::memset(out, 0, (rows.count + 31) / 32 * sizeof(uint32_t));
  const LikeScan scan(rows, pattern, finder);
  // To look everywhere is worth it for many rows only, and where a row is not known by how it begins.
  const bool is_everywhere = pattern.middle_count > 0 && pattern.prefix.length == 0 &&
                             active_count(active, rows.count) * 8 >= rows.count;
  if (is_everywhere) scan.mark_found(active, out);
  else scan.mark_each(active, out);
}

void mark_text_range(const TextRows& rows, const TextBound& lower, const TextBound& upper,
                     const uint32_t* active, uint32_t* out) {
  std::memset(out, 0, (rows.count + 31) / 32 * sizeof(uint32_t));
  const bool has_lower = lower.text.bytes != nullptr;
  const bool has_upper = upper.text.bytes != nullptr;
  if (has_lower && has_upper && lower.is_inclusive && upper.is_inclusive &&
      compare(lower.text.bytes, lower.text.length, upper.text) == 0) {
    mark_equal(rows, lower.text, active, out);
    return;
  }
  const int least = lower.is_inclusive ? 0 : 1;
  const int most = upper.is_inclusive ? 0 : -1;
  for (size_t row = 0; row < rows.count; row++) {
    if (!is_active(active, row)) continue;
    const uint8_t* const text = rows.bytes + rows.offsets[row];
    const size_t length = rows.offsets[row + 1] - rows.offsets[row];
    if (has_lower && compare(text, length, lower.text) < least) continue;
    if (has_upper && compare(text, length, upper.text) > most) continue;
    set(out, row);
  }
}

}  // namespace mlite
