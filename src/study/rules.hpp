// The scaling rules as a study tests them: what each makes of the base batch size's recipe at
// another batch size, as a trial. Pure functions of the options.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

// Where Recipe keeps what a trial can move, in the order of kMovableSettings.
inline constexpr std::array<std::optional<double> Recipe::*, kMovableSettings.size()>
    kRecipeFields = {&Recipe::momentum, &Recipe::beta1,        &Recipe::beta2,
                     &Recipe::eps,      &Recipe::weight_decay, &Recipe::ema};

// What of `scaled` differs from `base`, of all that a trial can move.
MovedSettings moved_between(const Recipe& base, const Recipe& scaled);

// A rule at one batch size.
struct RuleRecipe {
  double lr = 0.0;  // the grid's own value where that agrees to one part in 10^9
  MovedSettings moved;
  std::vector<std::string> stand_ins, warnings;  // as in RuleOutcome
};

// What `rule` makes of `base_lr` and `options.recipe` at `batch_size`. Throws what `scale` throws.
RuleRecipe apply_rule(const StudyOptions& options, std::string_view rule, std::int64_t batch_size,
                      double base_lr);

// Whether the rule moves nothing but the learning rate at the study's batch sizes.
bool moves_lr_alone(const StudyOptions& options, std::string_view rule);

// p where the rule's learning rate is base_lr · (B / base_batch_size)^p; empty where it is no
// power.
std::optional<double> lr_power(const StudyOptions& options, std::string_view rule);

// Throws InputError naming the rule and those that fit, unless a study can test it at every one of
// its batch sizes.
void check_rule(const StudyOptions& options, const std::string& rule);

}  // namespace etalon
