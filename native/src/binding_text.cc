// markLike(offsets, bytes, texts, lengths, failures, isExact, active, out): bits of the rows whose text matches.
// markTextRange(offsets, bytes, lower, isLowerIn, upper, isUpperIn, active, out): of those that lie in a range.

#include <new>

#include "binding_text.h"

namespace mlite {

bool rows_of(napi_env env, const Arguments& given, TextRows* rows) {
  View offsets;
  View bytes;
  if (!given.view(0, "offsets", napi_uint32_array, 1, &offsets) ||
      !given.view(1, "bytes", napi_uint8_array, 0, &bytes)) {
    return false;
  }
  *rows = {as<uint32_t>(offsets), offsets.byte_length / 4 - 1, bytes.bytes, bytes.byte_length};
  uint32_t back = 0;
  for (size_t i = 0; i < rows->count; i++) {
    back |= static_cast<uint32_t>(rows->offsets[i] > rows->offsets[i + 1]);
  }
  if (back == 0 && rows->offsets[rows->count] <= rows->byte_count) return true;
  return wrong_argument(env, "offsets", "places in bytes, ascending");
}

bool marks_of(const Arguments& given, size_t i, size_t count, const uint32_t** active,
              uint32_t** out) {
  View rows;
  View bits;
  const size_t words = (count + 31) / 32;
  *active = nullptr;
  if (!given.is_null(i)) {
    if (!given.view(i, "active", napi_uint32_array, words, &rows)) return false;
    *active = as<uint32_t>(rows);
  }
  if (!given.view(i + 1, "out", napi_uint32_array, words, &bits)) return false;
  *out = as<uint32_t>(bits);
  return true;
}

namespace {

// Lengths of the prefix, of the suffix and of the parts in between, as they follow each other in `texts`.
struct Pieces {
  View texts;
  View lengths;
  View failures;
};

bool are_failures(const int32_t* failures, const uint32_t* lengths, size_t count) {
  for (size_t part = 0; part < count; part++) {
    for (size_t i = 0; i < lengths[part]; i++) {
      if (failures[i] < 0 || static_cast<size_t>(failures[i]) > i) return false;
    }
    failures += lengths[part];
  }
  return true;
}

bool pieces_of(napi_env env, const Arguments& given, Pieces* pieces) {
  if (!given.view(2, "texts", napi_uint8_array, 0, &pieces->texts) ||
      !given.view(3, "lengths", napi_uint32_array, 2, &pieces->lengths) ||
      !given.view(4, "failures", napi_int32_array, 0, &pieces->failures)) {
    return false;
  }
  const uint32_t* const lengths = as<uint32_t>(pieces->lengths);
  const size_t count = pieces->lengths.byte_length / 4;
  size_t between = 0;
  for (size_t i = 2; i < count; i++) {
    if (lengths[i] == 0) return wrong_argument(env, "lengths", "no empty part");
    between += lengths[i];
  }
  if (size_t{lengths[0]} + lengths[1] + between != pieces->texts.byte_length) {
    return wrong_argument(env, "lengths", "those of texts");
  }
  if (pieces->failures.byte_length / 4 == between &&
      are_failures(as<int32_t>(pieces->failures), lengths + 2, count - 2)) {
    return true;
  }
  return wrong_argument(env, "failures", "one for every byte in between");
}

napi_value mark_like(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TextRows rows;
  Pieces pieces;
  size_t is_exact;
  const uint32_t* active;
  uint32_t* out;
  if (!given.has(8) || !rows_of(env, given, &rows) || !pieces_of(env, given, &pieces) ||
      !given.number(5, "isExact", 0, 1, &is_exact) ||
      !marks_of(given, 6, rows.count, &active, &out)) {
    return nullptr;
  }
  const uint32_t* const lengths = as<uint32_t>(pieces.lengths);
  const size_t middle_count = pieces.lengths.byte_length / 4 - 2;
  Literal* const middle = new (std::nothrow) Literal[middle_count + 1];
  if (middle == nullptr) return throw_no_memory(env);
  const uint8_t* next = pieces.texts.bytes + lengths[0] + lengths[1];
  for (size_t i = 0; i < middle_count; i++) {
    middle[i] = {next, lengths[i + 2]};
    next += lengths[i + 2];
  }
  const LikePattern pattern = {{pieces.texts.bytes, lengths[0]},
                               {pieces.texts.bytes + lengths[0], lengths[1]},
                               middle,
                               middle_count,
                               as<int32_t>(pieces.failures),
                               is_exact == 1};
  mark_like(rows, pattern, active, pair_finder(), out);
  delete[] middle;
  return nothing(env);
}

bool bound_of(const Arguments& given, size_t i, const char* name, TextBound* bound) {
  size_t is_inclusive;
  View text;
  *bound = {{nullptr, 0}, false};
  if (!given.number(i + 1, name, 0, 1, &is_inclusive)) return false;
  bound->is_inclusive = is_inclusive == 1;
  if (given.is_null(i)) return true;
  if (!given.view(i, name, napi_uint8_array, 0, &text)) return false;
  static constexpr uint8_t EMPTY = 0;
  bound->text = {text.bytes == nullptr ? &EMPTY : text.bytes, text.byte_length};
  return true;
}

napi_value mark_text_range(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TextRows rows;
  TextBound lower;
  TextBound upper;
  const uint32_t* active;
  uint32_t* out;
  if (!given.has(8) || !rows_of(env, given, &rows) || !bound_of(given, 2, "lower", &lower) ||
      !bound_of(given, 4, "upper", &upper) || !marks_of(given, 6, rows.count, &active, &out)) {
    return nullptr;
  }
  mark_text_range(rows, lower, upper, active, out);
  return nothing(env);
}

}  // namespace

bool add_text(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"markLike", mark_like}, {"markTextRange", mark_text_range}};
  return add_functions(env, exports, functions, 2);
}

}  // namespace mlite
