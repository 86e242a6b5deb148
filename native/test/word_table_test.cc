// Sets of numbers and their order against one comparison after the other.

#include "word_table.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "self_test.h"

namespace {

using self_test::Exact;
using self_test::Numbers;

void check_table(size_t count) {
  Numbers numbers(count);
  Exact<uint64_t> entries(count);
  for (size_t i = 0; i < count; i++) entries[i] = i * 3 + (i % 2 == 0 ? uint64_t{1} << 63 : 0);
  size_t slot_count = 8;
  while (slot_count <= count * 2) slot_count *= 2;
  Exact<uint32_t> slots(slot_count);
  for (size_t i = 0; i < slot_count; i++) slots[i] = 0;
  Exact<uint32_t> filter(slot_count * mlite::FILTER_BITS / 32);
  std::memset(filter.data(), 0, slot_count * mlite::FILTER_BITS / 8);
  uint32_t shift = 32;
  for (size_t places = slot_count * mlite::FILTER_BITS; places > 1; places /= 2) shift--;
  mlite::WordTable table = {slots.data(), slot_count, entries.data(), count, filter.data(), shift};
  table.add(0, count / 2);
  table.add(count / 2, count);
  const size_t asked = count * 4 + 5;
  Exact<uint64_t> words(asked);
  for (size_t i = 0; i < asked; i++) words[i] = i + (i % 4 == 0 ? uint64_t{1} << 63 : 0);
  Exact<uint32_t> out((asked + 31) / 32);
  table.mark(words.data(), asked, out.data());
  for (size_t i = 0; i < asked; i++) {
    bool is_there = false;
    for (size_t j = 0; j < count; j++) is_there = is_there || entries[j] == words[i];
    CHECK((((out[i / 32] >> (i % 32)) & 1) != 0) == is_there);
  }
}

void check_foreign_slots() {
  // Whatever stands in the slots, nothing beside the entries is read, and the search ends.
  Exact<uint32_t> slots(8);
  Exact<uint64_t> entries(1);
  entries[0] = 7;
  for (uint32_t content : {0xffffffffu, 0xfffffff8u, 5u, 0xfffffffcu}) {
    for (size_t i = 0; i < 8; i++) slots[i] = content;
    uint32_t filter = 0xffffffffu;
    const mlite::WordTable table = {slots.data(), 8, entries.data(), 1, &filter, 27};
    uint64_t word = 9;
    uint32_t out = 0;
    table.mark(&word, 1, &out);
    CHECK(out == 0);
  }
}

void check_order(bool is_floating) {
  constexpr size_t COUNT = 500;
  Numbers numbers(9);
  Exact<uint64_t> words(COUNT);
  std::vector<double> expected;
  for (size_t i = 0; i < COUNT; i++) {
    const double value = static_cast<double>(numbers.next() % 2000) - 1000;
    const int64_t whole = static_cast<int64_t>(value);
    std::memcpy(&words[i], is_floating ? static_cast<const void*>(&value) : &whole, 8);
    expected.push_back(value);
  }
  std::sort(expected.begin(), expected.end());
  std::vector<uint32_t> counts(mlite::DIGITS * mlite::DIGIT_COUNT);
  mlite::count_digits(words.data(), COUNT, is_floating, counts.data());
  Exact<uint64_t> other(COUNT);
  uint64_t* from = words.data();
  uint64_t* to = other.data();
  for (size_t digit = 0; digit < mlite::DIGITS; digit++) {
    uint32_t* const places = counts.data() + digit * mlite::DIGIT_COUNT;
    uint32_t next = 0;
    for (size_t i = 0; i < mlite::DIGIT_COUNT; i++) {
      const uint32_t here = places[i];
      places[i] = next;
      next += here;
    }
    CHECK(mlite::move_by_digit(from, COUNT, digit, places, to, COUNT));
    std::swap(from, to);
  }
  mlite::bring_home(from, COUNT, is_floating, from);
  for (size_t i = 0; i < COUNT; i++) {
    double value;
    int64_t whole;
    std::memcpy(&value, from + i, 8);
    std::memcpy(&whole, from + i, 8);
    CHECK((is_floating ? value : static_cast<double>(whole)) == expected[i]);
  }
  uint32_t wrong[mlite::DIGIT_COUNT] = {};
  CHECK(!mlite::move_by_digit(from, COUNT, 0, wrong, to, 0));
}

void run() {
  for (size_t count : {1, 3, 4, 100, 1000}) check_table(count);
  check_foreign_slots();
  check_order(false);
  check_order(true);
}

const self_test::Part part("word tables", run);

}  // namespace
