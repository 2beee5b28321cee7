#include "study/generalization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "optimum/student_interval.hpp"
#include "study/generalization_text.hpp"

namespace etalon {
namespace {

double mean_gap(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of a seed, from all batch sizes but `left_out`.
VarianceEstimate variance_within(const std::vector<GapsAt>& all, const GapsAt* left_out = nullptr) {
  VarianceEstimate variance;
  for (const GapsAt& each : all) {
    if (&each == left_out || each.gaps.size() < 2) continue;
    variance = pooled(variance_of(each.gaps), variance, Pooling::always);
  }
  return variance;
}

GapInterval with_margin(double value, const VarianceEstimate& variance, double weight,
                        double level) {
  if (!(variance.degrees_of_freedom > 0)) return {value, {}, {}};
  const double quantile = student_quantile(variance.degrees_of_freedom, level);
  const double margin = quantile * std::sqrt(variance.variance / weight);
  return {value, value - margin, value + margin};
}

// A line through the means of the batch sizes, each with the weight of its trials.
struct GapLine {
  double middle = 0.0;       // weighted mean of log2 of the batch size
  double mean = 0.0;         // of the gaps
  double spread = 0.0;       // weighted sum of squares of log2 of the batch size about its mean
  double slope = 0.0;        // per doubling
  double lack_of_fit = 0.0;  // weighted sum of squares of the means about the line
};

double doublings(const GapsAt& at) { return std::log2(static_cast<double>(at.batch_size)); }

template <typename Value>
double weighted_sum(const std::vector<GapsAt>& all, const Value& value) {
  double sum = 0.0;
  for (const GapsAt& each : all) sum += static_cast<double>(each.gaps.size()) * value(each);
  return sum;
}

GapLine line_through(const std::vector<GapsAt>& all) {
  GapLine line;
  const double weight = weighted_sum(all, [](const GapsAt&) { return 1.0; });
  line.middle = weighted_sum(all, doublings) / weight;
  line.mean = weighted_sum(all, [](const GapsAt& at) { return mean_gap(at.gaps); }) / weight;
  const auto from_middle = [&](const GapsAt& at) { return doublings(at) - line.middle; };
  const auto from_mean = [&](const GapsAt& at) { return mean_gap(at.gaps) - line.mean; };
  line.spread = weighted_sum(all, [&](const GapsAt& at) { return std::pow(from_middle(at), 2); });
  line.slope =
      weighted_sum(all, [&](const GapsAt& at) { return from_middle(at) * from_mean(at); }) /
      line.spread;
  line.lack_of_fit = weighted_sum(all, [&](const GapsAt& at) {
    return std::pow(from_mean(at) - line.slope * from_middle(at), 2);
  });
  return line;
}

bool has_both_losses(const TrialRecord& trial, const Optimum& optimum) {
  return trial.result.state == TrialState::finished && trial.result.train_loss &&
         trial.result.objective && !trial.spec.moved.any() && trial.spec.lr == optimum.best_lr &&
         static_cast<double>(trial.spec.batch_size) == optimum.batch_size;
}

struct GapTrials {
  GeneralizationGap mean;  // without gap and interval
  GapsAt gaps;
};

GapTrials trials_at(const StudyResult& result, const Optimum& optimum) {
  GapTrials at;
  at.mean.batch_size = at.gaps.batch_size = static_cast<std::int64_t>(optimum.batch_size);
  at.mean.lr = optimum.best_lr;
  for (const TrialRecord& trial : result.trials) {
    if (!has_both_losses(trial, optimum)) continue;
    ++at.mean.trials;
    at.mean.train_loss += *trial.result.train_loss;
    at.mean.validation_loss += *trial.result.objective;
    at.gaps.gaps.push_back(*trial.result.objective - *trial.result.train_loss);
  }
  at.mean.train_loss /= static_cast<double>(at.mean.trials);
  at.mean.validation_loss /= static_cast<double>(at.mean.trials);
  return at;
}

GapTrend trend_of(const GapInterval& slope) {
  if (!slope.low || (*slope.low <= 0 && *slope.high >= 0)) return GapTrend::cannot_tell;
  return *slope.low > 0 ? GapTrend::grows : GapTrend::shrinks;
}

void add_slope(Generalization& found, const std::vector<GapsAt>& all) {
  const auto slope = gap_slope(all, found.level);
  if (!slope) return;
  found.slope = slope->value;
  found.slope_low = slope->low;
  found.slope_high = slope->high;
  found.trend = trend_of(*slope);
}

}  // namespace

std::string_view to_string(GapTrend trend) {
  constexpr std::string_view kNames[] = {"grows", "shrinks", "cannot tell"};
  return kNames[static_cast<std::size_t>(trend)];
}

std::vector<GapInterval> mean_gaps(const std::vector<GapsAt>& all, double level) {
  std::vector<GapInterval> means;
  for (const GapsAt& each : all) {
    VarianceEstimate variance = variance_within(all, &each);
    if (each.gaps.size() > 1) {
      variance = pooled(variance_of(each.gaps), variance, Pooling::sometimes);
    }
    means.push_back(
        with_margin(mean_gap(each.gaps), variance, static_cast<double>(each.gaps.size()), level));
  }
  return means;
}

std::optional<GapInterval> gap_slope(const std::vector<GapsAt>& all, double level) {
  constexpr std::size_t kOfALine = 2;
  if (all.size() < kOfALine) return std::nullopt;
  const GapLine line = line_through(all);
  VarianceEstimate variance = variance_within(all);
  if (all.size() > kOfALine) {
    const auto degrees = static_cast<double>(all.size() - kOfALine);
    variance = pooled({line.lack_of_fit / degrees, degrees}, variance, Pooling::sometimes);
  }
  return with_margin(line.slope, variance, line.spread, level);
}

std::optional<std::pair<double, double>> gap_line(const Generalization& found) {
  if (!found.slope) return std::nullopt;
  std::vector<GapsAt> all;
  for (const GeneralizationGap& each : found.gaps) {
    all.push_back({each.batch_size, std::vector(static_cast<std::size_t>(each.trials), each.gap)});
  }
  const GapLine line = line_through(all);
  const auto gap_at = [&](const GapsAt& at) {
    return line.mean + line.slope * (doublings(at) - line.middle);
  };
  return std::pair(gap_at(all.front()), gap_at(all.back()));
}

std::optional<Generalization> generalization_of(const StudyResult& result) {
  Generalization found;
  found.level = result.options.level;
  std::vector<GapsAt> all;
  for (const Optimum& optimum : result.optima) {
    const GapTrials at = trials_at(result, optimum);
    if (at.gaps.gaps.empty()) continue;
    found.gaps.push_back(at.mean);
    all.push_back(at.gaps);
  }
  if (all.empty()) return std::nullopt;
  const std::vector<GapInterval> means = mean_gaps(all, found.level);
  for (std::size_t i = 0; i < means.size(); ++i) {
    found.gaps[i].gap = means[i].value;
    found.gaps[i].low = means[i].low;
    found.gaps[i].high = means[i].high;
  }
  add_slope(found, all);
  found.explanation = explain(found);
  return found;
}

}  // namespace etalon
