#include "minhash_search.h"

#include <algorithm>

namespace mlite {

bool TableSearcher::open(const TableImage& image, const uint8_t* vectors) {
  image_ = image;
  vectors_ = vectors;
  band_bytes_ = image.shape.band_bytes();
  const size_t words = (size_t{image.shape.row_count} + 31) / 32;
  if (!seen_.resize(words) || !hashes_.resize(image.shape.band_count)) return false;
  std::fill_n(seen_.data(), words, 0u);
  return true;
}

bool TableSearcher::search(const TableQuery& query, uint32_t* rows, float* scores, size_t* count) {
  if (found_.size() < query.candidates && !found_.resize(query.candidates)) return false;
  found_count_ = 0;
  hash_bands(query.vector);
  for (uint32_t band = 0; band < image_.shape.band_count; band++) {
    if (found_count_ == query.candidates) break;
    search_band(query, band);
  }
  for (size_t i = 0; i < found_count_; i++) {
    Candidate& candidate = found_[i];
    seen_[candidate.row >> 5] = 0;
    if (query.is_by_share) candidate.share = share(query.vector, candidate.row);
  }
  *count = std::min(query.top_k, found_count_);
  std::partial_sort(found_.data(), found_.data() + *count, found_.data() + found_count_);
  for (size_t i = 0; i < *count; i++) {
    rows[i] = found_[i].row;
    scores[i] = found_[i].share;
  }
  return true;
}

// All of them first, so that the blocks of the filters are on their way when they are looked at.
void TableSearcher::hash_bands(const uint8_t* vector) {
  for (uint32_t band = 0; band < image_.shape.band_count; band++) {
    const uint32_t hash = band_hash(vector + band * band_bytes_, band_bytes_, band);
    hashes_[band] = hash;
    if (image_.shape.filter_count > 0) {
      prefetch(image_.filter(band).block(hash), FILTER_BLOCK_WORDS * 4);
    } else {
      prefetch(image_.starts_of(band) + image_.shape.bucket(hash), 8);
    }
  }
}

void TableSearcher::search_band(const TableQuery& query, uint32_t band) {
  const TableShape& shape = image_.shape;
  const uint32_t hash = hashes_[band];
  if (shape.filter_count > 0 && !image_.filter(band).may_have(hash)) return;
  const uint32_t* const starts = image_.starts_of(band) + shape.bucket(hash);
  const TableEntry* const entries = image_.entries_of(band);
  const size_t offset = band * band_bytes_;
  const size_t end = std::min(read_once(starts + 1), shape.row_count);
  for (size_t i = read_once(starts); i < end; i++) {
    if (entries[i].hash != hash) continue;
    const uint32_t row = read_once(&entries[i].row);
    if (row >= shape.row_count) continue;
    const uint32_t bit = 1u << (row & 31);
    if (query.allowed != nullptr && (query.allowed[row >> 5] & bit) == 0) continue;
    if ((seen_[row >> 5] & bit) != 0) continue;
    const uint8_t* const bytes = vectors_ + row * shape.vector_bytes() + offset;
    if (!are_equal(query.vector + offset, bytes, band_bytes_)) continue;
    seen_[row >> 5] |= bit;
    found_[found_count_++] = {1.0f, row};
    if (found_count_ == query.candidates) return;
  }
}

float TableSearcher::share(const uint8_t* query, uint32_t row) const {
  const TableShape& shape = image_.shape;
  const size_t count = shape.vector_bytes() / shape.element_bytes;
  const uint8_t* const bytes = vectors_ + row * shape.vector_bytes();
  const uint32_t equal = kernels().equal_elements(query, bytes, shape.element_bytes, count);
  return static_cast<float>(equal) / static_cast<float>(count);
}

}  // namespace mlite
