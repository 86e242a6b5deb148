#include "codes.h"

#include <algorithm>
#include <cmath>

#include "code_layout.h"
#include "half.h"

namespace mlite {
namespace {

constexpr uint32_t DIM_MAX = 32768;
constexpr uint32_t LAYERS_MAX = 16;
constexpr uint32_t BITS_MAX = 24;
constexpr uint32_t ENTRIES_MAX = 65536;
constexpr uint32_t RABIT_BITS_MAX = 9;
// Entries that a byte can name; more are worth their memory when so many rows share one.
constexpr size_t BYTE_ENTRIES = 256;
constexpr size_t ROWS_PER_WIDE_ENTRY = 4;
constexpr size_t SAMPLE_ROWS_MAX = 65536;
// Of a sample of long vectors.
constexpr size_t SAMPLE_BYTES_MAX = size_t{256} << 20;
constexpr size_t ROWS_PER_ENTRY = 256;
constexpr uint32_t ROTATIONS = 4;

inline size_t round_up(size_t bytes) { return (bytes + 3) / 4 * 4; }

// Whether element `i` changes its sign before rotation `turn`.
inline bool is_flipped(uint32_t i, uint32_t turn) {
  uint32_t bits = i * ROTATIONS + turn + 1;
  bits = (bits ^ (bits >> 16)) * 0x7feb352du;
  bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
  return ((bits ^ (bits >> 16)) & 1) != 0;
}

// Walsh-Hadamard, in place; `count` is a power of two. Length is kept.
void transform(float* values, size_t count) {
  for (size_t half = 1; half < count; half *= 2) {
    for (size_t start = 0; start < count; start += 2 * half) {
      float* const a = values + start;
      float* const b = a + half;
      for (size_t i = 0; i < half; i++) {
        const float sum = a[i] + b[i];
        const float difference = a[i] - b[i];
        a[i] = sum;
        b[i] = difference;
      }
    }
  }
  const float scale = static_cast<float>(1 / std::sqrt(static_cast<double>(count)));
  for (size_t i = 0; i < count; i++) values[i] *= scale;
}

// A rotation by signs and transforms of the first and of the last 2^k elements in turn.
void rotate(float* vector, size_t dim) {
  size_t window = 1;
  while (window * 2 <= dim) window *= 2;
  for (uint32_t turn = 0; turn < ROTATIONS; turn++) {
    for (uint32_t i = 0; i < dim; i++) {
      if (is_flipped(i, turn)) vector[i] = -vector[i];
    }
    transform(turn % 2 == 0 ? vector : vector + dim - window, window);
  }
}

void decode_steps(const CodeShape& shape, const uint8_t* codebook, const uint8_t* code,
                  float* out) {
  const float* const least = reinterpret_cast<const float*>(codebook);
  const float* const step = least + shape.dim;
  uint32_t* const values = reinterpret_cast<uint32_t*>(out);
  unpack_planes(code, shape.dim, plane_bits(shape), values);
  for (size_t i = 0; i < shape.dim; i++) {
    uint32_t value;
    std::memcpy(&value, out + i, 4);
    out[i] = least[i] + step[i] * static_cast<float>(value);
  }
}

void decode_halves(const CodeShape& shape, const uint8_t* code, float* out) {
  for (size_t i = 0; i < shape.dim; i++) {
    uint16_t bits;
    std::memcpy(&bits, code + i * 2, 2);
    out[i] = static_cast<float>(shape.kind == CodeKind::Fp16 ? wide_f16(bits) : wide_bf16(bits));
  }
}

void add_entry(const Entries& entries, uint32_t entry, float* out) {
  for (size_t d = 0; d < entries.dim; d++) out[d] += entries.values[d * entries.room + entry];
}

void decode_rabit(const CodeShape& shape, const uint8_t* row, float* out) {
  const float factor = float_at(row + 4);
  const float half = static_cast<float>((1u << shape.bits) - 1) / 2;
  unpack_planes(row + 8, shape.dim, shape.bits, reinterpret_cast<uint32_t*>(out));
  for (size_t i = 0; i < shape.dim; i++) {
    uint32_t value;
    std::memcpy(&value, out + i, 4);
    out[i] = factor * (static_cast<float>(value) - half);
  }
}

bool are_entries_sound(const CodeShape& shape, const uint8_t* run, size_t rows) {
  const size_t tables = size_t{shape.layers} * shape.parts;
  const size_t stride = code_bytes(shape);
  for (size_t row = 0; row < rows; row++) {
    const uint8_t* const code = run + row * stride + code_start(shape);
    bool is_sound = true;
    for (size_t table = 0; table < tables; table++) {
      is_sound = is_sound && entry_at(shape, code, table) < shape.entries;
    }
    if (!is_sound) return false;
  }
  return true;
}

}  // namespace

CodeShape sized_for(CodeShape shape, size_t rows) {
  shape.entries = 0;
  if (!is_partitioned(shape)) return shape;
  const size_t most = shape.bits >= 16 ? ENTRIES_MAX : size_t{1} << shape.bits;
  const size_t worth = std::max(std::min(rows, BYTE_ENTRIES), rows / ROWS_PER_WIDE_ENTRY);
  shape.entries = static_cast<uint32_t>(std::max<size_t>(1, std::min(most, worth)));
  return shape;
}

bool is_code_shape(const CodeShape& shape) {
  if (shape.kind > CodeKind::Rabit || shape.metric > 2 || shape.reserved != 0) return false;
  if (shape.dim < 1 || shape.dim > DIM_MAX) return false;
  if (!is_partitioned(shape)) {
    if (shape.parts != 1 || shape.layers != 1 || shape.entries != 0) return false;
    if (shape.kind != CodeKind::Rabit) return shape.bits == 0;
    return shape.bits >= 1 && shape.bits <= RABIT_BITS_MAX;
  }
  if (shape.parts < 1 || shape.parts > shape.dim || shape.dim % shape.parts != 0) return false;
  if (shape.layers < 1 || shape.layers > LAYERS_MAX) return false;
  if (shape.layers > 1 && shape.kind != CodeKind::ResidualProduct) return false;
  if (shape.bits < 1 || shape.bits > BITS_MAX || shape.entries < 1) return false;
  if (shape.kind == CodeKind::BlockedProduct && shape.bits > 4) return false;
  return shape.entries <= sized_for(shape, ENTRIES_MAX).entries;
}

bool has_stride(const CodeShape& shape) { return shape.kind != CodeKind::BlockedProduct; }

size_t code_bytes(const CodeShape& shape) {
  const size_t start = code_start(shape);
  if (is_half(shape)) return round_up(start + size_t{shape.dim} * 2);
  if (!is_partitioned(shape)) return start + plane_bytes(plane_bits(shape), shape.dim);
  const size_t tables = size_t{shape.layers} * shape.parts;
  return round_up(start + tables * (is_wide_entry(shape) ? 2 : 1));
}

size_t run_bytes(const CodeShape& shape, size_t rows) {
  if (has_stride(shape)) return rows * code_bytes(shape);
  return (rows + ROW_BLOCK - 1) / ROW_BLOCK * block_bytes(shape);
}

size_t codebook_bytes(const CodeShape& shape) {
  if (is_stepped(shape)) return size_t{shape.dim} * 2 * sizeof(float);
  if (!is_partitioned(shape)) return 0;
  return size_t{shape.layers} * shape.dim * entry_room(shape) * sizeof(float);
}

size_t sample_rows(const CodeShape& shape) {
  size_t rows = SAMPLE_ROWS_MAX;
  if (is_partitioned(shape)) {
    const size_t wanted = size_t{shape.entries} * ROWS_PER_ENTRY;
    rows = wanted < rows ? wanted : rows;
  }
  const size_t most = SAMPLE_BYTES_MAX / (size_t{shape.dim} * sizeof(float));
  return rows < most ? rows : most;
}

void prepare_vector(const CodeShape& shape, bool is_cosine, float* vector) {
  if (is_cosine) {
    double square = 0;
    for (size_t i = 0; i < shape.dim; i++) {
      square += static_cast<double>(vector[i]) * static_cast<double>(vector[i]);
    }
    const double length = std::sqrt(square);
    for (size_t i = 0; i < shape.dim && length > 0; i++) {
      vector[i] = static_cast<float>(static_cast<double>(vector[i]) / length);
    }
  }
  if (shape.kind == CodeKind::Rabit) rotate(vector, shape.dim);
}

bool check_run(const CodeShape& shape, const uint8_t* run, size_t rows) {
  if (!is_partitioned(shape) || !has_stride(shape)) return true;
  if (shape.entries == 256 || shape.entries == ENTRIES_MAX) return true;
  return are_entries_sound(shape, run, rows);
}

bool check_codebook(const CodeShape& shape, const uint8_t* codebook) {
  const size_t count = codebook_bytes(shape) / sizeof(float);
  bool is_finite = true;
  for (size_t i = 0; i < count; i++) {
    const float value = float_at(codebook + i * 4);
    is_finite = is_finite && value - value == 0;
  }
  return is_finite;
}

void decode(const CodeShape& shape, const uint8_t* codebook, const uint8_t* run, size_t position,
            float* out) {
  if (shape.kind == CodeKind::BlockedProduct) {
    const uint8_t* const block = run + position / ROW_BLOCK * block_bytes(shape);
    const size_t at = position % ROW_BLOCK;
    for (size_t part = 0; part < shape.parts; part++) {
      const uint32_t both = block[block_start(shape) + part * 16 + at % 16];
      const Entries entries = entries_of(shape, codebook, part);
      float* const some = out + part * entries.dim;
      std::memset(some, 0, entries.dim * sizeof(float));
      add_entry(entries, at < 16 ? both & 15 : both >> 4, some);
    }
    return;
  }
  const uint8_t* const row = run + position * code_bytes(shape);
  const uint8_t* const code = row + code_start(shape);
  if (is_stepped(shape)) {
    decode_steps(shape, codebook, code, out);
  } else if (is_half(shape)) {
    decode_halves(shape, code, out);
  } else if (shape.kind == CodeKind::Rabit) {
    decode_rabit(shape, row, out);
  } else {
    std::memset(out, 0, shape.dim * sizeof(float));
    for (size_t table = 0; table < size_t{shape.layers} * shape.parts; table++) {
      const Entries entries = entries_of(shape, codebook, table);
      add_entry(entries, entry_at(shape, code, table), out + table % shape.parts * entries.dim);
    }
  }
}

}  // namespace mlite
