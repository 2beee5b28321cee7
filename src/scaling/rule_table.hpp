// Each rule as data: what it says about itself, whom it fits, what it needs, and how it moves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "etalon/scaling.hpp"

namespace etalon {

// What a rule sees.
struct RuleContext {
  const Recipe& base;
  const ScaleOptions& options;
  double base_batch_size;
  double target_batch_size;
  double kappa;
};

enum class BetaForm {
  keep,
  linear,  // β' = 1 − κ(1 − β), or β^κ where that is not above 0
  power    // β' = β^κ
};

// How a rule moves a recipe; the defaults keep every value and the number of examples.
struct Moves {
  double lr_factor = 1.0;
  std::string lr_why;
  double progress;                        // steps of the base recipe that one new step stands for
  std::optional<double> warmup_progress;  // the same for the warm-up, where it differs
  BetaForm beta1 = BetaForm::keep;
  BetaForm beta2 = BetaForm::keep;
  double eps_factor = 1.0;
  bool keeps_decay = false;  // weight decay stays even where the rule for it would move it
  bool keeps_ema = false;
};

// Why a rule cannot be evaluated on a recipe; `why` is empty when it can.
struct RuleObstacle {
  std::string_view why;
  std::string_view field;  // that would let it; empty where none does
};

struct Rule {
  RuleInfo info;
  bool (*fits)(const Recipe& base);  // shown without being asked for
  std::string_view whom_it_fits;     // why it is not shown to others
  bool needs_noise_scale;
  RuleObstacle (*obstacle)(const Recipe& base);
  Moves (*moves)(const RuleContext& context);
};

std::span<const Rule> rule_table();

// The rule of this name; throws InputError with the list of names.
const Rule& find_rule(std::string_view name);

// α of the large-batch model for this optimizer.
double noise_exponent(const Recipe& base, const ScaleOptions& options);

RuleObstacle find_obstacle(const Rule& rule, const Recipe& base, const ScaleOptions& options);

// The same as the text of an error; empty when the rule can be evaluated.
std::string obstacle(const Rule& rule, const Recipe& base, const ScaleOptions& options);

// Whether 1 − κ(1 − β) leaves no usable β, up to rounding.
bool past_beta_limit(double kappa, double beta);

// B' / B.
double batch_ratio(const Recipe& base, const BatchShape& target);

}  // namespace etalon
