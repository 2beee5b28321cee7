#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "etalon/ask_tell.hpp"
#include "etalon/error.hpp"
#include "study/bracket.hpp"
#include "study/relevance.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLeastLrs = 3;  // with a loss at one batch size, for a fit
// Of the fit; a suggestion waits for it.
constexpr std::size_t kMostPoints = 90;
// A pending run is expected to take away this share of the expected regret of its batch size.
constexpr double kShareOfPending = 0.5;
// Learning rates this far outside the interval of the optimum are not worth a run.
constexpr double kOutside = 1.4142;
constexpr double kOneOctave = 2.1;  // with room for rounding

template <typename Value>
[[noreturn]] void refuse(const char* name, const Value& value, const char* constraint) {
  throw InputError(fmt::format("{} is {}", name, value), "", constraint);
}

bool can_fit(std::span<const Observation> known) {
  std::map<double, std::set<double>> lrs;
  for (const Observation& run : known) {
    if (!run.loss) continue;
    std::set<double>& here = lrs[run.batch_size];
    here.insert(run.lr);
    if (here.size() >= kLeastLrs) return true;
  }
  return false;
}

class Proposer {
 public:
  Proposer(std::span<const Observation> known, std::span<const TrialSpec> pending,
           const ProposalOptions& options)
      : known_(known),
        pending_(pending),
        options_(options),
        taken_(pending.begin(), pending.end()) {
    for (const Observation& run : known) {
      taken_.insert({std::llround(run.batch_size), run.lr, run.seed});
    }
  }

  Proposal next(std::optional<std::int64_t> batch_size) const {
    if (!can_fit(known_)) return bracket(batch_size.value_or(busiest()));
    std::vector<std::int64_t> relevant = options_.batch_sizes;
    if (batch_size) relevant = {*batch_size};
    const Advisor advisor(most_relevant(known_, relevant, kMostPoints),
                          {.update = options_.update});
    const std::int64_t chosen = batch_size.value_or(most_regretted(advisor));
    if (auto replicate = next_replicate(chosen)) return *replicate;
    return explore(advisor, chosen);
  }

 private:
  std::int64_t count(std::int64_t batch_size) const {
    return std::count_if(taken_.begin(), taken_.end(),
                         [&](const TrialSpec& run) { return run.batch_size == batch_size; });
  }

  // Where a first fit is nearest: the batch size with most runs, the first of equals.
  std::int64_t busiest() const {
    return *std::max_element(options_.batch_sizes.begin(), options_.batch_sizes.end(),
                             [&](std::int64_t a, std::int64_t b) { return count(a) < count(b); });
  }

  Proposal bracket(std::int64_t batch_size) const {
    const bool first = taken_.empty();
    return {next_of_bracket(known_, taken_, batch_size, options_.first_lr, options_.first_seed),
            first
                ? "nothing is known yet: the first learning rate"
                : "brackets the best: fewer than three learning rates of a batch size have a loss"};
  }

  std::int64_t most_regretted(const Advisor& advisor) const {
    if (options_.batch_sizes.size() == 1) return options_.batch_sizes.front();
    double most = -std::numeric_limits<double>::infinity();
    std::int64_t chosen = 0;
    for (const std::int64_t batch_size : options_.batch_sizes) {
      const auto waiting =
          std::count_if(pending_.begin(), pending_.end(),
                        [&](const TrialSpec& run) { return run.batch_size == batch_size; });
      const double regret = advisor.forecast(static_cast<double>(batch_size)).expected_regret *
                            std::pow(kShareOfPending, static_cast<double>(waiting));
      if (regret <= most) continue;
      most = regret;
      chosen = batch_size;
    }
    return chosen;
  }

  // Mean losses by learning rate; infinite where a run diverged.
  std::map<double, double> means(std::int64_t batch_size) const {
    std::map<double, std::pair<double, int>> sums;
    for (const Observation& run : known_) {
      if (run.batch_size != static_cast<double>(batch_size)) continue;
      auto& [sum, runs] = sums[run.lr];
      sum += run.loss.value_or(std::numeric_limits<double>::infinity());
      ++runs;
    }
    std::map<double, double> result;
    for (const auto& [lr, sum] : sums) result[lr] = sum.first / sum.second;
    return result;
  }

  // Once the best lies between two others within an octave: what is missing of those three.
  std::optional<Proposal> next_replicate(std::int64_t batch_size) const {
    const auto losses = means(batch_size);
    const auto best =
        std::min_element(losses.begin(), losses.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (options_.seeds < 2 || best == losses.begin() || best == losses.end()) return std::nullopt;
    const auto below = std::prev(best), above = std::next(best);
    const bool bracketed = above != losses.end() && best->first < kOneOctave * below->first &&
                           above->first < kOneOctave * best->first;
    if (!bracketed || !std::isfinite(best->second)) return std::nullopt;
    for (const auto& [lr, loss] : {*best, *below, *above}) {
      if (!std::isfinite(loss)) continue;
      for (std::int64_t i = 0; i < options_.seeds; ++i) {
        const TrialSpec spec{batch_size, lr, options_.first_seed + static_cast<std::uint64_t>(i)};
        if (!taken_.contains(spec)) return Proposal{spec, "replicates what is near the best"};
      }
    }
    return std::nullopt;
  }

  Proposal explore(const Advisor& advisor, std::int64_t batch_size) const {
    std::vector<double> pending;
    for (const TrialSpec& run : pending_) {
      if (run.batch_size == batch_size) pending.push_back(run.lr);
    }
    const auto size = static_cast<double>(batch_size);
    const double lr = rounded_lr(advisor.next_lr(size, pending));
    const Forecast forecast = advisor.forecast(size);
    const TrialSpec spec{batch_size, lr, options_.first_seed};
    const bool worthwhile = lr > forecast.lr_low / kOutside && lr < forecast.lr_high * kOutside;
    if (worthwhile && !taken_.contains(spec)) {
      return {spec, "has the least expected loss of the learning rates not tried"};
    }
    return confirm(batch_size, rounded_lr(forecast.lr));
  }

  // The recommended learning rate, or one tried close to it, with a seed that it has not had.
  Proposal confirm(std::int64_t batch_size, double lr) const {
    const auto distance = [lr](double other) { return std::abs(std::log(other / lr)); };
    std::optional<double> nearest;
    for (const TrialSpec& run : taken_) {
      if (run.batch_size != batch_size || !close_lrs(run.lr, lr)) continue;
      if (!nearest || distance(run.lr) < distance(*nearest)) nearest = run.lr;
    }
    TrialSpec spec{batch_size, nearest.value_or(lr), options_.first_seed};
    while (taken_.contains(spec)) ++spec.seed;
    return {spec, "confirms the recommended learning rate: nothing near it is left to try"};
  }

  std::span<const Observation> known_;
  std::span<const TrialSpec> pending_;
  const ProposalOptions& options_;
  std::set<TrialSpec> taken_;
};

}  // namespace

void ProposalOptions::validate() const {
  if (batch_sizes.empty()) refuse("--for", "empty", "batch_sizes must name at least one");
  for (const std::int64_t batch_size : batch_sizes) {
    if (batch_size < 1) refuse("a batch size", batch_size, "batch_sizes must be at least 1");
  }
  if (!(first_lr >= 1e-30 && first_lr <= 1e30)) {
    refuse("--lr", first_lr, "first_lr must be in [1e-30, 1e30]");
  }
  if (seeds < 1 || seeds > 1000) refuse("--seeds", seeds, "seeds must be in [1, 1000]");
}

Proposal propose(std::span<const Observation> known, std::span<const TrialSpec> pending,
                 const ProposalOptions& options, std::optional<std::int64_t> batch_size) {
  options.validate();
  if (batch_size && *batch_size < 1) {
    refuse("--batch-size", *batch_size, "a batch size must be at least 1");
  }
  return Proposer(known, pending, options).next(batch_size);
}

std::vector<Forecast> current_advice(std::span<const Observation> known,
                                     const ProposalOptions& options) {
  options.validate();
  if (!can_fit(known)) return {};
  const Advisor advisor(most_relevant(known, options.batch_sizes, kMostPoints),
                        {.update = options.update});
  std::vector<Forecast> advice;
  for (const std::int64_t batch_size : options.batch_sizes) {
    advice.push_back(advisor.forecast(static_cast<double>(batch_size)));
  }
  return advice;
}

}  // namespace etalon
