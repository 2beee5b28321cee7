#include "runs/next_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>

#include "etalon/bounds.hpp"

namespace etalon {
namespace {

// How far a first second batch size should be, to say something about the exponent.
constexpr double kNextFactor = 4.0;
// Learning rates closer than this are taken as one.
constexpr double kLeastRatio = 1.1;
// Factors of the best learning rate, two octaves apart beyond the nearest.
constexpr double kUpwards[] = {2, 4, 16, 64};
constexpr double kDownwards[] = {0.5, 0.25, 1.0 / 16, 1.0 / 64};
// Factors of the lowest learning rate that diverged.
constexpr double kBelowDivergence[] = {0.25, 0.125, 1.0 / 16, 1.0 / 64, 1.0 / 256, 1.0 / 1024};
// Factors of a learning rate that finished, for those that will finish too, nearest first.
constexpr double kSafe[] = {0.5, 0.25, 0.7, 0.35, 0.125, 0.0625};

double rounded(double lr) {
  const std::string text = fmt::format("{:.3g}", lr);
  double value = lr;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_near(const std::set<double>& lrs, double lr) {
  return std::any_of(lrs.begin(), lrs.end(), [lr](double other) {
    return std::max(lr, other) < kLeastRatio * std::min(lr, other);
  });
}

// Collects the learning rates to run at one batch size.
class Plan {
 public:
  explicit Plan(const Tried& tried) : tried_(tried) {
    const auto above = tried.best ? tried.diverged.upper_bound(*tried.best)  //
                                  : tried.diverged.begin();
    if (above != tried.diverged.end()) ceiling_ = *above;
  }

  bool add(double lr) {
    lr = rounded(lr);
    const bool may_run = is_valid_lr(lr) && lr * kLeastRatio < ceiling_ &&
                         !is_near(tried_.finished, lr) && !is_near(tried_.diverged, lr) &&
                         !is_near(lrs_, lr);
    if (may_run) lrs_.insert(lr);
    return may_run;
  }

  void add_all(std::span<const double> factors, double lr) {
    for (const double factor : factors) add(factor * lr);
  }

  // Until enough learning rates finish that are no higher than `lr`, which finishes itself.
  void add_safe(double lr) {
    std::size_t safe = tried_.finished.size();
    safe += std::count_if(lrs_.begin(), lrs_.end(), [lr](double other) { return other <= lr; });
    for (double low = lr; safe < kLeastLrs && low > kLeastLr; low /= 16) {
      for (const double factor : kSafe) {
        if (safe < kLeastLrs && add(factor * low)) ++safe;
      }
    }
  }

  NextRuns at(double batch_size) const { return {batch_size, {lrs_.begin(), lrs_.end()}}; }
  std::size_t size() const { return lrs_.size(); }

 private:
  const Tried& tried_;
  double ceiling_ = INFINITY;
  std::set<double> lrs_;
};

// Beyond the best, on the sides where nothing bounds it; not as far where that is either.
void add_beyond_best(const Tried& tried, Plan& plan) {
  const bool is_alone = !tried.is_bounded_below() && !tried.is_bounded_above();
  const std::size_t count = std::size(kUpwards) - (is_alone ? 1 : 0);
  if (!tried.is_bounded_below()) plan.add_all(std::span(kDownwards).first(count), *tried.best);
  if (!tried.is_bounded_above()) plan.add_all(std::span(kUpwards).first(count), *tried.best);
}

// From a batch size's own runs: around the best, or below what diverged.
NextRuns plan_alone(double batch_size, const Tried& tried) {
  Plan plan(tried);
  if (tried.best) {
    add_beyond_best(tried, plan);
    plan.add_safe(*tried.finished.rbegin());
  } else {
    plan.add_all(kBelowDivergence, *tried.diverged.begin());
  }
  return plan.at(batch_size);
}

// Where a batch size has no run with a loss: around what is tried at another one.
NextRuns plan_beside(double batch_size, const Tried& tried, const Tried& other,
                     const NextRuns& next_at_other) {
  Plan plan(tried);
  for (const double lr : next_at_other.lrs) plan.add(lr);
  if (other.best) {
    plan.add(*other.best);
    plan.add_safe(*other.best);
  }
  return plan.at(batch_size);
}

// The `kLeastLrs` learning rates that the runs themselves would try next at a batch size.
NextRuns plan_by_advice(const RunGroup& group, double batch_size, const Tried& tried,
                        const AdviceOptions& options) {
  const Advisor advisor(group.observations, options);
  Plan plan(tried);
  std::vector<double> asked;
  for (std::size_t i = 0; i < 4 * kLeastLrs && plan.size() < kLeastLrs; ++i) {
    asked.push_back(advisor.next_lr(batch_size, asked));
    plan.add(asked.back());
  }
  return plan.at(batch_size);
}

using Place = TriedByBatchSize::const_iterator;

// The batch size with the most learning rates that finished, the first of equals.
Place most_tried(const TriedByBatchSize& tried, std::optional<double> except = std::nullopt) {
  Place most = tried.end();
  for (Place place = tried.begin(); place != tried.end(); ++place) {
    if (place->first == except) continue;
    const bool is_more =
        most == tried.end() || place->second.finished.size() > most->second.finished.size();
    if (is_more) most = place;
  }
  return most;
}

}  // namespace

bool Tried::is_bounded_below() const { return best && *best > *finished.begin(); }

bool Tried::is_bounded_above() const {
  return best && (*best < *finished.rbegin() || diverged.upper_bound(*best) != diverged.end());
}

TriedByBatchSize find_tried(const RunGroup& group) {
  TriedByBatchSize result;
  for (const Observation& run : group.observations) {
    Tried& tried = result[run.batch_size];
    (run.diverged() ? tried.diverged : tried.finished).insert(run.lr);
  }
  for (auto& [batch_size, tried] : result) {
    for (const double lr : tried.diverged) tried.finished.erase(lr);
  }
  return result;
}

std::vector<NextRuns> fill_up(const RunGroup& group, const TriedByBatchSize& tried,
                              const AdviceOptions& options) {
  const auto& [first, at_first] = *most_tried(tried);
  const Place place = most_tried(tried, first);
  const double second = place == tried.end() ? kNextFactor * first : place->first;
  const Tried at_second = place == tried.end() ? Tried{} : place->second;
  const auto is_inside = [](const auto& entry) {
    return entry.second.is_bounded_below() && entry.second.is_bounded_above();
  };
  const bool is_settled =
      at_first.is_enough() && std::any_of(tried.begin(), tried.end(), is_inside);
  if (is_settled) {
    const NextRuns next = plan_by_advice(group, second, at_second, options);
    if (next.lrs.size() == kLeastLrs) return {next};
  }
  const NextRuns at_first_next = plan_alone(first, at_first);
  NextRuns at_second_next = at_second.best || (!at_first.best && !at_second.diverged.empty())
                                ? plan_alone(second, at_second)
                                : plan_beside(second, at_second, at_first, at_first_next);
  if (is_settled) return {at_second_next};
  return {at_first_next, at_second_next};
}

std::vector<NextRuns> widen(const TriedByBatchSize& tried) {
  std::vector<NextRuns> all;
  for (const auto& [batch_size, here] : tried) {
    if (here.is_enough()) all.push_back(plan_alone(batch_size, here));
  }
  if (all.size() > kLeastBatchSizes) return {all.front(), all.back()};
  return all;
}

std::string to_text(const std::vector<NextRuns>& runs) {
  std::vector<std::string> texts;
  for (const auto& [batch_size, lrs] : runs) {
    if (lrs.empty()) continue;
    std::vector<std::string> numbers;
    numbers.reserve(lrs.size());
    for (const double lr : lrs) numbers.push_back(fmt::format("{:.3g}", lr));
    texts.push_back(fmt::format("run batch size {} at learning rates {}", batch_size,
                                fmt::join(numbers, ", ")));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace etalon
