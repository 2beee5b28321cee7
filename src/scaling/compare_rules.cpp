#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/scaling.hpp"
#include "scaling/rule_table.hpp"

namespace etalon {
namespace {

struct Choice {
  const char* rule;
  std::string reason;
};

Choice recommend_adaptive(const Recipe& base, const ScaleOptions& options, double target) {
  const std::string_view name = to_string(base.optimizer);
  const double larger = std::max(target, static_cast<double>(base.batch.global()));
  if (options.noise_scale && larger > *options.noise_scale) {
    return {"saturating",
            fmt::format("B reaches past the noise scale {:.6g}, where the square root that suits "
                        "{} below it levels off.",
                        *options.noise_scale, name)};
  }
  if (!optimizer_info(base.optimizer).has_published_rule()) {
    return {"sqrt", fmt::format("No rule is published for {}; its steps are about as long as η "
                                "says, like Adam's, for which η rises as √B.",
                                name)};
  }
  if (!base.beta2) {
    return {"sqrt", fmt::format("For {} noise in the denominator makes η rise as √B.", name)};
  }
  return {"sde-power",
          fmt::format("For {} it moves η, the betas and ε together by one derivation, and it is "
                      "defined for every κ.",
                      name)};
}

Choice recommend(const Recipe& base, const ScaleOptions& options, double target) {
  const OptimizerInfo& has = optimizer_info(base.optimizer);
  if (has.layerwise) {
    if (base.schedule.warmup) {
      return {"legw", fmt::format("{} was published with √κ and a warm-up that grows with the "
                                  "batch; LEGW is that rule written out.",
                                  has.name)};
    }
    return {"sqrt", fmt::format("{} was published with √κ; give a warm-up to have it stretched too "
                                "(rule legw).",
                                has.name)};
  }
  if (has.is_adaptive()) return recommend_adaptive(base, options, target);
  if (options.noise_scale) {
    return {"saturating",
            fmt::format("You gave a noise scale ({:.6g}): this rule is linear well under it and "
                        "levels off past it.",
                        *options.noise_scale)};
  }
  return {"linear",
          fmt::format("For {} well under the noise scale κ small steps and one step of κη do the "
                      "same; a noise scale would tell how far that goes.",
                      has.name)};
}

class RuleComparer {
 public:
  RuleComparer(const Recipe& base, const BatchShape& target, const ScaleOptions& options)
      : base_(base), options_(options) {
    comparison_.target = target;
    comparison_.kappa = batch_ratio(base, target);
    const Choice choice = recommend(base, options, static_cast<double>(target.global()));
    comparison_.recommended = choice.rule;
    comparison_.reason = choice.reason;
  }

  RuleComparison fitting() && {
    for (const Rule& rule : rule_table()) {
      const bool wanted = rule.fits(base_) || rule.info.name == comparison_.recommended;
      if (wanted || rule.whom_it_fits.empty()) {
        add_if_possible(rule);
      } else {
        omit(rule, rule.whom_it_fits);
      }
    }
    return finish();
  }

  RuleComparison everything() && {
    for (const Rule& rule : rule_table()) add_if_possible(rule);
    return finish();
  }

  RuleComparison named(std::span<const std::string> names) && {
    for (const std::string& name : names) {
      const Rule& rule = find_rule(name);
      if (has_no_betas(rule)) {
        throw InputError(
            fmt::format("rule {} cannot be applied at κ = {:.6g}", name, comparison_.kappa), "",
            fmt::format("{}; use rule sde-power", kNoBetas));
      }
      add(rule);
    }
    return finish();
  }

 private:
  static constexpr std::string_view kNoBetas =
      "1 − κ(1 − β) leaves no β' above 0, which sde-power does";

  // Past its limit the published rule has no answer.
  bool has_no_betas(const Rule& rule) const {
    const auto is_past = [this](const std::optional<double>& beta) {
      return beta && comparison_.kappa > 1 && past_beta_limit(comparison_.kappa, *beta);
    };
    return rule.info.name == "sde" && (is_past(base_.beta1) || is_past(base_.beta2));
  }

  void add(const Rule& rule) {
    comparison_.rules.push_back(scale(base_, comparison_.target, rule.info.name, options_));
  }

  void omit(const Rule& rule, std::string_view why, std::string_view field = "") {
    comparison_.omitted.push_back(
        {std::string(rule.info.name), std::string(why), std::string(field)});
  }

  void add_if_possible(const Rule& rule) {
    const RuleObstacle found = find_obstacle(rule, base_, options_);
    if (!found.why.empty()) return omit(rule, found.why, found.field);
    if (has_no_betas(rule)) return omit(rule, kNoBetas);
    add(rule);
  }

  RuleComparison finish() {
    std::stable_partition(
        comparison_.rules.begin(), comparison_.rules.end(),
        [&](const ScaledRecipe& answer) { return answer.rule.name == comparison_.recommended; });
    return std::move(comparison_);
  }

  const Recipe& base_;
  const ScaleOptions& options_;
  RuleComparison comparison_;
};

}  // namespace

RuleComparison compare_rules(const Recipe& base, const BatchShape& target,
                             const ScaleOptions& options, std::span<const std::string> rules) {
  base.validate();
  target.validate();
  options.validate();
  RuleComparer comparer(base, target, options);
  if (rules.empty()) return std::move(comparer).fitting();
  if (std::find(rules.begin(), rules.end(), "all") != rules.end()) {
    return std::move(comparer).everything();
  }
  return std::move(comparer).named(rules);
}

}  // namespace etalon
