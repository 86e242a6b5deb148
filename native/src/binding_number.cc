// markTransformed(kind, values, operation, operand, bounds, out): bits of the rows whose value after the operation
// lies in [bounds[0], bounds[1]].
// addWords(slots, entries, filter, start, end), markWords(slots, entries, filter, kind, values, out): sets of numbers.
// countDigits(words, isFloating, counts, start, end), moveByDigit(from, to, digit, places, start, end),
// bringHome(from, to, isFloating, start, end): their order.

#include <algorithm>
#include <cstring>

#include "binding.h"
#include "range_kernels.h"
#include "transform_kernels.h"
#include "word_table.h"

namespace mlite {

namespace {

// As src/query/number-kind.ts counts them.
enum Kind : size_t { INT64, INT32, FLOAT32, FLOAT64, INT16, INT8 };

constexpr napi_typedarray_type VALUES[] = {napi_bigint64_array, napi_int32_array,
                                           napi_float32_array,  napi_float64_array,
                                           napi_int16_array,    napi_int8_array};
constexpr size_t VALUE_BYTES[] = {8, 4, 4, 8, 2, 1};

// Rows that are calculated with at once; a multiple of 32.
constexpr size_t SOME = 2048;

template <typename Type>
Type* as(const View& view) {
  return reinterpret_cast<Type*>(view.bytes);
}

napi_value nothing(napi_env env) {
  napi_value value;
  return napi_get_undefined(env, &value) == napi_ok ? value : nullptr;
}

bool is_real(size_t kind) { return kind == FLOAT32 || kind == FLOAT64; }

// Some values from row `at` on as int64, in place or in `room`.
const int64_t* integers(size_t kind, const View& values, size_t at, size_t count, int64_t* room) {
  const TransformKernels& kernels = transform_kernels();
  if (kind == INT64) return as<int64_t>(values) + at;
  if (kind == INT32) kernels.widen_int32(as<int32_t>(values) + at, count, room);
  else if (kind == INT16) kernels.widen_int16(as<int16_t>(values) + at, count, room);
  else kernels.widen_int8(as<int8_t>(values) + at, count, room);
  return room;
}

const double* reals(size_t kind, const View& values, size_t at, size_t count, double* room) {
  if (kind == FLOAT64) return as<double>(values) + at;
  transform_kernels().widen_float(as<float>(values) + at, count, room);
  return room;
}

struct Transform {
  size_t kind;
  size_t operation;
  View values;
  View operand;
  View bounds;
  View out;
  size_t count;
};

void mark_integers(const Transform& task) {
  const TransformKernels& kernels = transform_kernels();
  const int64_t operand = as<int64_t>(task.operand)[0];
  const int64_t* const edge = as<int64_t>(task.bounds);
  int64_t room[SOME];
  for (size_t at = 0; at < task.count; at += SOME) {
    const size_t count = std::min(SOME, task.count - at);
    const int64_t* const values = integers(task.kind, task.values, at, count, room);
    if (task.operation == REMAINDER) kernels.remainders(values, count, operand, room);
    else kernels.bits(values, count, static_cast<Operation>(task.operation), operand, room);
    range_kernels().int64(room, count, edge[0], edge[1], as<uint32_t>(task.out) + at / 32);
  }
}

void mark_reals(const Transform& task) {
  const double operand = as<double>(task.operand)[0];
  const double* const edge = as<double>(task.bounds);
  double room[SOME];
  for (size_t at = 0; at < task.count; at += SOME) {
    const size_t count = std::min(SOME, task.count - at);
    const double* const values = reals(task.kind, task.values, at, count, room);
    transform_kernels().reals(values, count, static_cast<Operation>(task.operation), operand,
                              task.kind == FLOAT32, room);
    range_kernels().float64(room, count, edge[0], edge[1], as<uint32_t>(task.out) + at / 32);
  }
}

napi_value mark_transformed(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  Transform task;
  if (!given.has(6) || !given.number(0, "kind", INT64, INT8, &task.kind) ||
      !given.view(1, "values", VALUES[task.kind], 0, &task.values)) {
    return nullptr;
  }
  const bool of_reals = is_real(task.kind);
  const napi_typedarray_type type = of_reals ? napi_float64_array : napi_bigint64_array;
  task.count = task.values.byte_length / VALUE_BYTES[task.kind];
  if (!given.number(2, "operation", of_reals ? ADD : REMAINDER, of_reals ? DIVIDE : XOR,
                    &task.operation) ||
      !given.view(3, "operand", type, 1, &task.operand) ||
      !given.view(4, "bounds", type, 2, &task.bounds) ||
      !given.view(5, "out", napi_uint32_array, (task.count + 31) / 32, &task.out)) {
    return nullptr;
  }
  if (task.operation == REMAINDER && as<int64_t>(task.operand)[0] == 0) {
    return throw_type_error(env, "operand: expected a divisor");
  }
  if (of_reals) mark_reals(task);
  else mark_integers(task);
  return nothing(env);
}

// A hash has 32 bits, and a filter FILTER_BITS places for each slot.
constexpr size_t SLOT_COUNT_MAX = size_t{1} << 29;

uint32_t bits_below(size_t power) {
  uint32_t bits = 0;
  while ((size_t{1} << bits) < power) bits++;
  return bits;
}

// A table out of the first three arguments.
bool table_of(napi_env env, const Arguments& given, WordTable* table) {
  View slots;
  View entries;
  View filter;
  if (!given.view(0, "slots", napi_int32_array, 8, &slots) ||
      !given.view(1, "entries", napi_int32_array, 0, &entries)) {
    return false;
  }
  table->slots = as<uint32_t>(slots);
  table->slot_count = slots.byte_length / 4;
  table->entries = as<uint64_t>(entries);
  table->entry_count = entries.byte_length / 8;
  const bool is_power = (table->slot_count & (table->slot_count - 1)) == 0;
  if (!is_power || table->slot_count <= table->entry_count * 2 ||
      table->slot_count > SLOT_COUNT_MAX) {
    return wrong_argument(env, "slots", "a power of two, more than twice as many as entries");
  }
  const size_t place_count = table->slot_count * FILTER_BITS;
  if (!given.view(2, "filter", napi_int32_array, place_count / 32, &filter)) return false;
  table->filter = as<uint32_t>(filter);
  table->filter_shift = 32 - bits_below(place_count);
  return true;
}

// A piece [start, end) of `count`.
bool piece(const Arguments& given, size_t i, size_t count, size_t* start, size_t* end) {
  return given.number(i, "start", 0, count, start) && given.number(i + 1, "end", *start, count, end);
}

napi_value add_words(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  WordTable table;
  size_t start;
  size_t end;
  if (!given.has(5) || !table_of(env, given, &table) ||
      !piece(given, 3, table.entry_count, &start, &end)) {
    return nullptr;
  }
  table.add(start, end);
  return nothing(env);
}

// Doubles are equal when their bits are: -0 becomes 0.
void mark_real_words(const WordTable& table, size_t kind, const View& values, size_t count,
                     uint32_t* out) {
  double room[SOME];
  uint64_t words[SOME];
  for (size_t at = 0; at < count; at += SOME) {
    const size_t some = std::min(SOME, count - at);
    const double* const wide = reals(kind, values, at, some, room);
    transform_kernels().reals(wide, some, ADD, 0.0, false, room);
    std::memcpy(words, room, some * sizeof(double));
    table.mark(words, some, out + at / 32);
  }
}

void mark_integer_words(const WordTable& table, size_t kind, const View& values, size_t count,
                        uint32_t* out) {
  int64_t room[SOME];
  for (size_t at = 0; at < count; at += SOME) {
    const size_t some = std::min(SOME, count - at);
    const int64_t* const wide = integers(kind, values, at, some, room);
    table.mark(reinterpret_cast<const uint64_t*>(wide), some, out + at / 32);
  }
}

napi_value mark_words(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  WordTable table;
  size_t kind;
  View values;
  View out;
  if (!given.has(6) || !table_of(env, given, &table) ||
      !given.number(3, "kind", INT64, INT8, &kind) ||
      !given.view(4, "values", VALUES[kind], 0, &values)) {
    return nullptr;
  }
  const size_t count = values.byte_length / VALUE_BYTES[kind];
  if (!given.view(5, "out", napi_uint32_array, (count + 31) / 32, &out)) return nullptr;
  if (is_real(kind)) mark_real_words(table, kind, values, count, as<uint32_t>(out));
  else mark_integer_words(table, kind, values, count, as<uint32_t>(out));
  return nothing(env);
}

napi_value count_digits(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View words;
  size_t is_floating;
  View counts;
  size_t start;
  size_t end;
  if (!given.has(5) || !given.view(0, "words", napi_int32_array, 0, &words) ||
      !given.number(1, "isFloating", 0, 1, &is_floating) ||
      !given.view(2, "counts", napi_uint32_array, DIGITS * DIGIT_COUNT, &counts) ||
      !piece(given, 3, words.byte_length / 8, &start, &end)) {
    return nullptr;
  }
  mlite::count_digits(as<uint64_t>(words) + start, end - start, is_floating == 1, as<uint32_t>(counts));
  return nothing(env);
}

napi_value move_by_digit(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View from;
  View to;
  size_t digit;
  View places;
  size_t start;
  size_t end;
  if (!given.has(6) || !given.view(0, "from", napi_int32_array, 0, &from) ||
      !given.view(1, "to", napi_int32_array, 0, &to) ||
      !given.number(2, "digit", 0, DIGITS - 1, &digit) ||
      !given.view(3, "places", napi_uint32_array, DIGIT_COUNT, &places) ||
      !piece(given, 4, from.byte_length / 8, &start, &end)) {
    return nullptr;
  }
  if (!mlite::move_by_digit(as<uint64_t>(from) + start, end - start, digit, as<uint32_t>(places),
                     as<uint64_t>(to), to.byte_length / 8)) {
    return throw_type_error(env, "places: expected those of all words");
  }
  return nothing(env);
}

napi_value bring_home(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  View from;
  View to;
  size_t is_floating;
  size_t start;
  size_t end;
  if (!given.has(5) || !given.view(0, "from", napi_int32_array, 0, &from) ||
      !given.view(1, "to", napi_int32_array, from.byte_length / 4, &to) ||
      !given.number(2, "isFloating", 0, 1, &is_floating) ||
      !piece(given, 3, from.byte_length / 8, &start, &end)) {
    return nullptr;
  }
  mlite::bring_home(as<uint64_t>(from) + start, end - start, is_floating == 1, as<uint64_t>(to) + start);
  return nothing(env);
}

}  // namespace

bool add_number(napi_env env, napi_value exports) {
  constexpr Property functions[] = {
      {"markTransformed", mark_transformed}, {"addWords", add_words},
      {"markWords", mark_words},             {"countDigits", count_digits},
      {"moveByDigit", move_by_digit},        {"bringHome", bring_home},
  };
  return add_functions(env, exports, functions, 6);
}

}  // namespace mlite
