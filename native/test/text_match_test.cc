// Patterns with `_` and sets of texts against plain loops.

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "masked_like.h"
#include "self_test.h"
#include "text_table.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

struct Rows {
  std::vector<std::string> texts;
  std::vector<uint32_t> offsets;
  Exact<uint8_t> bytes;

  explicit Rows(const std::vector<std::string>& all) : texts(all), bytes(length_of(all)) {
    uint32_t at = 0;
    offsets.push_back(0);
    for (const std::string& text : all) {
      if (!text.empty()) std::memcpy(bytes.data() + at, text.data(), text.size());
      at += static_cast<uint32_t>(text.size());
      offsets.push_back(at);
    }
  }

  static size_t length_of(const std::vector<std::string>& all) {
    size_t length = 0;
    for (const std::string& text : all) length += text.size();
    return length;
  }

  mlite::TextRows view() { return {offsets.data(), texts.size(), bytes.data(), offsets.back()}; }
};

// Letters of one and of two bytes.
std::vector<std::string> random_texts(size_t count, size_t length_max, bool is_ascii) {
  Numbers numbers(count + length_max);
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; i++) {
    std::string text;
    for (size_t left = numbers.below(length_max + 1); left > 0; left--) {
      const size_t letter = numbers.below(is_ascii ? 2 : 3);
      text += letter == 2 ? "\xc3\xa9" : letter == 1 ? "b" : "a";
    }
    texts.push_back(text);
  }
  return texts;
}

std::vector<int32_t> points_of(const std::string& text) {
  std::vector<int32_t> points;
  for (size_t i = 0; i < text.size(); i++) {
    const uint8_t lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) points.push_back(lead == '_' ? mlite::ANY_POINT : lead);
    else points.push_back((lead & 0x1f) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3f));
  }
  return points;
}

// Every way to take the runs of a pattern.
bool matches(const std::vector<int32_t>& text, size_t at, const std::vector<int32_t>& pattern,
             size_t next) {
  if (next == pattern.size()) return at == text.size();
  if (pattern[next] == '%') {
    for (size_t from = at; from <= text.size(); from++) {
      if (matches(text, from, pattern, next + 1)) return true;
    }
    return false;
  }
  if (at == text.size()) return false;
  const bool fits = pattern[next] == mlite::ANY_POINT || pattern[next] == text[at];
  return fits && matches(text, at + 1, pattern, next + 1);
}

void check_like(Rows* rows, const std::string& prefix, const std::vector<std::string>& middle,
                const std::string& suffix) {
  const bool is_exact = middle.empty() && suffix.empty();
  std::vector<std::string> parts = {prefix, suffix};
  parts.insert(parts.end(), middle.begin(), middle.end());
  std::vector<int32_t> points;
  std::vector<uint32_t> lengths;
  for (const std::string& part : parts) {
    const std::vector<int32_t> own = points_of(part);
    points.insert(points.end(), own.begin(), own.end());
    lengths.push_back(static_cast<uint32_t>(own.size()));
  }
  std::string whole = prefix;
  for (const std::string& part : middle) whole += "%" + part;
  if (!is_exact) whole += "%" + suffix;
  const std::vector<int32_t> pattern = points_of(whole);
  const size_t count = rows->texts.size();
  Exact<uint32_t> out((count + 31) / 32);
  std::vector<uint32_t> some((count + 31) / 32, 0x5a5a00ffu);
  for (const uint32_t* active : {static_cast<const uint32_t*>(nullptr),
                                 static_cast<const uint32_t*>(some.data())}) {
    CHECK(mlite::mark_masked_like(rows->view(),
                                  {points.data(), lengths.data(), lengths.size(), is_exact},
                                  active, out.data()));
    for (size_t i = 0; i < count; i++) {
      const bool is_active = active == nullptr || ((active[i / 32] >> (i % 32)) & 1) != 0;
      const bool fits = is_active && matches(points_of(rows->texts[i]), 0, pattern, 0);
      CHECK((((out[i / 32] >> (i % 32)) & 1) != 0) == fits);
    }
  }
}

void check_patterns(bool is_ascii) {
  Rows few(random_texts(70, 6, is_ascii));
  Rows many(random_texts(90, 100, is_ascii));
  for (Rows* rows : {&few, &many}) {
    for (const char* part : {"_", "___", "a_", "_b", "a_a", "\xc3\xa9_", "aa_b_a"}) {
      check_like(rows, part, {}, "");
      check_like(rows, part, {"a"}, "_");
      check_like(rows, "", {part}, "");
      check_like(rows, "_", {part, "ab"}, part);
    }
  }
  const std::string long_part = "a_b" + std::string(70, '_') + "a";
  check_like(&many, "", {long_part}, "");
  check_like(&many, "", {long_part, "_"}, "b");
}

uint32_t hash_of(const std::string& text) {
  uint32_t hash = 0x811c9dc5u ^ static_cast<uint32_t>(text.size());
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t word = 0;
    for (size_t i = at; i < text.size() && i < at + 4; i++) {
      word |= static_cast<uint32_t>(static_cast<uint8_t>(text[i])) << ((i - at) * 8);
    }
    hash = (hash ^ word) * 0x9e3779b1u;
    hash ^= hash >> 15;
  }
  hash *= 0x2c1b3c6du;
  return hash ^ (hash >> 13);
}

void check_table(size_t entry_count) {
  std::vector<std::string> members;
  for (size_t i = 0; i < entry_count; i++) {
    members.push_back(std::string(i % 11, 'b') + std::to_string(i));
  }
  Rows entries(members);
  size_t slot_count = 8;
  while (slot_count <= entry_count * 2) slot_count *= 2;
  const uint32_t tags = ~static_cast<uint32_t>((slot_count - 1) >> 1);
  Exact<uint32_t> slots(slot_count);
  std::memset(slots.data(), 0, slot_count * 4);
  for (size_t i = 0; i < entry_count; i++) {
    const uint32_t hash = hash_of(members[i]);
    size_t slot = hash & (slot_count - 1);
    while (slots[slot] != 0) slot = (slot + 1) & (slot_count - 1);
    slots[slot] = (hash & tags) | static_cast<uint32_t>(i + 1);
  }
  std::vector<std::string> asked;
  for (size_t i = 0; i < entry_count * 2 + 5; i++) {
    asked.push_back(std::string(i % 11, i % 5 == 0 ? 'a' : 'b') + std::to_string(i));
  }
  Rows rows(asked);
  const mlite::TextTable table = {slots.data(),   slot_count,           entries.offsets.data(),
                                  entry_count,    entries.bytes.data(), entries.offsets.back()};
  Exact<uint32_t> out((asked.size() + 31) / 32);
  table.mark(rows.view(), nullptr, out.data());
  for (size_t i = 0; i < asked.size(); i++) {
    const bool is_there = i < entry_count && asked[i] == members[i];
    CHECK((((out[i / 32] >> (i % 32)) & 1) != 0) == is_there);
  }
  if (asked.size() % 32 != 0) CHECK(out[asked.size() / 32] >> (asked.size() % 32) == 0);
}

void run() {
  check_patterns(true);
  check_patterns(false);
  for (size_t count : {0, 1, 3, 4, 100, 1000}) check_table(count);
}

const self_test::Part part("patterns with _ and sets of texts", run);

}  // namespace
