// What was measured of curvature at the points of a training, and the forms in which `etalon noise`
// prints it. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "noise/one_step.hpp"
#include "optim/stability_limit.hpp"
#include "report/text_layout.hpp"
#include "train/curvature.hpp"

namespace etalon {

// At one point.
struct CurvaturePoint {
  std::string place;  // "step 429"
  double lr = 0.0;    // of the training there; 0: none yet
  MeasuredCurvature measured;
  std::vector<OneStepOptimum> one_step{};  // where it was asked for
  std::optional<OneStepCurve> curve{};     // through them
};

struct CurvatureAnswer {
  double level = 0.90;
  std::optional<StabilityLimit> limit;
  std::vector<CurvaturePoint> points;
};

// Up to which learning rate λ_max lets training be stable, with its interval; λ_max must be above
// 0.
EstimatedRatio stable_lr(const Sharpness& sharpness, const StabilityLimit& limit);

// From which batch size on λ_max limits the learning rate before noise does: where
// (1 − β)·η_max/(1 + B_noise/B) reaches the limit. Infinite where it never does; empty where either
// is not known.
std::optional<double> limited_from(const CurvaturePoint& point, const StabilityLimit& limit);

// For people: sentences about the last point, and a table of all.
std::string curvature_text(const CurvatureAnswer& answer, const TextStyle& style);
// The best learning rates of one step, measured and predicted, of each point that has any.
std::string one_step_text(const CurvatureAnswer& answer, const TextStyle& style);

// The keys are in docs/noise.md.
nlohmann::ordered_json curvature_json(const CurvatureAnswer& answer);

}  // namespace etalon
