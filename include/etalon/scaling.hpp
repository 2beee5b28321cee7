// The published rules that move a training recipe from one batch size to another.
//
// `compare_rules` gives the whole recipe at a new batch size by every rule that fits the optimizer,
// the recommended rule first; `scale` applies one rule. Each answer names every field, its old and
// new value, whether it moved and why, with the rule's formula, source and validity, and warns
// where the request is past what the rule can promise.
//
// Symbols: B is the batch size, the global number of examples that one update averages over;
// κ = B'/B; η the learning rate; S steps (updates), E = B·S examples, N the size of the data set.
// Everything assumes that the loss is divided by the global B, and, except for AdaScale, that the
// budget is a fixed number of examples.
//
// Always: at κ = 1 every value comes back exactly; a rule that says it composes gives B→B'→B''
// equal to B→B'' up to rounding. Pure functions of values, safe from any thread. Broken input
// throws `InputError` naming field, value and constraint; nothing is clipped silently.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/bounds.hpp"
#include "etalon/duration.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/schedule_options.hpp"

namespace etalon {

// A global batch size as micro-batch × accumulation × replicas, each >= 1, product <= 1e15.
struct BatchShape {
  std::int64_t micro_batch = 1;   // examples in one forward and backward pass
  std::int64_t accumulation = 1;  // micro-batches summed before an update
  std::int64_t replicas = 1;      // devices that each do so

  std::int64_t global() const { return micro_batch * accumulation * replicas; }
  void validate() const;

  bool operator==(const BatchShape&) const = default;
};

// "256", "32x8" (micro-batch × accumulation) or "32x4x8" (… × replicas).
BatchShape parse_batch_shape(std::string_view text);
// "256" where there is neither accumulation nor a replica, "32x4x8" otherwise.
std::string to_string(const BatchShape& shape);

// What is set when a model is trained. A field that the optimizer lacks must stay empty.
struct Recipe {
  OptimizerFamily optimizer = OptimizerFamily::sgd;
  BatchShape batch;
  double lr = 0.0;                     // η, in [1e-30, 1e30]
  std::optional<double> momentum;      // m in [0, 1): sgd, momentum, nesterov, rmsprop, lars, muon
  std::optional<double> beta1;         // in [0, 1): adam, adamw, lamb, lion, muon
  std::optional<double> beta2;         // in [0, 1): the same; rmsprop's smoothing
  std::optional<double> eps;           // >= 0, outside the root: adam, adamw, rmsprop, lamb, muon
  std::optional<double> weight_decay;  // λ >= 0, in PyTorch's convention
  std::optional<double> ema;           // ρ in [0, 1): decay per step of an average of the weights
  std::optional<Duration> budget;      // the whole training
  ScheduleOptions schedule;            // its lengths move, everything else of it stays
  // η of further groups of parameters, which move by the same factor as `lr`.
  std::vector<double> group_lrs{};

  void validate() const;
};

// Fills what the optimizer needs and the recipe lacks with PyTorch's defaults (momentum 0.9 for
// momentum, nesterov and lars; ε = 1e-6 for lamb), and the schedule step where there are
// milestones; returns the names of the fields it filled.
std::vector<std::string> fill_defaults(Recipe& recipe);

// What else is known; every field may stay empty.
struct ScaleOptions {
  // B_noise in examples, > 0: McCandlish et al. 2018 (arXiv 1812.06162), B_simple = tr Σ / |G|².
  std::optional<double> noise_scale;
  // α of η ∝ 1/(1 + B_noise/B)^α, in (0, 1]. Default: 1, or 0.5 for optimizers that divide by a
  // root of squared gradients (0.5 to 1 in the same source).
  std::optional<double> noise_exponent;
  std::optional<double> stability_limit;     // largest stable η, > 0
  std::optional<std::int64_t> dataset_size;  // N, in [1, 1e15]

  void validate() const;
};

struct RuleInfo {
  std::string_view name;
  std::string_view formula;
  std::string_view source;    // authors, year, arXiv id
  std::string_view validity;  // where it holds and where it stops
  bool composes;              // B→B'→B'' equals B→B''
  std::string_view composition;
};

// All rules in a fixed order: fixed, linear, sqrt, saturating, sde, sde-power, rise-and-fall, legw,
// adascale, half-life, time-scale, ema.
std::span<const RuleInfo> scaling_rules();

struct FieldChange {
  // "lr", "beta2", "warmup_steps", ...; "lr_2" and on for further groups of parameters; repeated
  // for each milestone.
  std::string field;
  double old_value = 0.0;
  double new_value = 0.0;
  bool moved = false;
  std::string why;         // one sentence
  bool stands_in = false;  // the rule has no valid value here; this is its documented stand-in
};

struct ScaledRecipe {
  RuleInfo rule;
  Recipe recipe;  // at the new batch size; steps are real numbers, rounded only when shown
  double kappa = 1.0;
  std::vector<FieldChange> fields;
  std::vector<std::string> warnings;
};

// `base` moved to `target` by the rule of this name. Throws InputError for a name that is no rule
// (listing the names), and for a rule that lacks what it needs (a noise scale, a β2, a ρ).
ScaledRecipe scale(const Recipe& base, const BatchShape& target, std::string_view rule,
                   const ScaleOptions& options = {});

struct OmittedRule {
  std::string rule;
  std::string why;
  std::string field;  // that would let it be evaluated, such as noise_scale; may be empty
};

struct RuleComparison {
  BatchShape target;
  double kappa = 1.0;
  std::string recommended;          // name of the rule
  std::string reason;               // why that one, a sentence
  std::vector<ScaledRecipe> rules;  // the recommended one first if it is among those asked for
  std::vector<OmittedRule> omitted;
};

// `base` moved to `target` by the rules named: none means those that fit the optimizer and have
// what they need, {"all"} every rule that can be evaluated. Every rule that was not named is then
// in `rules` or in `omitted`.
RuleComparison compare_rules(const Recipe& base, const BatchShape& target,
                             const ScaleOptions& options = {},
                             std::span<const std::string> rules = {});

// AdaScale's gain at κ times the base batch, in [1, κ] for κ >= 1:
//   r = (σ² + μ²) / (σ²/κ + μ²),  σ²/μ² = noise_scale / base_batch_size,
// where σ² is the trace of the covariance of the base batch's gradient and μ² = |G|².
// Source: Johnson et al. 2020, arXiv 2007.05105.
double adascale_gain(double noise_scale, double base_batch_size, double kappa);

// The largest constant η at which the optimizer is stable on a quadratic whose largest curvature is
// `sharpness` (λ > 0), for sgd, momentum, nesterov, adam and adamw; empty for the others.
//   sgd 2/λ; heavy ball 2(1+m)/λ; Nesterov 2(1+m)/((1+2m)λ);
//   Adam 2(1+β1)/((1−β1)λ), λ of the preconditioned Hessian.
// Source: Cohen et al. 2021, arXiv 2103.00065, and 2022, arXiv 2207.14484.
std::optional<double> stability_limit(const Recipe& recipe, double sharpness);

// What a momentum buffer must be multiplied by when η changes from `old_lr` to `new_lr` in a
// program that keeps η inside it (v ← m v + η g, w ← w − v); 1 is right for PyTorch's form
// (v ← m v + g, w ← w − η v).  Source: Goyal et al. 2017, arXiv 1706.02677, remark 2.
double momentum_correction(double old_lr, double new_lr);

}  // namespace etalon
