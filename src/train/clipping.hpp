// Gradient clipping, with a count of how often it bit.
//
// By value, each element: g_i ← max(−c, min(c, g_i)). By global norm, over all parameters at once:
// g ← g · min(1, c / ‖g‖) (Pascanu, Mikolov, Bengio 2012, arXiv 1211.5063). With both, by value
// first. A clipped gradient is no longer proportional to the learning rate's effect, so that η*(B)
// shifts where clipping is frequent: look at the fraction. State of one training and one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace etalon {

struct ClippingOptions {
  std::optional<double> norm;   // in [1e-30, 1e30]
  std::optional<double> value;  // in [1e-30, 1e30]
  void validate() const;
  bool any() const { return norm || value; }
};

class GradientClipper {
 public:
  explicit GradientClipper(const ClippingOptions& options);

  // Clips the gradient of one update, the whole window's. A gradient that is not finite stays so.
  void clip(std::span<float> gradient);

  struct Counts {
    std::int64_t updates = 0;
    std::int64_t clipped = 0;  // of those, where a value or the norm was over its bound
  };
  const Counts& counts() const { return counts_; }
  void restore(const Counts& counts) { counts_ = counts; }
  // In [0, 1]; 0 before the first update.
  double clipped_fraction() const;

 private:
  ClippingOptions options_;
  Counts counts_;
};

}  // namespace etalon
