#include "report/study/limits_json.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "study/limits_text.hpp"

namespace etalon {
namespace {

using LimitJson = nlohmann::ordered_json;

LimitJson number_json(const std::optional<double>& value) {
  return value ? LimitJson(*value) : LimitJson(nullptr);
}

LimitJson range_json(const std::optional<LimitRange>& range) {
  if (!range) return nullptr;
  return {{"low", range->low}, {"median", range->median}, {"high", range->high}};
}

LimitJson points_json(const MeasuredLimits& limits) {
  LimitJson all = LimitJson::array();
  for (const LimitPoint& point : limits.points) {
    all.push_back({{"batch_size", point.batch_size},
                   {"lr", point.lr},
                   {"step", point.step},
                   {"sharpness", point.sharpness},
                   {"stable_lr", limits.stable_product / point.sharpness},
                   {"noise_scale", number_json(point.noise_scale)},
                   {"greatest_lr", number_json(point.greatest_lr)}});
  }
  return all;
}

// "cannot tell" is null.
LimitJson limit_json(HeldBy limit) {
  return limit == HeldBy::cannot_tell ? LimitJson(nullptr)
                                      : LimitJson(std::string(to_string(limit)));
}

LimitJson batch_sizes_json(const StudyResult& result) {
  LimitJson all = LimitJson::array();
  for (const Optimum& at : result.optima) {
    const HeldBy held = what_holds(*result.limits, at.batch_size, at.lr, at.lr_high);
    all.push_back({{"batch_size", static_cast<std::int64_t>(at.batch_size)},
                   {"stable_lr", range_json(stable_lr(*result.limits, at.batch_size))},
                   {"noise_lr", range_json(noise_lr(*result.limits, at.batch_size))},
                   {"held_by", limit_json(held)}});
  }
  return all;
}

LimitJson breaks_json(const StudyResult& result) {
  LimitJson all = LimitJson::array();
  for (const RuleBreak& each : rule_breaks(result)) {
    all.push_back({{"rule", each.outcome->rule},
                   {"batch_size", each.outcome->batch_size},
                   {"lr", each.outcome->regret.lr},
                   {"limit", limit_json(each.limit)}});
  }
  return all;
}

}  // namespace

LimitJson limits_json(const StudyResult& result) {
  if (!result.limits) return nullptr;
  return {{"explanation", limits_text(result)},
          {"stable_formula", result.limits->stable_formula},
          {"share_of_sgd", result.limits->share_of_sgd},
          {"batch_sizes", batch_sizes_json(result)},
          {"breaks", breaks_json(result)},
          {"points", points_json(*result.limits)}};
}

}  // namespace etalon
