// Every table of this processor against naive sums, on arrays that end where their memory does.

#include "kernels.h"

#include <cmath>
#include <initializer_list>

#include "self_test.h"

namespace {

using mlite::Kernels;
using self_test::Exact;
using self_test::Numbers;

const char* const TABLES[] = {"scalar", "avx2", "avx512", "neon"};

double bound(size_t dim, double size) {
  const double steps = static_cast<double>(dim < mlite::BLOCK ? dim : mlite::BLOCK) / 4 + 6;
  return size * steps * 0x1p-24 + static_cast<double>(dim) * 0x1p-149;
}

float bfloat16(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}

float float16(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const float size = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                   : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

uint16_t half_bits(Numbers& numbers, bool is_f16) {
  const uint16_t bits = static_cast<uint16_t>(numbers.next());
  // No infinity and no NaN; bfloat16 near one, so that sums stay finite.
  if (is_f16) return static_cast<uint16_t>((bits & 0x7c00) == 0x7c00 ? bits & 0x83ff : bits);
  return static_cast<uint16_t>((bits & 0x807f) | 0x3f00);
}

void near_reference(const float* query, const float* row, size_t dim, float l2, float dot) {
  double l2_sum = 0;
  double dot_sum = 0;
  double dot_size = 0;
  for (size_t i = 0; i < dim; i++) {
    const double a = query[i];
    const double b = row[i];
    l2_sum += (a - b) * (a - b);
    dot_sum += a * b;
    dot_size += std::fabs(a * b);
  }
  CHECK(std::fabs(l2_sum - static_cast<double>(l2)) <= bound(dim, 2 * l2_sum));
  CHECK(std::fabs(dot_sum - static_cast<double>(dot)) <= bound(dim, dot_size));
}

void floats(const Kernels& k, size_t dim) {
  constexpr size_t QUERIES = 7;
  constexpr size_t ROWS = 11;
  Numbers numbers(dim);
  Exact<float> queries(QUERIES * dim);
  Exact<float> base(ROWS * dim);
  for (size_t i = 0; i < QUERIES * dim; i++) queries[i] = numbers.unit();
  for (size_t i = 0; i < ROWS * dim; i++) base[i] = numbers.unit();
  Exact<uint32_t> rows(ROWS);
  for (size_t r = 0; r < ROWS; r++) rows[r] = static_cast<uint32_t>(ROWS - 1 - r);
  Exact<float> l2(QUERIES * ROWS);
  Exact<float> dot(QUERIES * ROWS);
  const uint32_t* const orders[] = {nullptr, rows.data()};
  for (const uint32_t* order : orders) {
    k.l2_f32_tile({queries.data(), QUERIES, base.data(), order, ROWS, dim, l2.data(), ROWS});
    k.dot_f32_tile({queries.data(), QUERIES, base.data(), order, ROWS, dim, dot.data(), ROWS});
    for (size_t q = 0; q < QUERIES; q++) {
      const float* query = queries.data() + q * dim;
      Exact<float> line(ROWS);
      k.l2_f32_rows(query, base.data(), dim, order, ROWS, line.data());
      for (size_t r = 0; r < ROWS; r++) {
        const float* row = base.data() + (order == nullptr ? r : order[r]) * dim;
        const float one_l2 = l2[q * ROWS + r];
        const float one_dot = dot[q * ROWS + r];
        near_reference(query, row, dim, one_l2, one_dot);
        CHECK(line[r] == one_l2 && k.l2_f32(query, row, dim) == one_l2);
        CHECK(k.dot_f32(query, row, dim) == one_dot);
      }
    }
    Exact<float> norms(ROWS);
    k.norms_f32(base.data(), dim, order, ROWS, norms.data());
    for (size_t r = 0; r < ROWS; r++) {
      const float* row = base.data() + (order == nullptr ? r : order[r]) * dim;
      CHECK(norms[r] == k.dot_f32(row, row, dim));
    }
  }
}

void halves(const Kernels& k, size_t dim, bool is_f16) {
  constexpr size_t ROWS = 9;
  Numbers numbers(dim + 7);
  Exact<float> query(dim);
  Exact<uint16_t> base(ROWS * dim);
  Exact<float> wide(ROWS * dim);
  Exact<float> widened(ROWS * dim);
  for (size_t i = 0; i < dim; i++) query[i] = numbers.unit();
  for (size_t i = 0; i < ROWS * dim; i++) {
    base[i] = half_bits(numbers, is_f16);
    wide[i] = is_f16 ? float16(base[i]) : bfloat16(base[i]);
  }
  (is_f16 ? k.widen_f16 : k.widen_bf16)(base.data(), widened.data(), ROWS * dim);
  CHECK(std::memcmp(wide.data(), widened.data(), ROWS * dim * sizeof(float)) == 0);
  Exact<float> l2(ROWS);
  Exact<float> dot(ROWS);
  Exact<float> norms(ROWS);
  const auto l2_rows = is_f16 ? k.l2_f16_rows : k.l2_bf16_rows;
  const auto dot_rows = is_f16 ? k.dot_f16_rows : k.dot_bf16_rows;
  l2_rows(query.data(), base.data(), dim, nullptr, ROWS, l2.data());
  dot_rows(query.data(), base.data(), dim, nullptr, ROWS, dot.data());
  (is_f16 ? k.norms_f16 : k.norms_bf16)(base.data(), dim, nullptr, ROWS, norms.data());
  for (size_t r = 0; r < ROWS; r++) {
    const float* row = wide.data() + r * dim;
    const uint16_t* bits = base.data() + r * dim;
    CHECK(l2[r] == k.l2_f32(query.data(), row, dim));
    CHECK(dot[r] == k.dot_f32(query.data(), row, dim));
    CHECK(norms[r] == k.dot_f32(row, row, dim));
    CHECK((is_f16 ? k.l2_f16 : k.l2_bf16)(query.data(), bits, dim) == l2[r]);
    CHECK((is_f16 ? k.dot_f16 : k.dot_bf16)(query.data(), bits, dim) == dot[r]);
  }
}

void integers(const Kernels& k, size_t dim) {
  constexpr size_t QUERIES = 6;
  constexpr size_t ROWS = 10;
  Numbers numbers(dim + 13);
  Exact<int8_t> queries(QUERIES * dim);
  Exact<int8_t> base(ROWS * dim);
  Exact<uint8_t> codes(dim);
  // The extremes are common: that is where narrower sums would wrap.
  for (size_t i = 0; i < QUERIES * dim; i++) {
    queries[i] = numbers.below(3) == 0 ? int8_t{-128} : static_cast<int8_t>(numbers.next());
  }
  for (size_t i = 0; i < ROWS * dim; i++) {
    base[i] = numbers.below(3) == 0 ? int8_t{127} : static_cast<int8_t>(numbers.next());
  }
  for (size_t i = 0; i < dim; i++) {
    codes[i] = numbers.below(3) == 0 ? uint8_t{255} : static_cast<uint8_t>(numbers.next());
  }
  Exact<int32_t> l2(QUERIES * ROWS);
  Exact<int32_t> dot(QUERIES * ROWS);
  Exact<int32_t> products(ROWS);
  k.l2_i8_tile({queries.data(), QUERIES, base.data(), nullptr, ROWS, dim, l2.data(), ROWS});
  k.dot_i8_tile({queries.data(), QUERIES, base.data(), nullptr, ROWS, dim, dot.data(), ROWS});
  k.dot_u8i8_rows(codes.data(), base.data(), dim, dim, nullptr, ROWS, products.data());
  for (size_t r = 0; r < ROWS; r++) {
    const int8_t* row = base.data() + r * dim;
    int32_t norm = 0;
    int32_t product = 0;
    for (size_t i = 0; i < dim; i++) norm += row[i] * row[i];
    for (size_t i = 0; i < dim; i++) product += codes[i] * row[i];
    CHECK(k.norm_i8(row, dim) == norm);
    CHECK(k.dot_u8i8(codes.data(), row, dim) == product);
    CHECK(products[r] == product);
    for (size_t q = 0; q < QUERIES; q++) {
      const int8_t* query = queries.data() + q * dim;
      int32_t l2_sum = 0;
      int32_t dot_sum = 0;
      for (size_t i = 0; i < dim; i++) {
        l2_sum += (query[i] - row[i]) * (query[i] - row[i]);
        dot_sum += query[i] * row[i];
      }
      CHECK(l2[q * ROWS + r] == l2_sum && k.l2_i8(query, row, dim) == l2_sum);
      CHECK(dot[q * ROWS + r] == dot_sum && k.dot_i8(query, row, dim) == dot_sum);
    }
  }
}

uint32_t naive_bits(const uint8_t* a, size_t bytes) {
  uint32_t count = 0;
  for (size_t i = 0; i < bytes * 8; i++) count += (a[i / 8] >> (i % 8)) & 1u;
  return count;
}

void bits(const Kernels& k, size_t bytes) {
  constexpr size_t ROWS = 5;
  Numbers numbers(bytes + 29);
  Exact<uint8_t> query(bytes);
  Exact<uint8_t> base(ROWS * bytes);
  Exact<uint8_t> scratch(bytes);
  for (size_t i = 0; i < bytes; i++) query[i] = static_cast<uint8_t>(numbers.next());
  for (size_t i = 0; i < ROWS * bytes; i++) base[i] = static_cast<uint8_t>(numbers.next());
  Exact<uint32_t> different(ROWS);
  Exact<uint32_t> common(ROWS);
  k.hamming_tile({query.data(), 1, base.data(), nullptr, ROWS, bytes, different.data(), ROWS});
  k.common_bits_tile({query.data(), 1, base.data(), nullptr, ROWS, bytes, common.data(), ROWS});
  for (size_t r = 0; r < ROWS; r++) {
    const uint8_t* row = base.data() + r * bytes;
    CHECK(k.bits(row, bytes) == naive_bits(row, bytes));
    for (size_t i = 0; i < bytes; i++) scratch[i] = query[i] ^ row[i];
    CHECK(different[r] == naive_bits(scratch.data(), bytes));
    CHECK(k.hamming(query.data(), row, bytes) == different[r]);
    for (size_t i = 0; i < bytes; i++) scratch[i] = query[i] & row[i];
    CHECK(common[r] == naive_bits(scratch.data(), bytes));
    CHECK(k.common_bits(query.data(), row, bytes) == common[r]);
  }
}

void elements(const Kernels& k, size_t count) {
  for (size_t bytes : {1, 2, 3, 4, 8, 32}) {
    Numbers numbers(count * bytes);
    Exact<uint8_t> left(count * bytes);
    Exact<uint8_t> right(count * bytes);
    uint32_t equal = 0;
    for (size_t i = 0; i < count * bytes; i++) left[i] = right[i] = numbers.next() & 0xff;
    for (size_t i = 0; i < count; i++) {
      const bool is_equal = numbers.below(2) == 0;
      if (!is_equal) right[i * bytes + numbers.below(bytes)] ^= 1;
      equal += is_equal ? 1 : 0;
    }
    CHECK(k.equal_elements(left.data(), right.data(), bytes, count) == equal);
  }
}

// Sums that leave float32 on their way are repeated; their neighbours keep their own result.
void overflow(const Kernels& k) {
  constexpr size_t DIM = 40;
  constexpr size_t ROWS = 8;
  Exact<float> queries(4 * DIM);
  Exact<float> base(ROWS * DIM);
  Numbers numbers(3);
  for (size_t i = 0; i < 4 * DIM; i++) queries[i] = numbers.unit();
  for (size_t i = 0; i < ROWS * DIM; i++) base[i] = numbers.unit();
  for (size_t i = 0; i < DIM; i++) {
    queries[DIM + i] = 3e38f;
    base[2 * DIM + i] = i % 2 == 0 ? 3e38f : -3e38f;
  }
  Exact<float> out(4 * ROWS);
  k.dot_f32_tile({queries.data(), 4, base.data(), nullptr, ROWS, DIM, out.data(), ROWS});
  CHECK(out[ROWS + 2] == 0);
  for (size_t q = 0; q < 4; q++) {
    for (size_t r = 0; r < ROWS; r++) {
      CHECK(out[q * ROWS + r] == k.dot_f32(&queries[q * DIM], &base[r * DIM], DIM));
    }
  }
  CHECK(std::isinf(k.l2_f32(&queries[DIM], &base[2 * DIM], DIM)));
}

void selection(const Kernels& k) {
  for (size_t count = 0; count < 70; count++) {
    Numbers numbers(count);
    Exact<float> costs(count);
    Exact<uint32_t> out(count);
    Exact<double> inverses(count);
    for (size_t i = 0; i < count; i++) costs[i] = numbers.unit();
    const size_t found = k.select(costs.data(), count, 0.25f, out.data());
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
      if (costs[i] <= 0.25f) CHECK(next < found && out[next++] == i);
    }
    CHECK(next == found);
    for (size_t i = 0; i < count; i++) costs[i] = std::fabs(costs[i]) + 1;
    k.inverse_lengths(costs.data(), count, inverses.data());
    for (size_t i = 0; i < count; i++) {
      CHECK(inverses[i] == 1 / std::sqrt(static_cast<double>(costs[i])));
    }
    k.cosine_costs(costs.data(), count, 0.5, inverses.data());
    for (size_t i = 0; i < count; i++) CHECK(costs[i] < 0);
  }
}

void run() {
  size_t tables = 0;
  for (const char* name : TABLES) {
    const Kernels* k = mlite::kernels_named(name);
    if (k == nullptr) continue;
    tables++;
    for (size_t dim = 1; dim <= 300; dim += dim < 70 ? 1 : 23) {
      floats(*k, dim);
      halves(*k, dim, true);
      halves(*k, dim, false);
      integers(*k, dim);
      bits(*k, dim);
      elements(*k, dim);
    }
    for (size_t dim : {1023, 1024, 1025, 2049, 5000}) {
      floats(*k, dim);
      halves(*k, dim, true);
    }
    integers(*k, 32768);
    overflow(*k);
    selection(*k);
  }
  CHECK(tables >= 1);
  CHECK(mlite::kernels_named("none") == nullptr);
}

const self_test::Part part("kernels of every instruction set", run);

}  // namespace
