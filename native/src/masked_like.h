// Patterns of `like` with `_`, on code points: the twin of src/query/like.ts for them.

#ifndef MLITE_MASKED_LIKE_H_
#define MLITE_MASKED_LIKE_H_

#include <cstddef>
#include <cstdint>

#include "text_kernels.h"

namespace mlite {

// The unit of a part that any character fits.
constexpr int32_t ANY_POINT = -1;

// What stands in front, at the end, and in this order in between, as code points and ANY_POINT.
struct MaskedPattern {
  const int32_t* points;
  // Of the prefix, of the suffix and of the parts in between, which are not empty.
  const uint32_t* lengths;
  size_t part_count;
  // There is nothing but the prefix.
  bool is_exact;
};

// Bits of the rows whose text matches; those outside `active`, null being all, are 0. Each row is looked at in time
// linear in its bytes for a part of up to 64 code points, and in as many words as a part has for longer ones with a
// `_`. False when there is not enough memory.
bool mark_masked_like(const TextRows& rows, const MaskedPattern& pattern, const uint32_t* active,
                      uint32_t* out);

}  // namespace mlite

#endif  // MLITE_MASKED_LIKE_H_
