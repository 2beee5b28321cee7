#include "train/lanczos.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/aligned_vector.hpp"
#include "train/vector_sums.hpp"

namespace etalon {
namespace {

class Lanczos {
 public:
  Lanczos(std::size_t size, const SymmetricProduct& product, RandomStream& stream)
      : product_(product), next_(size) {
    for (float& value : next_) value = static_cast<float>(stream.normal());
    length_ = std::sqrt(dot_product(next_, next_));
  }

  // One more product; false where the space is exhausted or the numbers are not finite.
  bool step() {
    for (float& value : next_) value = static_cast<float>(static_cast<double>(value) / length_);
    basis_.push_back(next_);
    product_(basis_.back(), next_);
    diagonal_.push_back(dot_product(basis_.back(), next_));
    const double before = std::sqrt(dot_product(next_, next_));
    for (int twice = 0; twice < 2; ++twice) orthogonalize();
    length_ = std::sqrt(dot_product(next_, next_));
    beside_.push_back(length_);
    return std::isfinite(length_) && length_ > kExhausted * before;
  }

  LargestEigenvalue estimate(double tolerance) const {
    const auto size = static_cast<Eigen::Index>(diagonal_.size());
    const auto solver = solved();
    LargestEigenvalue found;
    found.products = static_cast<int>(size);
    found.value = solver.eigenvalues()[size - 1];
    found.error = length_ * std::abs(solver.eigenvectors()(size - 1, size - 1));
    found.converged = found.error <= tolerance * std::abs(found.value);
    return found;
  }

  // Of the largest eigenvalue.
  AlignedVector vector() const {
    const auto size = static_cast<Eigen::Index>(diagonal_.size());
    const Eigen::VectorXd shares = solved().eigenvectors().col(size - 1);
    AlignedVector vector(next_.size());
    for (Eigen::Index k = 0; k < size; ++k) {
      add_scaled(shares[k], basis_[static_cast<std::size_t>(k)], vector);
    }
    return vector;
  }

  bool is_finite() const { return std::isfinite(length_); }

 private:
  // What rounding leaves of a vector that is nothing but a sum of those before.
  static constexpr double kExhausted = 1e-5;

  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved() const {
    const auto size = static_cast<Eigen::Index>(diagonal_.size());
    const auto diagonal = Eigen::Map<const Eigen::VectorXd>(diagonal_.data(), size);
    const auto beside = Eigen::Map<const Eigen::VectorXd>(beside_.data(), size - 1);
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    solver.computeFromTridiagonal(diagonal, beside);
    return solver;
  }

  void orthogonalize() {
    for (const AlignedVector& each : basis_) add_scaled(-dot_product(each, next_), each, next_);
  }

  const SymmetricProduct& product_;
  std::vector<AlignedVector> basis_;
  std::vector<double> diagonal_, beside_;  // of the tridiagonal matrix
  AlignedVector next_;
  double length_ = 0.0;  // of what is left, β_k
};

}  // namespace

LargestEigenvector largest_eigenvector(std::size_t size, const SymmetricProduct& product,
                                       RandomStream& stream, const LanczosOptions& options) {
  Lanczos lanczos(size, product, stream);
  LargestEigenvalue found;
  const auto most = std::min(static_cast<std::size_t>(options.most_products), size);
  for (std::size_t k = 0; k < most; ++k) {
    const bool goes_on = lanczos.step();
    if (!lanczos.is_finite()) {
      found.value = std::numeric_limits<double>::quiet_NaN();
      found.converged = false;
      return {found, AlignedVector(size, std::numeric_limits<float>::quiet_NaN())};
    }
    found = lanczos.estimate(options.tolerance);
    if (found.converged || !goes_on) break;
  }
  return {found, lanczos.vector()};
}

LargestEigenvalue largest_eigenvalue(std::size_t size, const SymmetricProduct& product,
                                     RandomStream& stream, const LanczosOptions& options) {
  return largest_eigenvector(size, product, stream, options).eigenvalue;
}

}  // namespace etalon
