#include "transform_kernels.h"

#include <cstring>

#include "kernels.h"
#include "transform_loops.h"

namespace mlite {

const TransformKernels SCALAR_TRANSFORMS = transforms("scalar");

const TransformKernels& transform_kernels() {
#if defined(__x86_64__) || defined(_M_X64)
  if (std::strcmp(kernels().name, "avx512") == 0) return AVX512_TRANSFORMS;
  if (std::strcmp(kernels().name, "avx2") == 0) return AVX2_TRANSFORMS;
#endif
  return SCALAR_TRANSFORMS;
}

}  // namespace mlite
