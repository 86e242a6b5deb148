// Searching the tables of a MINHASH_LSH index: the twin of src/index/minhash-search.ts.

#ifndef MLITE_MINHASH_SEARCH_H_
#define MLITE_MINHASH_SEARCH_H_

#include "kernels.h"
#include "memory.h"
#include "minhash_image.h"

namespace mlite {

struct TableQuery {
  const uint8_t* vector;
  size_t top_k;
  // Candidates wanted, top_k at least and no more than there are rows.
  size_t candidates;
  // By the share of equal elements; else the first candidates, each of score 1.
  bool is_by_share;
  // Bit i: row i may be a hit; null: all rows may.
  const uint32_t* allowed;
};

// One thread's way through tables.
class TableSearcher {
 public:
  // False when there is no memory. `vectors` are those the image was built of; whatever its bytes
  // are, and whatever those of a mapped file become, searches read nothing outside of it.
  bool open(const TableImage& image, const uint8_t* vectors);

  // Writes at most top_k hits, best first, equal scores by row; false when there is no memory.
  bool search(const TableQuery& query, uint32_t* rows, float* scores, size_t* count);

 private:
  struct Candidate {
    float share;
    uint32_t row;
    bool operator<(const Candidate& other) const {
      return share > other.share || (share == other.share && row < other.row);
    }
  };

  void hash_bands(const uint8_t* vector);
  void search_band(const TableQuery& query, uint32_t band);
  float share(const uint8_t* query, uint32_t row) const;

  TableImage image_ = {};
  const uint8_t* vectors_ = nullptr;
  size_t band_bytes_ = 0;
  // Of the query, by band.
  Array<uint32_t> hashes_;
  // Bit by row: it is a candidate. Zeros between searches.
  Array<uint32_t> seen_;
  Array<Candidate> found_;
  size_t found_count_ = 0;
};

}  // namespace mlite

#endif  // MLITE_MINHASH_SEARCH_H_
