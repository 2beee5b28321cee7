#include "etalon/pruning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/plain_number.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Of the way that a trial has come: what its last points say together, since one alone is noise.
constexpr double kWindow = 0.2;
// Finished learning rates, and others compared, without which nothing is pruned.
constexpr std::size_t kLeastRates = 3;
constexpr std::size_t kLeastOthers = 3;
// One in so many goes on from a rung to the next, so many times as far.
constexpr double kReduction = 3.0;

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

// The mean loss of each learning rate that has ended, infinite where one diverged.
std::map<double, double> ended_losses(std::span<const TrialCurve> curves) {
  std::map<double, std::pair<double, int>> sums;
  for (const TrialCurve& curve : curves) {
    if (!is_result(curve.state())) continue;
    auto& [sum, runs] = sums[curve.lr()];
    sum += curve.loss().value_or(std::numeric_limits<double>::infinity());
    ++runs;
  }
  std::map<double, double> means;
  for (const auto& [lr, sum] : sums) means[lr] = sum.first / sum.second;
  return means;
}

class Judgement {
 public:
  Judgement(std::span<const TrialCurve> curves, std::size_t trial, double at)
      : curves_(curves),
        trial_(trial),
        to_(at),
        from_(std::max((1.0 - kWindow) * at, curves[trial].first())),
        ended_(ended_losses(curves)) {}

  std::optional<double> own() const { return level_of(trial_); }

  // Of those that span the same examples, in no order.
  std::vector<double> others() const {
    std::vector<double> levels;
    for (std::size_t i = 0; i < curves_.size(); ++i) {
      if (i == trial_ || curves_[i].state() == TrialState::failed) continue;
      if (const auto level = level_of(i)) levels.push_back(*level);
    }
    return levels;
  }

  // Whether stopping the trial takes nothing from what is known of the optimum.
  bool may_stop() const {
    const auto best = best_ended();
    const auto standing = best ? standing_of(best->first) : std::nullopt;
    if (!standing || !(*own() > *standing)) return false;
    if (!is_shielded_from(best->first, best->second)) return false;
    for (std::size_t i = 0; i < curves_.size(); ++i) {
      if (i == trial_ || curves_[i].state() != TrialState::pending) continue;
      if (leads(curves_[i], best->first) && !is_shielded_from(curves_[i].lr(), best->second)) {
        return false;
      }
    }
    return true;
  }

 private:
  std::optional<double> level_of(std::size_t i) const { return curves_[i].level(from_, to_); }

  std::optional<std::pair<double, double>> best_ended() const {
    const auto finite = std::count_if(ended_.begin(), ended_.end(),
                                      [](const auto& each) { return std::isfinite(each.second); });
    if (finite < std::ptrdiff_t{kLeastRates}) return std::nullopt;
    return *std::min_element(ended_.begin(), ended_.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
  }

  std::optional<double> standing_of(double lr) const { return standing_of(lr, from_, to_); }

  // The mean level of the finished trials of a learning rate.
  std::optional<double> standing_of(double lr, double from, double to) const {
    double sum = 0.0;
    int runs = 0;
    for (const TrialCurve& curve : curves_) {
      if (curve.lr() != lr || curve.state() != TrialState::finished) continue;
      const auto level = curve.level(from, to);
      if (!level) continue;
      sum += *level;
      ++runs;
    }
    return runs > 0 ? std::optional(sum / runs) : std::nullopt;
  }

  // Whether a trial under way, as far as it has come, is better than the best was there.
  bool leads(const TrialCurve& running, double best_lr) const {
    const double to = running.last();
    const double from = std::max((1.0 - kWindow) * to, running.first());
    const auto level = running.level(from, to);
    const auto standing = standing_of(best_lr, from, to);
    return level && standing && *level < *standing;
  }

  // Whether something that ended worse than the best lies between `lr` and the trial.
  bool is_shielded_from(double lr, double best_loss) const {
    const double low = std::min(lr, curves_[trial_].lr());
    const double high = std::max(lr, curves_[trial_].lr());
    return std::any_of(ended_.begin(), ended_.end(), [&](const auto& each) {
      return each.first > low && each.first < high && each.second > best_loss;
    });
  }

  const std::span<const TrialCurve> curves_;
  const std::size_t trial_;
  const double to_, from_;
  const std::map<double, double> ended_;
};

std::optional<Pruning> by_median(const Judgement& judgement, double share) {
  const std::vector<double> others = judgement.others();
  if (others.size() < kLeastOthers) return std::nullopt;
  const double median = middle_of(others), own = *judgement.own();
  if (!(own > median) || !judgement.may_stop()) return std::nullopt;
  return Pruning{.rule = PruningRule::median,
                 .share = share,
                 .loss = own,
                 .median = median,
                 .others = others.size()};
}

std::optional<Pruning> by_rank(const Judgement& judgement, double share) {
  const std::vector<double> others = judgement.others();
  if (others.size() < kLeastOthers) return std::nullopt;
  const double own = *judgement.own();
  const auto better = static_cast<std::size_t>(
      std::count_if(others.begin(), others.end(), [&](double other) { return other < own; }));
  const auto go_on =
      static_cast<std::size_t>(std::ceil(static_cast<double>(others.size() + 1) / kReduction));
  if (better < go_on || !judgement.may_stop()) return std::nullopt;
  return Pruning{.rule = PruningRule::halving,
                 .share = share,
                 .loss = own,
                 .others = others.size(),
                 .better = better,
                 .go_on = go_on};
}

// The highest rung in (since, until], as a share of the budget.
std::optional<double> rung_between(double since, double until, double budget, double grace) {
  std::optional<double> passed;
  for (double rung = grace; rung < 1.0; rung *= kReduction) {
    if (rung * budget > since && rung * budget <= until) passed = rung;
  }
  return passed;
}

}  // namespace

std::string describe(const Pruning& pruning, bool maximizes) {
  const auto shown = [&](double loss) { return maximizes ? -loss : loss; };
  const std::string stood = fmt::format("at {:.0f}% of the budget: {}", 100.0 * pruning.share,
                                        rounded_number(shown(pruning.loss), 4));
  if (pruning.rule == PruningRule::median) {
    return fmt::format("{} against {}, the median of {}", stood,
                       rounded_number(shown(pruning.median), 4), pruning.others);
  }
  return fmt::format("{}, number {} of {}, of which {} go on", stood, pruning.better + 1,
                     pruning.others + 1, pruning.go_on);
}

void PruningOptions::validate() const {
  if (grace > 0.0 && grace < 1.0) return;
  throw InputError(fmt::format("{} is {}", field_name("grace"), grace), "",
                   "it must be above 0 and below 1");
}

std::optional<double> budget_of(std::span<const TrialCurve> curves) {
  std::vector<double> lengths;
  for (const TrialCurve& curve : curves) {
    if (curve.state() == TrialState::finished && curve.last() > 0.0)
      lengths.push_back(curve.last());
  }
  if (lengths.empty()) return std::nullopt;
  return middle_of(std::move(lengths));
}

std::optional<Pruning> find_pruning(std::span<const TrialCurve> curves, std::size_t trial,
                                    const PruningOptions& options, double since) {
  const TrialCurve& curve = curves[trial];
  const auto budget = budget_of(curves);
  if (!budget || curve.last() < options.grace * *budget || curve.last() >= *budget) {
    return std::nullopt;
  }
  if (options.rule == PruningRule::median) {
    return by_median({curves, trial, curve.last()}, curve.last() / *budget);
  }
  const auto rung = rung_between(since, curve.last(), *budget, options.grace);
  if (!rung) return std::nullopt;
  const Judgement judgement(curves, trial, *rung * *budget);
  return judgement.own() ? by_rank(judgement, *rung) : std::nullopt;
}

}  // namespace etalon
