// Hash sets of texts, laid out as src/query/text-table.ts says: the twin of that file for many rows.

#ifndef MLITE_TEXT_TABLE_H_
#define MLITE_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "text_kernels.h"

namespace mlite {

// Open addressing: a slot holds an entry's number plus one, and above it bits of its hash. Less than half of the slots
// are taken. Entry i is bytes[offsets[i], offsets[i + 1]); offsets are checked when they are used.
struct TextTable {
  const uint32_t* slots;
  // A power of two.
  size_t slot_count;
  const uint32_t* offsets;
  size_t entry_count;
  const uint8_t* bytes;
  size_t byte_count;

  // Bits of the rows whose text is an entry; those outside `active`, null being all, are 0.
  void mark(const TextRows& rows, const uint32_t* active, uint32_t* out) const;
};

}  // namespace mlite

#endif  // MLITE_TEXT_TABLE_H_
