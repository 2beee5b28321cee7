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

Choice recommend_adaptive(const Recipe& base, const ScaleOptions& options, double target,
                          double kappa) {
  const std::string_view name = to_string(base.optimizer);
  const double larger = std::max(target, static_cast<double>(base.batch.global()));
  if (options.noise_scale && larger > *options.noise_scale) {
    return {"saturating",
            fmt::format("B reaches past the noise scale {:.6g}, where the square root that suits "
                        "{} below it levels off.",
                        *options.noise_scale, name)};
  }
  if (!base.beta2) {
    return {"sqrt", fmt::format("For {} noise in the denominator makes η rise as √B.", name)};
  }
  const double shortest = std::min(base.beta1.value_or(*base.beta2), *base.beta2);
  const double limit = 1 / (1 - shortest);
  if (kappa <= 1 || !past_beta_limit(kappa, shortest)) {
    return {"sde",
            fmt::format("For {} it is the only rule that moves η, the betas and ε together by one "
                        "derivation, and κ = {:.6g} is under its limit {:.6g}.",
                        name, kappa, limit)};
  }
  return {"sde-power",
          fmt::format("κ = {:.6g} is past {:.6g}, where the SDE rule has no valid beta; this form "
                      "agrees with it to first order and is defined here. Confirm it by a run.",
                      kappa, limit)};
}

Choice recommend(const Recipe& base, const ScaleOptions& options, double target, double kappa) {
  const OptimizerInfo& has = optimizer_info(base.optimizer);
  if (has.layerwise) {
    if (base.warmup) {
      return {"legw", fmt::format("{} was published with √κ and a warm-up that grows with the "
                                  "batch; LEGW is that rule written out.",
                                  has.name)};
    }
    return {"sqrt", fmt::format("{} was published with √κ; give a warm-up to have it stretched too "
                                "(rule legw).",
                                has.name)};
  }
  if (has.is_adaptive()) return recommend_adaptive(base, options, target, kappa);
  if (options.noise_scale) {
    return {"saturating",
            fmt::format("You gave a noise scale ({:.6g}): this rule is linear well under it and "
                        "levels off past it.",
                        *options.noise_scale)};
  }
  return {"linear",
          fmt::format("For {} well under the noise scale κ small steps and one step of κη do the "
                      "same; a noise scale (--noise-scale) would tell how far that goes.",
                      has.name)};
}

class Adviser {
 public:
  Adviser(const Recipe& base, const BatchShape& target, const ScaleOptions& options)
      : base_(base), options_(options) {
    advice_.target = target;
    advice_.kappa = batch_ratio(base, target);
    const Choice choice =
        recommend(base, options, static_cast<double>(target.global()), advice_.kappa);
    advice_.recommended = choice.rule;
    advice_.reason = choice.reason;
  }

  Advice fitting() && {
    for (const Rule& rule : rule_table()) {
      if (rule.fits(base_) || rule.info.name == advice_.recommended) add_if_possible(rule);
    }
    return finish();
  }

  Advice everything() && {
    for (const Rule& rule : rule_table()) add_if_possible(rule);
    return finish();
  }

  Advice named(std::span<const std::string> names) && {
    for (const std::string& name : names) add(find_rule(name));
    return finish();
  }

 private:
  void add(const Rule& rule) {
    advice_.rules.push_back(scale(base_, advice_.target, rule.info.name, options_));
  }

  void add_if_possible(const Rule& rule) {
    std::string why = obstacle(rule, base_, options_);
    if (why.empty()) {
      add(rule);
    } else {
      advice_.omitted.push_back({std::string(rule.info.name), std::move(why)});
    }
  }

  Advice finish() {
    std::stable_partition(
        advice_.rules.begin(), advice_.rules.end(),
        [&](const ScaledRecipe& answer) { return answer.rule.name == advice_.recommended; });
    return std::move(advice_);
  }

  const Recipe& base_;
  const ScaleOptions& options_;
  Advice advice_;
};

}  // namespace

Advice advise(const Recipe& base, const BatchShape& target, const ScaleOptions& options,
              std::span<const std::string> rules) {
  base.validate();
  target.validate();
  options.validate();
  Adviser adviser(base, target, options);
  if (rules.empty()) return std::move(adviser).fitting();
  if (std::find(rules.begin(), rules.end(), "all") != rules.end()) {
    return std::move(adviser).everything();
  }
  return std::move(adviser).named(rules);
}

}  // namespace etalon
