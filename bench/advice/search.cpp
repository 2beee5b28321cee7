#include "advice/search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>

#include "advice/cases.hpp"
#include "advice/loss_curve.hpp"
#include "etalon/advice.hpp"
#include "runs/run_on_all_processors.hpp"

namespace etalon::bench {
namespace {

constexpr double kLeastFactor = 4.0;
constexpr double kMostFactor = 16.0;
// What a diverged run counts as: about the loss of a language model that has learned nothing.
constexpr double kDivergedLoss = 10.0;

struct SearchCase {
  UpdateKind update;
  double base_batch_size;
  std::vector<Observation> base;
  double batch_size;
  const std::vector<Observation>& target;
};

using Revealed = std::map<double, std::optional<double>>;  // lr -> loss, empty if it diverged

// The root rule, then steps of half an octave from the best until it is bracketed, then the vertex
// of a parabola through the three nearest, or the widest gap beside the best.
double pattern_search(const SearchCase& task, const Revealed& revealed) {
  if (revealed.empty()) {
    return parabola_optimum(LossCurve(task.base)) *
           std::sqrt(task.batch_size / task.base_batch_size);
  }
  const auto loss = [](const auto& run) { return run.second.value_or(kDivergedLoss); };
  const auto best =
      std::min_element(revealed.begin(), revealed.end(),
                       [&](const auto& a, const auto& b) { return loss(a) < loss(b); });
  if (best == revealed.begin()) return best->first / std::numbers::sqrt2;
  if (std::next(best) == revealed.end()) return best->first * std::numbers::sqrt2;
  const auto below = std::prev(best);
  const auto above = std::next(best);
  const double a = std::log(below->first / best->first);
  const double b = std::log(above->first / best->first);
  const double rise_a = loss(*below) - loss(*best);
  const double rise_b = loss(*above) - loss(*best);
  const double vertex = 0.5 * (a * a * rise_b - b * b * rise_a) / (a * rise_b - b * rise_a);
  if (std::abs(vertex) > 0.25 * std::numbers::ln2) return best->first * std::exp(vertex);
  return best->first * (b > -a ? std::numbers::sqrt2 : 1.0 / std::numbers::sqrt2);
}

double advised(const SearchCase& task, const Revealed& revealed, std::span<const double> proposed) {
  std::vector<Observation> known = task.base;
  for (const auto& [lr, loss] : revealed) known.push_back({task.batch_size, lr, 0, loss});
  return Advisor(known, {.update = task.update}).next_lr(task.batch_size, proposed);
}

using Regrets = std::array<double, kTrials>;

template <class Propose>
Regrets run(const SearchCase& task, Propose propose) {
  const LossCurve truth(task.target);
  Revealed revealed;
  std::vector<double> proposed;
  double best = kDivergedLoss;
  Regrets regrets{};
  for (double& regret : regrets) {
    proposed.push_back(propose(task, revealed, proposed));
    const double lr = truth.nearest_lr(proposed.back());
    revealed[lr] = truth.loss_at(lr);
    best = std::min(best, revealed[lr].value_or(kDivergedLoss));
    regret = best - truth.least();
  }
  return regrets;
}

std::vector<SearchCase> search_cases(std::span<const Setting> settings, int stride, int thin) {
  std::vector<SearchCase> cases;
  int count = 0;
  for (const Setting& setting : settings) {
    for (const auto& [base, base_runs] : setting.runs) {
      for (const auto& [size, runs] : setting.runs) {
        if (size < kLeastFactor * base || size > kMostFactor * base) continue;
        const std::vector<Observation> known = thinned(base_runs, thin);
        if (LossCurve(runs).losses().empty() || LossCurve(known).losses().empty()) continue;
        if (count++ % stride == 0) cases.push_back({setting.update, base, known, size, runs});
      }
    }
  }
  return cases;
}

template <class Propose>
SearchScore score(std::string method, std::span<const SearchCase> cases, Propose propose) {
  std::vector<Regrets> all(cases.size());
  run_on_all_processors(cases.size(), [&](std::size_t i) { all[i] = run(cases[i], propose); });
  SearchScore sum{std::move(method), {}, static_cast<int>(cases.size())};
  for (const Regrets& regrets : all) {
    for (std::size_t i = 0; i < kTrials; ++i) {
      sum.regrets[i] += regrets[i] / static_cast<double>(cases.size());
    }
  }
  return sum;
}

}  // namespace

std::vector<SearchScore> search(std::span<const Setting> settings, int stride, int thin) {
  const std::vector<SearchCase> cases = search_cases(settings, stride, thin);
  return {score("sqrt, then pattern", cases,
                [](const SearchCase& task, const Revealed& revealed, std::span<const double>) {
                  return pattern_search(task, revealed);
                }),
          score("etalon", cases, advised)};
}

}  // namespace etalon::bench
