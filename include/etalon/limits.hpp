// What holds the learning rate down at each batch size of a study: the noise of the gradient, or
// the sharpness λ_max of the loss. Measured along trainings at best learning rates, of which each
// batch size has its own, else the nearest one's. Pure functions.
//
// Under the curvature of the loss one step of plain SGD does best at η_max/(1 + B_noise/B)
// (McCandlish et al. 2018, arXiv 1812.06162); with momentum β at (1 − β) times that, which moves as
// far. Whatever the batch size, training is unstable where η·λ_max is above a number of the
// optimizer's own: 2, with momentum 2(1 + β) (Cohen et al. 2021, arXiv 2103.00065). Both change
// along a training, so that each limit is a range over its points: what lies within one cannot be
// told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// At one point of a training.
struct LimitPoint {
  std::int64_t batch_size = 0;  // of the training, as are the next two
  double lr = 0.0;
  std::int64_t step = 0;
  double sharpness = 0.0;               // λ_max, > 0
  std::optional<double> noise_scale{};  // B_noise; empty, as is the next: undefined there
  std::optional<double> greatest_lr{};  // η_max

  bool operator==(const LimitPoint&) const = default;
};

struct MeasuredLimits {
  double stable_product = 2.0;            // greatest stable η·λ_max, > 0
  double share_of_sgd = 1.0;              // 1 − β, in (0, 1]
  std::string stable_formula{"2/λ_max"};  // of the greatest stable η
  std::vector<LimitPoint> points{};       // training by training, steps ascending

  bool operator==(const MeasuredLimits&) const = default;
};

// Over the points of a training.
struct LimitRange {
  double low = 0.0, median = 0.0, high = 0.0;
};

// The greatest stable η at a batch size; empty without points.
std::optional<LimitRange> stable_lr(const MeasuredLimits& limits, double batch_size);
// η of the best single step at a batch size; empty where no point has it.
std::optional<LimitRange> noise_lr(const MeasuredLimits& limits, double batch_size);

enum class HeldBy {
  noise,       // below all of the stable range, and so is what noise allows
  sharpness,   // within the stable range or above it, and noise would allow as much
  neither,     // of a rule: below the best learning rate, which something else would hold
  cannot_tell  // within a range, or without one
};
std::string_view to_string(HeldBy limit);  // "noise", ..., "cannot tell"

// What holds the best learning rate at a batch size, whose interval may be open.
HeldBy what_holds(const MeasuredLimits& limits, double batch_size, double lr,
                  const std::optional<double>& lr_high);

// By what a rule breaks that asks for `lr` where `best_lr` is the best: above all of the stable
// range the sharpness, above all that noise allows and below the stable range noise.
HeldBy what_breaks(const MeasuredLimits& limits, double batch_size, double lr, double best_lr);

// As text that a study's file keeps by this name, and back; empty where it is no such text.
inline constexpr const char* kLimitsMeta = "limits";
std::string limits_to_text(const MeasuredLimits& limits);
std::optional<MeasuredLimits> limits_from_text(const std::string& text);

}  // namespace etalon
