// Patterns and ranges of text of every instruction set against plain loops.

#include "text_kernels.h"

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "kernels.h"
#include "self_test.h"

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

mlite::Literal literal(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::vector<int32_t> failures_of(const std::string& part) {
  std::vector<int32_t> table(part.size());
  for (size_t i = 1, length = 0; i < part.size(); i++) {
    while (length > 0 && part[i] != part[length]) length = static_cast<size_t>(table[length - 1]);
    if (part[i] == part[length]) length++;
    table[i] = static_cast<int32_t>(length);
  }
  return table;
}

bool matches(const std::string& text, const std::string& prefix, const std::string& suffix,
             const std::vector<std::string>& middle) {
  size_t least = prefix.size() + suffix.size();
  for (const std::string& part : middle) least += part.size();
  if (text.size() < least || text.compare(0, prefix.size(), prefix) != 0 ||
      text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0) {
    return false;
  }
  size_t at = prefix.size();
  const std::string inside = text.substr(0, text.size() - suffix.size());
  for (const std::string& part : middle) {
    const size_t found = inside.find(part, at);
    if (found == std::string::npos) return false;
    at = found + part.size();
  }
  return true;
}

void check_like(Rows* rows, mlite::PairFinder finder, const std::string& prefix,
                const std::string& suffix, const std::vector<std::string>& middle) {
  std::vector<mlite::Literal> parts;
  std::vector<int32_t> failures;
  for (const std::string& part : middle) {
    parts.push_back(literal(part));
    const std::vector<int32_t> table = failures_of(part);
    failures.insert(failures.end(), table.begin(), table.end());
  }
  const mlite::LikePattern pattern = {literal(prefix), literal(suffix),  parts.data(),
                                      parts.size(),    failures.data(), false};
  const size_t count = rows->texts.size();
  Exact<uint32_t> out((count + 31) / 32);
  std::vector<uint32_t> some((count + 31) / 32, 0x00400001u);
  std::vector<uint32_t> most((count + 31) / 32, 0xfffffffeu);
  for (const uint32_t* active : {static_cast<const uint32_t*>(nullptr),
                                 static_cast<const uint32_t*>(some.data()),
                                 static_cast<const uint32_t*>(most.data())}) {
    mlite::mark_like(rows->view(), pattern, active, finder, out.data());
    for (size_t i = 0; i < count; i++) {
      const bool is_active = active == nullptr || ((active[i / 32] >> (i % 32)) & 1) != 0;
      const bool fits = is_active && matches(rows->texts[i], prefix, suffix, middle);
      CHECK((((out[i / 32] >> (i % 32)) & 1) != 0) == fits);
    }
    if (count % 32 != 0) CHECK(out[count / 32] >> (count % 32) == 0);
  }
}

std::vector<std::string> random_texts(size_t count, size_t length_max, int letters) {
  Numbers numbers(count + length_max);
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; i++) {
    std::string text(numbers.next() % (length_max + 1), 'a');
    for (char& letter : text) letter = static_cast<char>('a' + numbers.next() % letters);
    texts.push_back(text);
  }
  return texts;
}

void check_finder(mlite::PairFinder finder) {
  Rows few(random_texts(70, 6, 2));
  Rows many(random_texts(300, 150, 3));
  for (Rows* rows : {&few, &many}) {
    for (const char* part : {"a", "ab", "aab", "abababab", "bbaabbaabb"}) {
      check_like(rows, finder, "", "", {part});
      check_like(rows, finder, part, "", {});
      check_like(rows, finder, "", part, {});
      check_like(rows, finder, "a", "b", {part});
      check_like(rows, finder, "", "a", {part, "b", part});
    }
  }
  // Candidates that nearly match at every place: it is read on byte by byte.
  std::vector<std::string> alike(40, std::string(5000, 'a'));
  alike[7] += "b" + std::string(300, 'a');
  Rows rows(alike);
  check_like(&rows, finder, "", "", {std::string(200, 'a') + "b" + std::string(200, 'a')});
}

void check_range() {
  Rows rows(random_texts(200, 12, 2));
  const std::string bounds[] = {"", "a", "ab", "abbabbabab", "b"};
  Exact<uint32_t> out((rows.texts.size() + 31) / 32);
  for (const std::string& low : bounds) {
    for (const std::string& high : bounds) {
      for (bool is_inclusive : {false, true}) {
        const mlite::TextBound lower = {literal(low), is_inclusive};
        const mlite::TextBound upper = {literal(high), is_inclusive};
        mlite::mark_text_range(rows.view(), lower, upper, nullptr, out.data());
        for (size_t i = 0; i < rows.texts.size(); i++) {
          const int below = rows.texts[i].compare(low);
          const int above = rows.texts[i].compare(high);
          const bool fits = is_inclusive ? below >= 0 && above <= 0 : below > 0 && above < 0;
          CHECK((((out[i / 32] >> (i % 32)) & 1) != 0) == fits);
        }
      }
    }
  }
}

void run() {
  check_finder(mlite::find_pair_scalar);
#if defined(__x86_64__) || defined(_M_X64)
  if (mlite::kernels_named("avx2") != nullptr) check_finder(mlite::find_pair_avx2);
  if (mlite::kernels_named("avx512") != nullptr) check_finder(mlite::find_pair_avx512);
#endif
  check_finder(mlite::pair_finder());
  check_range();
}

const self_test::Part part("texts", run);

}  // namespace
