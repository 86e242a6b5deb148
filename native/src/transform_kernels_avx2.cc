#include "transform_loops.h"

#if defined(__x86_64__) || defined(_M_X64)

namespace mlite {

const TransformKernels AVX2_TRANSFORMS = transforms("avx2");

}  // namespace mlite

#endif
