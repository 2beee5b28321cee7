#include "nn/matrix.hpp"

#include "nn/layer_support.hpp"

namespace etalon {

void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const Matrix& a, const Matrix& b,
              float alpha, float beta, float* c, std::int64_t c_row_length) {
  check_dnnl(dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, alpha, a.data,
                        a.row_length, b.data, b.row_length, beta, c, c_row_length));
}

}  // namespace etalon
