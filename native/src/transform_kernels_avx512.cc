#include "transform_loops.h"

#if defined(__x86_64__) || defined(_M_X64)

namespace mlite {

const TransformKernels AVX512_TRANSFORMS = transforms("avx512");

}  // namespace mlite

#endif
