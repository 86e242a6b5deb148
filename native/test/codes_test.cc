// Codes of every kind: written, decoded, compared with queries, and damaged, on arrays that end
// where their memory does.

#include <cfloat>
#include <cmath>
#include <initializer_list>

#include "codes.h"
#include "self_test.h"

namespace {

using mlite::CodeKind;
using mlite::CodeShape;
using self_test::Exact;
using self_test::Numbers;

constexpr size_t ROWS = 70;
constexpr float BASE = 3;

struct Case {
  CodeShape shape;
  float* rows;
  float* query;
  float* centroid;
};

double squared_distance(const float* query, const float* row, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; i++) {
    const double difference = static_cast<double>(query[i]) - static_cast<double>(row[i]);
    sum += difference * difference;
  }
  return sum;
}

double product(const float* query, const float* row, size_t dim) {
  double sum = 0;
  for (size_t i = 0; i < dim; i++) {
    sum += static_cast<double>(query[i]) * static_cast<double>(row[i]);
  }
  return sum;
}

// What the cost of a decoded row should be. By COSINE a row of zeros has the length of the others,
// or it would be nearer than they are. Rabit keeps lengths, and products with the centroid, of what
// it was made of.
double expected_cost(const Case& made, const float* row, const float* decoded, bool has_centroid) {
  const size_t dim = made.shape.dim;
  const bool is_l2 = made.shape.metric == 0;
  Exact<float> rest(dim);
  for (size_t i = 0; i < dim; i++) {
    rest[i] = made.query[i] - (has_centroid ? made.centroid[i] : 0);
  }
  double base = is_l2 ? squared_distance(rest.data(), decoded, dim)
                      : -product(made.query, decoded, dim);
  if (made.shape.metric == 2 && made.shape.entries == 0) {
    Exact<float> whole(dim);
    for (size_t i = 0; i < dim; i++) {
      whole[i] = decoded[i] + (has_centroid ? made.centroid[i] : 0);
    }
    const bool is_zero = product(row, row, dim) == 0;
    base += is_zero ? 0.5 : product(whole.data(), whole.data(), dim) / 2;
  }
  if (made.shape.kind == CodeKind::Rabit) {
    Exact<float> true_rest(dim);
    for (size_t i = 0; i < dim; i++) {
      true_rest[i] = row[i] - (has_centroid ? made.centroid[i] : 0);
    }
    base = is_l2 ? product(rest.data(), rest.data(), dim) +
                       product(true_rest.data(), true_rest.data(), dim) -
                       2 * product(rest.data(), decoded, dim)
                 : -product(rest.data(), decoded, dim);
    if (!is_l2 && has_centroid) base -= product(made.centroid, true_rest.data(), dim);
  }
  if (!has_centroid) return base;
  if (!is_l2) return base + static_cast<double>(BASE);
  return base - product(rest.data(), rest.data(), dim) + static_cast<double>(BASE);
}

// By what product codes of IP and COSINE multiply their costs: a row is as long as it was, however
// short it is decoded.
double lengthening(const Case& made, const float* row, const float* decoded, bool has_centroid) {
  if (made.shape.metric == 0 || made.shape.entries == 0) return 1;
  const size_t dim = made.shape.dim;
  Exact<float> whole(dim);
  for (size_t i = 0; i < dim; i++) whole[i] = decoded[i] + (has_centroid ? made.centroid[i] : 0);
  const double square = product(whole.data(), whole.data(), dim);
  return square > 0 ? std::fmin(std::sqrt(product(row, row, dim) / square), 4) : 1;
}

void check_costs(const Case& made, const uint8_t* codebook, bool has_centroid) {
  const CodeShape& shape = made.shape;
  Exact<uint32_t> run(mlite::run_bytes(shape, ROWS) / 4);
  uint8_t* const bytes = reinterpret_cast<uint8_t*>(run.data());
  mlite::Encoder encoder;
  CHECK(encoder.open(shape, codebook));
  const float* const centroid = has_centroid ? made.centroid : nullptr;
  for (size_t row = 0; row < ROWS; row++) {
    encoder.encode(made.rows + row * shape.dim, centroid, bytes, row);
  }
  CHECK(mlite::check_run(shape, bytes, ROWS));
  mlite::CodeQuery query;
  CHECK(query.open(shape, codebook));
  query.set_query(made.query, 0);
  if (has_centroid) query.set_list(made.centroid, BASE);
  Exact<float> costs(ROWS);
  query.costs(bytes, 0, ROWS, costs.data());
  Exact<float> decoded(shape.dim);
  // Blocked codes add 8 bits of each product; few bits meet one byte of each element of a query.
  const bool is_few = shape.kind == CodeKind::Rabit ? shape.bits <= 4
                                                    : shape.kind == CodeKind::Sq4 ||
                                                          shape.kind == CodeKind::Sq4u;
  const double coarse = shape.kind == CodeKind::BlockedProduct ? 0.02 : is_few ? 0.008 : 0.002;
  for (size_t row = 0; row < ROWS; row++) {
    mlite::decode(shape, codebook, bytes, row, decoded.data());
    const float* const vector = made.rows + row * shape.dim;
    const double factor = lengthening(made, vector, decoded.data(), has_centroid);
    const double expected = factor * expected_cost(made, vector, decoded.data(), has_centroid);
    const double slack = coarse * static_cast<double>(shape.dim) * (factor > 1 ? factor : 1);
    CHECK(std::fabs(static_cast<double>(costs[row]) - expected) <= slack);
  }
  const uint32_t rows[5] = {69, 0, 33, 33, 7};
  Exact<float> some(5);
  if (mlite::has_stride(shape)) {
    query.costs_of(bytes, rows, 5, some.data());
    for (size_t i = 0; i < 5; i++) CHECK(some[i] == costs[rows[i]]);
    query.costs(bytes, 66, 3, some.data());
    for (size_t i = 0; i < 3; i++) CHECK(some[i] == costs[66 + i]);
  } else {
    query.costs(bytes, 64, 5, some.data());
    for (size_t i = 0; i < 5; i++) CHECK(some[i] == costs[64 + i]);
  }
}

// Whatever the bytes are, costs are numbers and nothing else is read.
void check_damaged(const Case& made, Numbers& numbers) {
  const CodeShape& shape = made.shape;
  Exact<uint32_t> codebook(mlite::codebook_bytes(shape) / 4);
  Exact<uint32_t> run(mlite::run_bytes(shape, ROWS) / 4);
  const uint8_t* const book = reinterpret_cast<uint8_t*>(codebook.data());
  const uint8_t* const bytes = reinterpret_cast<uint8_t*>(run.data());
  for (size_t i = 0; i < mlite::codebook_bytes(shape) / 4; i++) codebook[i] = numbers.next() * 2;
  for (size_t i = 0; i < mlite::run_bytes(shape, ROWS) / 4; i++) run[i] = numbers.next() * 2;
  for (size_t i = 0; i < mlite::codebook_bytes(shape) / 4; i++) {
    if ((codebook[i] & 0x7f800000u) == 0x7f800000u) codebook[i] = 0x7f7fffffu;
  }
  CHECK(mlite::check_codebook(shape, book));
  if (!mlite::check_run(shape, bytes, ROWS)) return;
  mlite::CodeQuery query;
  CHECK(query.open(shape, book));
  Exact<float> costs(ROWS);
  for (uint32_t bits : {0u, 1u, 8u}) {
    query.set_query(made.query, bits);
    query.costs(bytes, 0, ROWS, costs.data());
    query.set_list(made.centroid, FLT_MAX);
    query.costs(bytes, 0, ROWS, costs.data());
    for (size_t row = 0; row < ROWS; row++) CHECK(costs[row] - costs[row] == 0);
  }
}

void check_training(const CodeShape& shape, const float* rows, uint8_t* codebook) {
  std::atomic<int32_t> is_cancelled{0};
  Exact<uint32_t> again(mlite::codebook_bytes(shape) / 4);
  uint8_t* const other = reinterpret_cast<uint8_t*>(again.data());
  CHECK(mlite::train_codes(shape, rows, ROWS, 1, is_cancelled, codebook) == mlite::TrainEnd::Done);
  CHECK(mlite::train_codes(shape, rows, ROWS, 3, is_cancelled, other) == mlite::TrainEnd::Done);
  CHECK(std::memcmp(codebook, other, mlite::codebook_bytes(shape)) == 0);
  CHECK(mlite::check_codebook(shape, codebook));
  is_cancelled.store(1);
  if (shape.entries == 0) return;
  CHECK(mlite::train_codes(shape, rows, ROWS, 2, is_cancelled, other) ==
        mlite::TrainEnd::Cancelled);
}

void codes(CodeShape shape, bool is_cosine) {
  shape = mlite::sized_for(shape, ROWS);
  // More entries than rows, and more than a byte can name.
  if (shape.bits == 24) shape.entries = 300;
  CHECK(mlite::is_code_shape(shape));
  Numbers numbers(shape.dim * 100 + static_cast<uint32_t>(shape.kind) * 10 + shape.bits);
  Exact<float> rows(ROWS * shape.dim);
  Exact<float> query(shape.dim);
  Exact<float> centroid(shape.dim);
  for (size_t i = 0; i < ROWS * shape.dim; i++) rows[i] = numbers.unit();
  for (size_t i = 0; i < shape.dim; i++) {
    query[i] = numbers.unit();
    centroid[i] = numbers.unit() * 0.1f;
    // A zero row, and two that are equal.
    rows[3 * shape.dim + i] = 0;
    rows[5 * shape.dim + i] = rows[4 * shape.dim + i];
  }
  for (size_t row = 0; row < ROWS; row++) {
    const double before = product(&rows[row * shape.dim], &rows[row * shape.dim], shape.dim);
    mlite::prepare_vector(shape, is_cosine, &rows[row * shape.dim]);
    const double after = product(&rows[row * shape.dim], &rows[row * shape.dim], shape.dim);
    CHECK(std::fabs(after - (is_cosine && before > 0 ? 1 : before)) <= 1e-4 * (1 + before));
  }
  mlite::prepare_vector(shape, is_cosine, query.data());
  const Case made = {shape, rows.data(), query.data(), centroid.data()};
  Exact<uint32_t> codebook(mlite::codebook_bytes(shape) / 4);
  uint8_t* const book = reinterpret_cast<uint8_t*>(codebook.data());
  check_training(shape, rows.data(), book);
  check_costs(made, book, false);
  check_costs(made, book, true);
  check_damaged(made, numbers);
  for (size_t i = 0; i < ROWS * shape.dim; i++) rows[i] = numbers.unit() * FLT_MAX;
  mlite::Encoder encoder;
  CHECK(encoder.open(shape, book));
  Exact<uint32_t> run(mlite::run_bytes(shape, ROWS) / 4);
  for (size_t row = 0; row < ROWS; row++) {
    encoder.encode(&rows[row * shape.dim], centroid.data(), reinterpret_cast<uint8_t*>(run.data()),
                   row);
  }
}

void run() {
  for (uint32_t metric : {0u, 1u, 2u}) {
    for (uint32_t dim : {2u, 8u, 72u, 130u}) {
      for (CodeKind kind : {CodeKind::Sq8, CodeKind::Sq6, CodeKind::Sq4, CodeKind::Sq4u,
                            CodeKind::Fp16, CodeKind::Bf16}) {
        codes({kind, metric, dim, 1, 1, 0, 0, 0}, metric == 2);
      }
      for (uint32_t bits = 1; bits <= 9; bits++) {
        codes({CodeKind::Rabit, metric, dim, 1, 1, bits, 0, 0}, metric == 2);
      }
      for (uint32_t bits : {1u, 4u, 8u, 24u}) {
        codes({CodeKind::Product, metric, dim, dim / 2, 1, bits, 0, 0}, false);
        codes({CodeKind::ResidualProduct, metric, dim, 2, 3, bits, 0, 0}, false);
      }
      codes({CodeKind::BlockedProduct, metric, dim, dim / 2, 1, 4, 0, 0}, false);
    }
  }
}

const self_test::Part part("codes", run);

}  // namespace
