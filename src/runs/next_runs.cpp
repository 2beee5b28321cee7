#include "runs/next_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <span>

#include "etalon/bounds.hpp"
#include "plan/exploration.hpp"
#include "plan/gaps.hpp"
#include "plan/run_point.hpp"

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

bool is_near(double lr, double other) {
  return std::max(lr, other) < kLeastRatio * std::min(lr, other);
}

std::size_t finished(const KnownRuns& runs) {
  return static_cast<std::size_t>(
      std::count_if(runs.losses().begin(), runs.losses().end(),
                    [](const auto& entry) { return std::isfinite(entry.second); }));
}

// Collects the learning rates to run at one batch size.
class Plan {
 public:
  explicit Plan(const KnownRuns& tried) : tried_(tried) {}

  bool add(double lr) {
    lr = rounded_lr(lr);
    const bool may_run = is_valid_lr(lr) && lr * kLeastRatio < tried_.ceiling() && !is_near_any(lr);
    if (may_run) lrs_.insert(lr);
    return may_run;
  }

  void add_all(std::span<const double> factors, double lr) {
    for (const double factor : factors) add(factor * lr);
  }

  // Until enough learning rates finish that are no higher than `lr`, which finishes itself.
  void add_safe(double lr) {
    std::size_t safe = finished(tried_);
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
  bool is_near_any(double lr) const {
    const auto& run = tried_.counts();
    return std::any_of(run.begin(), run.end(),
                       [&](const auto& entry) { return is_near(lr, entry.first); }) ||
           std::any_of(lrs_.begin(), lrs_.end(), [&](double other) { return is_near(lr, other); });
  }

  const KnownRuns& tried_;
  std::set<double> lrs_;
};

// Beyond the best, on the sides where nothing bounds it; not as far where that is either. Steps of
// a search, all at once, since nobody waits to see where they lead.
void add_beyond_best(const KnownRuns& tried, Plan& plan) {
  const OpenSides open = open_sides(tried);
  const std::size_t count = std::size(kUpwards) - (open.below && open.above ? 1 : 0);
  if (open.below) plan.add_all(std::span(kDownwards).first(count), *tried.best());
  if (open.above) plan.add_all(std::span(kUpwards).first(count), *tried.best());
}

// From a batch size's own runs: around the best, between it and a divergence next to it, or below
// all that diverged.
NextRuns plan_alone(double batch_size, const KnownRuns& tried) {
  Plan plan(tried);
  if (tried.best()) {
    add_beyond_best(tried, plan);
    if (const auto lr = below_divergence(tried, kNarrowestGap)) plan.add(*lr);
    plan.add_safe(tried.highest());
  } else {
    plan.add_all(kBelowDivergence, tried.ceiling());
  }
  return plan.at(batch_size);
}

// Where a batch size has no run with a loss: around what is tried at another one.
NextRuns plan_beside(double batch_size, const KnownRuns& tried, const KnownRuns& other,
                     const NextRuns& next_at_other) {
  Plan plan(tried);
  for (const double lr : next_at_other.lrs) plan.add(lr);
  if (other.best()) {
    plan.add(*other.best());
    plan.add_safe(*other.best());
  }
  return plan.at(batch_size);
}

// The `kLeastLrs` learning rates that would be tried next at a batch size, one after the other,
// while none of them has a loss yet.
NextRuns plan_by_advice(const RunGroup& group, double batch_size, const KnownRuns& tried,
                        const AdviceOptions& options) {
  const Advisor advisor(group.observations, options);
  Plan plan(tried);
  std::vector<Observation> here;
  std::copy_if(group.observations.begin(), group.observations.end(), std::back_inserter(here),
               [&](const Observation& run) { return run.batch_size == batch_size; });
  std::vector<double> asked;
  std::vector<RunPoint> under_way;
  for (std::size_t i = 0; i < 4 * kLeastLrs && plan.size() < kLeastLrs; ++i) {
    const auto next = explore(advisor, batch_size, KnownRuns(here, under_way), asked);
    asked.push_back(next ? next->lr : advisor.next_lr(batch_size, asked));
    under_way.push_back({asked.back(), 1});
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
    if (most == tried.end() || finished(place->second) > finished(most->second)) most = place;
  }
  return most;
}

}  // namespace

TriedByBatchSize find_tried(const RunGroup& group) {
  std::map<double, std::vector<Observation>> runs;
  for (const Observation& run : group.observations) runs[run.batch_size].push_back(run);
  TriedByBatchSize tried;
  for (const auto& [batch_size, here] : runs) tried.emplace(batch_size, KnownRuns(here));
  return tried;
}

bool is_enough(const KnownRuns& runs) { return finished(runs) >= kLeastLrs; }

std::vector<NextRuns> fill_up(const RunGroup& group, const TriedByBatchSize& tried,
                              const AdviceOptions& options) {
  const auto& [first, at_first] = *most_tried(tried);
  const Place place = most_tried(tried, first);
  const double second = place == tried.end() ? kNextFactor * first : place->first;
  const KnownRuns at_second = place == tried.end() ? KnownRuns({}) : place->second;
  const auto is_inside = [](const auto& entry) {
    const OpenSides open = open_sides(entry.second);
    return entry.second.best() && !open.below && !open.above;
  };
  const bool is_settled = is_enough(at_first) && std::any_of(tried.begin(), tried.end(), is_inside);
  if (is_settled) {
    const NextRuns next = plan_by_advice(group, second, at_second, options);
    if (next.lrs.size() == kLeastLrs) return {next};
  }
  const NextRuns at_first_next = plan_alone(first, at_first);
  NextRuns at_second_next = at_second.best() || (!at_first.best() && !at_second.losses().empty())
                                ? plan_alone(second, at_second)
                                : plan_beside(second, at_second, at_first, at_first_next);
  if (is_settled) return {at_second_next};
  return {at_first_next, at_second_next};
}

std::vector<NextRuns> widen(const TriedByBatchSize& tried) {
  std::vector<NextRuns> all;
  for (const auto& [batch_size, here] : tried) {
    if (is_enough(here)) all.push_back(plan_alone(batch_size, here));
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
