#include "advice/extrapolate.hpp"

#include <cmath>

#include "etalon/forecaster.hpp"

namespace etalon::bench {
namespace {

constexpr double kFactor = 4.0;
constexpr std::size_t kLeastLrs = 5;
constexpr std::size_t kLeastBatchSizes = 2;

struct Rule {
  const char* name;
  double power;
};
constexpr Rule kRules[] = {{"linear", 1.0}, {"sqrt", 0.5}, {"unchanged", 0.0}};

}  // namespace

std::vector<ExtrapolationScore> extrapolate(std::span<const Setting> settings, UpdateKind update) {
  std::vector<ExtrapolationScore> scores;
  for (const Rule& rule : kRules) scores.push_back({rule.name, {}, -1});
  scores.push_back({"etalon, surface alone", {}, 0});
  scores.push_back({"etalon", {}, 0});
  for (const Setting& setting : settings) {
    for (const auto& [target, target_runs] : setting.runs) {
      std::vector<Observation> known;
      std::vector<double> sizes;
      for (const auto& [size, runs] : setting.runs) {
        if (size > target / kFactor || LossCurve(runs).losses().size() < kLeastLrs) continue;
        sizes.push_back(size);
        known.insert(known.end(), runs.begin(), runs.end());
      }
      const LossCurve truth(target_runs);
      if (sizes.size() < kLeastBatchSizes || truth.losses().size() < kLeastLrs) continue;
      const double base = parabola_optimum(LossCurve(setting.runs.at(sizes.back())));
      for (std::size_t i = 0; i < std::size(kRules); ++i) {
        const double lr = base * std::pow(target / sizes.back(), kRules[i].power);
        scores[i].regrets.push_back(truth.regret(lr));
      }
      const auto add = [&](const Forecast& forecast, ExtrapolationScore& score) {
        score.regrets.push_back(truth.regret(forecast.lr));
        score.held += forecast.lr_low <= truth.best_lr() && truth.best_lr() <= forecast.lr_high;
      };
      const AdviceOptions options = {.update = update};
      add(Advisor(known, options).forecast(target), scores[scores.size() - 2]);
      add(Forecaster(known, options).forecast(target), scores.back());
    }
  }
  return scores;
}

}  // namespace etalon::bench
