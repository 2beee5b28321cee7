// A random-effects mean of exponents: settings within sources, and sources from one another.
#include <cmath>
#include <map>
#include <vector>

#include "atlas/kinds.hpp"
#include "etalon/atlas.hpp"

namespace etalon {
namespace {

// Of batch sizes: an optimum is known to about a third of an octave, so that the exponent of a pair
// two octaves apart is known to a quarter or better.
constexpr double kLeastRatio = 3.6;
// Without any source: evenly from 0, a learning rate that never moves, to 1, the linear rule. Half
// of that variance is of where sources lie, half of how far they lie apart.
constexpr double kPriorMean = 0.5;
constexpr double kPriorVariance = 1.0 / 12.0;
// That what is believed of the latter counts as much as so many sources.
constexpr double kPriorSources = 2.0;

struct MeanAndSquares {
  double mean = 0.0;
  double squares = 0.0;  // of what departs from it
};

MeanAndSquares summary_of(const std::vector<double>& values) {
  MeanAndSquares result;
  for (const double value : values) result.mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    result.squares += (value - result.mean) * (value - result.mean);
  }
  return result;
}

// The mean exponent of each setting, by source.
using Exponents = std::map<std::string, std::vector<double>>;

template <class Matches>
Exponents exponents_of(std::span<const AtlasPair> pairs, const Matches& matches) {
  std::map<SettingKey, std::vector<double>> by_setting;
  for (const AtlasPair& pair : pairs) {
    const auto exponent = pair.exponent();
    // Either way of a pair says the same.
    if (exponent && pair.kappa() >= kLeastRatio && matches(pair)) {
      by_setting[key_of(pair)].push_back(*exponent);
    }
  }
  Exponents result;
  for (const auto& [key, values] : by_setting) {
    result[key.source].push_back(summary_of(values).mean);
  }
  return result;
}

ExponentBelief belief_of(const Exponents& exponents) {
  ExponentBelief belief;
  belief.sources = exponents.size();
  std::vector<double> means = {kPriorMean};
  double squares = 0.0;
  for (const auto& [source, values] : exponents) {
    const MeanAndSquares own = summary_of(values);
    means.push_back(own.mean);
    squares += own.squares;
    belief.settings += values.size();
  }
  const auto sources = static_cast<double>(belief.sources);
  const MeanAndSquares between = summary_of(means);
  const double of_sources =
      (kPriorSources * 0.5 * kPriorVariance + between.squares) / (kPriorSources + sources);
  const double degrees = static_cast<double>(belief.settings) - sources;
  const double of_settings = degrees > 0.0 ? squares / degrees : 0.0;
  belief.mean = between.mean;
  belief.deviation = std::sqrt(of_sources * (1.0 + 1.0 / (1.0 + sources)) + of_settings);
  return belief;
}

}  // namespace

ExponentBelief believed_exponent(std::span<const AtlasPair> pairs, OptimizerFamily optimizer,
                                 HeldBudget budget, std::string_view leave_out) {
  return belief_of(exponents_of(pairs, [&](const AtlasPair& pair) {
    return pair.budget == budget && pair.source != leave_out &&
           shares_exponents(pair.optimizer, optimizer);
  }));
}

}  // namespace etalon
