#include "masked_like.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace mlite {

namespace {

constexpr size_t NONE = ~size_t{0};
constexpr size_t ASCII = 128;
constexpr uint64_t HIGH_BITS = 0x8080808080808080u;

template <typename Type>
std::unique_ptr<Type[]> room_for(size_t count) {
  return std::unique_ptr<Type[]>(new (std::nothrow) Type[count + 1]());
}

// A part that is looked for all over a text: by its failure table, or by the bits that each code point sets when there
// is an ANY_POINT among its own.
class Part {
 public:
  bool prepare(const int32_t* points, size_t length) {
    points_ = points;
    length_ = length;
    any_count_ = static_cast<size_t>(std::count(points, points + length, ANY_POINT));
    if (any_count_ == length) return true;
    return any_count_ > 0 ? prepare_masks() : prepare_failures();
  }

  // Where the first occurrence within [from, end) ends, or NONE.
  template <typename Unit>
  size_t find(const Unit* text, size_t from, size_t end) {
    if (any_count_ == length_) return end - from >= length_ ? from + length_ : NONE;
    if (any_count_ == 0) return find_literal(text, from, end);
    return words_ == 1 ? find_word(text, from, end) : find_words(text, from, end);
  }

 private:
  bool prepare_failures() {
    failures_ = room_for<uint32_t>(length_);
    if (failures_ == nullptr) return false;
    for (size_t i = 1, length = 0; i < length_; i++) {
      while (length > 0 && points_[i] != points_[length]) length = failures_[length - 1];
      if (points_[i] == points_[length]) length++;
      failures_[i] = static_cast<uint32_t>(length);
    }
    return true;
  }

  // Masks of the distinct points in ascending order, then that of every other one.
  bool prepare_masks() {
    words_ = (length_ + 63) / 64;
    distinct_ = room_for<int32_t>(length_);
    if (distinct_ == nullptr) return false;
    int32_t* const end =
        std::copy_if(points_, points_ + length_, distinct_.get(), [](int32_t point) {
          return point != ANY_POINT;
        });
    std::sort(distinct_.get(), end);
    count_ = static_cast<size_t>(std::unique(distinct_.get(), end) - distinct_.get());
    masks_ = room_for<uint64_t>((count_ + 1) * words_);
    state_ = room_for<uint64_t>(words_);
    if (masks_ == nullptr || state_ == nullptr) return false;
    for (size_t i = 0; i < length_; i++) {
      const uint64_t bit = uint64_t{1} << (i % 64);
      if (points_[i] != ANY_POINT) masks_[rank(points_[i]) * words_ + i / 64] |= bit;
      else for (size_t one = 0; one <= count_; one++) masks_[one * words_ + i / 64] |= bit;
    }
    ranks_ = room_for<uint16_t>(ASCII);
    if (ranks_ == nullptr) return false;
    std::fill_n(ranks_.get(), ASCII, static_cast<uint16_t>(count_));
    for (size_t i = 0; i < count_ && distinct_[i] < static_cast<int32_t>(ASCII); i++) {
      ranks_[static_cast<size_t>(distinct_[i])] = static_cast<uint16_t>(i);
    }
    return true;
  }

  // Which mask is that of a point.
  size_t rank(int32_t point) const {
    const int32_t* const first = distinct_.get();
    const int32_t* const found = std::lower_bound(first, first + count_, point);
    const size_t at = static_cast<size_t>(found - first);
    return at < count_ && *found == point ? at : count_;
  }

  const uint64_t* mask_of(uint8_t letter) const { return &masks_[ranks_[letter & 0x7f] * words_]; }
  const uint64_t* mask_of(int32_t point) const {
    const bool is_ascii = point >= 0 && point < static_cast<int32_t>(ASCII);
    const size_t found = is_ascii ? ranks_[static_cast<size_t>(point)] : rank(point);
    return &masks_[found * words_];
  }

  template <typename Unit>
  size_t find_literal(const Unit* text, size_t from, size_t end) const {
    size_t length = 0;
    for (size_t i = from; i < end; i++) {
      const int32_t point = text[i];
      while (length > 0 && point != points_[length]) length = failures_[length - 1];
      if (point == points_[length]) length++;
      if (length == length_) return i + 1;
    }
    return NONE;
  }

  // Bit j of the state: the last j + 1 points fit the first j + 1 of the part.
  template <typename Unit>
  size_t find_word(const Unit* text, size_t from, size_t end) const {
    const size_t last = length_ - 1;
    uint64_t state = 0;
    for (size_t i = from; i < end; i++) {
      state = (state << 1 | 1) & *mask_of(text[i]);
      if ((state >> last & 1) != 0) return i + 1;
    }
    return NONE;
  }

  template <typename Unit>
  size_t find_words(const Unit* text, size_t from, size_t end) {
    const size_t last = length_ - 1;
    std::fill_n(state_.get(), words_, 0);
    for (size_t i = from; i < end; i++) {
      const uint64_t* const mask = mask_of(text[i]);
      uint64_t carry = 1;
      for (size_t word = 0; word < words_; word++) {
        const uint64_t before = state_[word];
        state_[word] = (before << 1 | carry) & mask[word];
        carry = before >> 63;
      }
      if ((state_[last / 64] >> last % 64 & 1) != 0) return i + 1;
    }
    return NONE;
  }

  const int32_t* points_ = nullptr;
  size_t length_ = 0;
  size_t any_count_ = 0;
  std::unique_ptr<uint32_t[]> failures_;
  size_t words_ = 0;
  size_t count_ = 0;
  std::unique_ptr<int32_t[]> distinct_;
  std::unique_ptr<uint64_t[]> masks_;
  std::unique_ptr<uint64_t[]> state_;
  // Of every letter of ASCII.
  std::unique_ptr<uint16_t[]> ranks_;
};

template <typename Unit>
bool fits_at(const Unit* text, const int32_t* points, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (points[i] != ANY_POINT && points[i] != static_cast<int32_t>(text[i])) return false;
  }
  return true;
}

bool is_ascii(const uint8_t* text, size_t length) {
  size_t at = 0;
  uint64_t word;
  uint64_t seen = 0;
  for (; at + 8 <= length; at += 8) {
    std::memcpy(&word, text + at, 8);
    seen |= word;
  }
  uint8_t rest = 0;
  for (; at < length; at++) rest |= text[at];
  return (seen & HIGH_BITS) == 0 && rest < 0x80;
}

// Code points of UTF-8 into `points`, which has room for as many as there are bytes. Returns how many.
size_t decode(const uint8_t* text, size_t byte_count, int32_t* points) {
  size_t count = 0;
  for (size_t i = 0; i < byte_count;) {
    const uint32_t lead = text[i];
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
    for (size_t j = 1; j < length && i + j < byte_count; j++) {
      point = point << 6 | (text[i + j] & 0x3fu);
    }
    points[count++] = static_cast<int32_t>(point);
    i += length;
  }
  return count;
}

class MaskedScan {
 public:
  explicit MaskedScan(const MaskedPattern& pattern) : pattern_(pattern) {}

  bool prepare(const TextRows& rows) {
    size_t longest = 0;
    for (size_t row = 0; row < rows.count; row++) {
      longest = std::max<size_t>(longest, rows.offsets[row + 1] - rows.offsets[row]);
    }
    decoded_ = room_for<int32_t>(longest);
    middle_ = room_for<Part>(pattern_.part_count - 2);
    if (decoded_ == nullptr || middle_ == nullptr) return false;
    const int32_t* points = pattern_.points + prefix_length() + suffix_length();
    least_ = prefix_length() + suffix_length();
    for (size_t i = 2; i < pattern_.part_count; i++) {
      if (!middle_[i - 2].prepare(points, pattern_.lengths[i])) return false;
      points += pattern_.lengths[i];
      least_ += pattern_.lengths[i];
    }
    return true;
  }

  bool matches(const uint8_t* text, size_t byte_count) {
    // Characters are at most as many as bytes, and at least a quarter of them.
    if (byte_count < least_ || (pattern_.is_exact && byte_count > least_ * 4)) return false;
    if (is_ascii(text, byte_count)) return matches_units(text, byte_count);
    return matches_units(decoded_.get(), decode(text, byte_count, decoded_.get()));
  }

 private:
  size_t prefix_length() const { return pattern_.lengths[0]; }
  size_t suffix_length() const { return pattern_.lengths[1]; }

  template <typename Unit>
  bool matches_units(const Unit* text, size_t length) {
    if (length < least_ || (pattern_.is_exact && length > least_)) return false;
    if (!fits_at(text, pattern_.points, prefix_length())) return false;
    const size_t end = length - suffix_length();
    if (!fits_at(text + end, pattern_.points + prefix_length(), suffix_length())) return false;
    size_t at = prefix_length();
    for (size_t i = 2; i < pattern_.part_count; i++) {
      at = middle_[i - 2].find(text, at, end);
      if (at == NONE) return false;
    }
    return true;
  }

  const MaskedPattern& pattern_;
  // Characters of the shortest text that may match.
  size_t least_ = 0;
  std::unique_ptr<Part[]> middle_;
  std::unique_ptr<int32_t[]> decoded_;
};

}  // namespace

bool mark_masked_like(const TextRows& rows, const MaskedPattern& pattern, const uint32_t* active,
                      uint32_t* out) {
  std::memset(out, 0, (rows.count + 31) / 32 * sizeof(uint32_t));
  MaskedScan scan(pattern);
  if (!scan.prepare(rows)) return false;
  for (size_t row = 0; row < rows.count; row++) {
    const uint32_t bit = uint32_t{1} << (row % 32);
    if (active != nullptr && (active[row / 32] & bit) == 0) continue;
    const uint32_t start = rows.offsets[row];
    if (scan.matches(rows.bytes + start, rows.offsets[row + 1] - start)) out[row / 32] |= bit;
  }
  return true;
}

}  // namespace mlite
