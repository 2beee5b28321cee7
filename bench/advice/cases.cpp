#include "advice/cases.hpp"

#include <functional>
#include <iterator>

namespace etalon::bench {
namespace {

constexpr double kFactor = 4.0;
constexpr std::size_t kLeastLrs = 5;
constexpr std::size_t kLeastThinnedLrs = 3;
constexpr std::size_t kLeastBatchSizes = 2;

bool is_curve(const std::vector<Observation>& runs) {
  return LossCurve(runs).losses().size() >= kLeastLrs;
}

Runs known_runs(const Runs& all, int thin, const std::function<bool(double)>& is_known) {
  Runs known;
  for (const auto& [size, runs] : all) {
    if (!is_known(size) || !is_curve(runs)) continue;
    std::vector<Observation> seen = thinned(runs, thin);
    if (LossCurve(seen).losses().size() >= kLeastThinnedLrs) known[size] = std::move(seen);
  }
  return known;
}

}  // namespace

std::vector<Observation> thinned(const std::vector<Observation>& runs, int thin) {
  if (thin <= 1) return runs;
  std::map<double, Observation> first;  // by learning rate; runs are in the order of their seeds
  for (const Observation& run : runs) first.try_emplace(run.lr, run);
  std::vector<Observation> kept;
  int place = thin / 2;
  for (const auto& [lr, run] : first) {
    if (++place % thin == 0) kept.push_back(run);
  }
  return kept;
}

std::vector<Case> extrapolation_cases(std::span<const Setting> settings, int thin) {
  std::vector<Case> cases;
  for (const Setting& setting : settings) {
    for (const auto& [target, runs] : setting.runs) {
      if (!is_curve(runs)) continue;
      const double most = target / kFactor;
      Runs known = known_runs(setting.runs, thin, [&](double size) { return size <= most; });
      if (known.size() < kLeastBatchSizes) continue;
      cases.push_back({&setting, std::move(known), target, LossCurve(runs)});
    }
  }
  return cases;
}

std::vector<Case> single_cases(std::span<const Setting> settings, int thin) {
  std::vector<Case> cases;
  for (const Setting& setting : settings) {
    for (const auto& [target, runs] : setting.runs) {
      if (!is_curve(runs)) continue;
      for (const auto& [base, ignored] : setting.runs) {
        if (target < kFactor * base) continue;
        const double only = base;
        Runs known = known_runs(setting.runs, thin, [&](double size) { return size == only; });
        if (!known.empty()) cases.push_back({&setting, std::move(known), target, LossCurve(runs)});
      }
    }
  }
  return cases;
}

std::vector<Case> interpolation_cases(std::span<const Setting> settings, int thin) {
  std::vector<Case> cases;
  for (const Setting& setting : settings) {
    for (const auto& [target, runs] : setting.runs) {
      if (!is_curve(runs)) continue;
      const double left_out = target;
      Runs known = known_runs(setting.runs, thin, [&](double size) { return size != left_out; });
      if (known.size() < kLeastBatchSizes) continue;
      if (target < known.begin()->first || target > known.rbegin()->first) continue;
      cases.push_back({&setting, std::move(known), target, LossCurve(runs)});
    }
  }
  return cases;
}

}  // namespace etalon::bench
