#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/bounds.hpp"
#include "etalon/law.hpp"
#include "law/law_posterior.hpp"

namespace etalon {
namespace {

// One law is preferred to another when it predicts this many times better.
constexpr double kTellsApart = 3.0;

void normalize(std::vector<LawFit>& laws) {
  std::stable_sort(laws.begin(), laws.end(),
                   [](const LawFit& a, const LawFit& b) { return a.weight > b.weight; });
  const double greatest = laws.front().weight;
  double total = 0.0;
  for (LawFit& law : laws) total += law.weight = std::exp(law.weight - greatest);
  for (LawFit& law : laws) law.weight /= total;
}

std::string explain(const std::vector<LawFit>& laws) {
  std::string rivals;
  for (const LawFit& law : laws) {
    if (law.weight * kTellsApart < laws.front().weight) break;
    rivals += fmt::format("{}{} ({:.2f})", rivals.empty() ? "" : ", ", law.law, law.weight);
  }
  if (laws[1].weight * kTellsApart < laws.front().weight) {
    return fmt::format("of the laws, {} predicts held-out optima best", rivals);
  }
  return fmt::format("the runs do not tell these laws apart: {}", rivals);
}

}  // namespace

void LawOptions::validate() const { check_level(level); }

std::vector<LawPosterior> fit_laws(std::span<const Optimum> optima, const LawOptions& options) {
  options.validate();
  const std::vector<OptimumPoint> points = to_points(optima, options.level);
  const auto interior = std::count_if(points.begin(), points.end(), [](const OptimumPoint& point) {
    return point.censored == Censoring::none;
  });
  std::vector<LawPosterior> laws;
  if (interior < 2) return laws;
  for (const LawForm& form : law_forms(options.update)) laws.emplace_back(form, points, options);
  return laws;
}

LawComparison compare_laws(std::span<const LawPosterior> laws, double level) {
  if (laws.empty()) {
    return {{}, "fewer than two batch sizes have an optimum inside the learning rates tried"};
  }
  LawComparison comparison;
  for (const LawPosterior& law : laws) {
    comparison.laws.push_back({std::string(law.form().name), std::string(law.form().formula),
                               law.log_held_out(), law.coefficients(level)});
  }
  normalize(comparison.laws);
  comparison.explanation = explain(comparison.laws);
  return comparison;
}

LawComparison compare_laws(std::span<const Optimum> optima, const LawOptions& options) {
  return compare_laws(fit_laws(optima, options), options.level);
}

}  // namespace etalon
