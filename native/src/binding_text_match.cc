// markMaskedLike(offsets, bytes, points, lengths, isExact, active, out): bits of the rows whose text matches.
// markTexts(offsets, bytes, slots, entryOffsets, entryBytes, active, out): of those whose text is an entry.

#include "binding_text.h"
#include "masked_like.h"
#include "text_table.h"

namespace mlite {

namespace {

// As the engine's own bound for a part with `_`: masks are numbered by 16 bits.
constexpr size_t DISTINCT_MAX = 65535;

bool pattern_of(napi_env env, const Arguments& given, MaskedPattern* pattern) {
  View points;
  View lengths;
  size_t is_exact;
  if (!given.view(2, "points", napi_int32_array, 0, &points) ||
      !given.view(3, "lengths", napi_uint32_array, 2, &lengths) ||
      !given.number(4, "isExact", 0, 1, &is_exact)) {
    return false;
  }
  *pattern = {as<int32_t>(points), as<uint32_t>(lengths), lengths.byte_length / 4, is_exact == 1};
  size_t sum = 0;
  for (size_t i = 0; i < pattern->part_count; i++) {
    const size_t length = pattern->lengths[i];
    if (i >= 2 && (length == 0 || length > DISTINCT_MAX)) {
      return wrong_argument(env, "lengths", "no empty part, and none of more than 65535 points");
    }
    sum += length;
  }
  return sum == points.byte_length / 4 || wrong_argument(env, "lengths", "those of points");
}

napi_value mark_masked_like(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TextRows rows;
  MaskedPattern pattern;
  const uint32_t* active;
  uint32_t* out;
  if (!given.has(7) || !rows_of(env, given, &rows) || !pattern_of(env, given, &pattern) ||
      !marks_of(given, 5, rows.count, &active, &out)) {
    return nullptr;
  }
  if (!mark_masked_like(rows, pattern, active, out)) return throw_no_memory(env);
  return nothing(env);
}

bool table_of(napi_env env, const Arguments& given, TextTable* table) {
  View slots;
  View offsets;
  View bytes;
  if (!given.view(2, "slots", napi_int32_array, 1, &slots) ||
      !given.view(3, "entryOffsets", napi_uint32_array, 1, &offsets) ||
      !given.view(4, "entryBytes", napi_uint8_array, 0, &bytes)) {
    return false;
  }
  *table = {as<uint32_t>(slots),  slots.byte_length / 4, as<uint32_t>(offsets),
            offsets.byte_length / 4 - 1, bytes.bytes,    bytes.byte_length};
  const bool is_power = (table->slot_count & (table->slot_count - 1)) == 0;
  if (is_power && table->slot_count > table->entry_count * 2) return true;
  return wrong_argument(env, "slots", "a power of two, more than twice as many as entries");
}

napi_value mark_texts(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  TextRows rows;
  TextTable table;
  const uint32_t* active;
  uint32_t* out;
  if (!given.has(7) || !rows_of(env, given, &rows) || !table_of(env, given, &table) ||
      !marks_of(given, 5, rows.count, &active, &out)) {
    return nullptr;
  }
  table.mark(rows, active, out);
  return nothing(env);
}

}  // namespace

bool add_text_match(napi_env env, napi_value exports) {
  constexpr Property functions[] = {{"markMaskedLike", mark_masked_like},
                                    {"markTexts", mark_texts}};
  return add_functions(env, exports, functions, 2);
}

}  // namespace mlite
