#include "atlas/linear_losses.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace etalon {

void warn_of_linear_losses(RuleComparison& comparison, const AtlasEvidence& evidence,
                           const Recipe& base) {
  const RuleRecord* linear = evidence.record_of("linear");
  const RuleRecord* root = evidence.record_of("sqrt");
  if (!optimizer_info(base.optimizer).is_adaptive() || !linear || !root) return;
  for (ScaledRecipe& each : comparison.rules) {
    if (each.rule.name != "linear") continue;
    each.warnings.push_back(fmt::format(
        "elsewhere, where κ was about {:.3g}, it lost more than {:g} in {:.0f} of 100 ({} of {}), "
        "and sqrt in {:.0f}",
        evidence.query.kappa, evidence.query.tolerance, 100.0 * linear->share_lost,
        counted(static_cast<std::int64_t>(linear->settings), "setting"),
        counted(static_cast<std::int64_t>(linear->sources), "source"), 100.0 * root->share_lost));
  }
}

}  // namespace etalon
