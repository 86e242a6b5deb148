// Values after an operation with one constant: what conditions on arithmetic compare.

#ifndef MLITE_TRANSFORM_KERNELS_H_
#define MLITE_TRANSFORM_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace mlite {

// As src/query/number-transform.ts counts them.
enum Operation : size_t { ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, AND, OR, XOR };

// Some rows of a column, wide enough to be calculated with. Loops that compilers make vector instructions of.
struct TransformKernels {
  const char* name;
  void (*widen_int8)(const int8_t* values, size_t count, int64_t* out);
  void (*widen_int16)(const int16_t* values, size_t count, int64_t* out);
  void (*widen_int32)(const int32_t* values, size_t count, int64_t* out);
  void (*widen_float)(const float* values, size_t count, double* out);
  // Towards zero, exact for every int64; `divisor` is not 0.
  void (*remainders)(const int64_t* values, size_t count, int64_t divisor, int64_t* out);
  // AND, OR and XOR of two's complement.
  void (*bits)(const int64_t* values, size_t count, Operation operation, int64_t operand,
               int64_t* out);
  // ADD to DIVIDE; `is_narrow`: every result is rounded to float.
  void (*reals)(const double* values, size_t count, Operation operation, double operand,
                bool is_narrow, double* out);
};

extern const TransformKernels SCALAR_TRANSFORMS;
#if defined(__x86_64__) || defined(_M_X64)
extern const TransformKernels AVX2_TRANSFORMS;
extern const TransformKernels AVX512_TRANSFORMS;
#endif

// Those of the instruction set that all kernels are of.
const TransformKernels& transform_kernels();

}  // namespace mlite

#endif  // MLITE_TRANSFORM_KERNELS_H_
