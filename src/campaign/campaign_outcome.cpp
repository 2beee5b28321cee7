#include "campaign/campaign_outcome.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "campaign/campaign_rules.hpp"
#include "campaign/learning_rate_effect.hpp"
#include "core/plain_number.hpp"
#include "core/told_number.hpp"
#include "etalon/advice.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/optimum.hpp"
#include "study/objective_text.hpp"
#include "study/outcome.hpp"

namespace etalon {
namespace {

std::vector<Observation> observations_at(std::span<const Observation> all,
                                         std::int64_t batch_size) {
  std::vector<Observation> here;
  for (const Observation& each : all) {
    if (std::llround(each.batch_size) == batch_size) here.push_back(each);
  }
  return here;
}

// Which side of the best is open once trials count that were pruned there: what would have ended no
// better closes it, as a loss would.
Censoring still_open(const Optimum& measured, std::span<const TrialSpec> pruned) {
  bool below = measured.censored == Censoring::below || measured.censored == Censoring::both;
  bool above = measured.censored == Censoring::above || measured.censored == Censoring::both;
  for (const TrialSpec& trial : pruned) {
    if (trial.batch_size != std::llround(measured.batch_size)) continue;
    below = below && trial.lr >= measured.best_lr;
    above = above && trial.lr <= measured.best_lr;
  }
  if (below && above) return Censoring::both;
  return below ? Censoring::below : above ? Censoring::above : Censoring::none;
}

// The optimum as the surface over all batch sizes has it. On a side where nothing was tried beyond
// the best, no interval is closed, however sure the surface may be.
Optimum optimum_of(const Forecast& forecast, Optimum measured, std::span<const TrialSpec> pruned) {
  measured.censored = still_open(measured, pruned);
  const bool open_below =
      measured.censored == Censoring::below || measured.censored == Censoring::both;
  const bool open_above =
      measured.censored == Censoring::above || measured.censored == Censoring::both;
  measured.lr = forecast.lr;
  measured.lr_low = open_below ? std::nullopt : std::optional(forecast.lr_low);
  measured.lr_high = open_above ? std::nullopt : std::optional(forecast.lr_high);
  measured.fitted_loss = forecast.expected_loss;
  measured.explanation = "one loss surface fitted to the trials of all batch sizes";
  return measured;
}

std::string open_side_text(const Optimum& optimum) {
  if (optimum.censored == Censoring::none) return "";
  return "; nothing was tried beyond the best here, so it may lie further out";
}

// `optimum` is null where nothing was run.
Recommendation recommendation_of(const Forecast& forecast, const Optimum* optimum) {
  Recommendation advice;
  advice.batch_size = std::llround(forecast.batch_size);
  advice.lr = forecast.lr;
  advice.lr_low = optimum != nullptr ? optimum->lr_low : forecast.lr_low;
  advice.lr_high = optimum != nullptr ? optimum->lr_high : forecast.lr_high;
  advice.reason = fmt::format(
      "of least expected regret, {}, by one loss surface fitted to all trials{}",
      told_in_words(forecast.expected_regret, 2,
                    greatest_told(forecast.expected_loss - forecast.expected_regret)),
      optimum == nullptr ? "; nothing was run at this batch size" : open_side_text(*optimum));
  return advice;
}

std::vector<Forecast> advice_of(std::span<const Observation> known, const CampaignOptions& options,
                                std::span<const TrialSpec> pruned) {
  if (known.empty()) return {};
  return current_advice(known, options.ask, pruned);
}

// What learning rates came to at one batch size.
struct LossRange {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  std::set<double> lrs;

  void add(const Observation& each) {
    least = std::min(least, *each.loss);
    greatest = std::max(greatest, *each.loss);
    lrs.insert(each.lr);
  }
  bool is_flat() const {
    constexpr double kAlike = 1e-9;
    return greatest - least <= kAlike * std::abs(least);
  }
};

// Three learning rates or more at a batch size, and nothing that they move at any.
bool is_flat(std::span<const Observation> known) {
  std::map<double, LossRange> ranges;
  for (const Observation& each : known) {
    if (each.diverged()) return false;
    ranges[each.batch_size].add(each);
  }
  const auto flat = [](const auto& range) { return range.second.is_flat(); };
  const auto enough = [](const auto& range) { return range.second.lrs.size() >= 3; };
  return std::all_of(ranges.begin(), ranges.end(), flat) &&
         std::any_of(ranges.begin(), ranges.end(), enough);
}

// Where nothing can be said of learning rates, none stands in the answer.
void say_nothing_learned(StudyResult& result, const std::string& why) {
  result.learned = false;
  result.optima.clear();
  result.recommendations.clear();
  result.conclusion = why;
}

// Whether the learning rate matters, by what the losses show: a divergence says so, and losses that
// few would call chance.
enum class Effect { seen, may_be_chance, cannot_tell };

Effect effect_in(std::span<const Observation> known) {
  constexpr double kChance = 0.05;
  const bool any_diverged = std::any_of(known.begin(), known.end(),
                                        [](const Observation& run) { return run.diverged(); });
  if (any_diverged) return Effect::seen;
  const auto chance = chance_of_effect(known);
  if (!chance) return Effect::cannot_tell;
  return *chance > kChance ? Effect::may_be_chance : Effect::seen;
}

// With too little for a surface, what the losses say of each batch size.
std::optional<Optimum> find_at(const std::vector<Optimum>& optima, std::int64_t batch_size) {
  const auto found = std::find_if(optima.begin(), optima.end(), [&](const Optimum& each) {
    return std::llround(each.batch_size) == batch_size;
  });
  return found == optima.end() ? std::nullopt : std::optional(*found);
}

double least_loss(std::span<const Observation> known) {
  double least = std::numeric_limits<double>::infinity();
  for (const Observation& each : known) {
    if (!each.diverged()) least = std::min(least, *each.loss);
  }
  return least;
}

// The variance of an optimum falls with the runs near it as one over their number, and the regret
// goes as the variance: so many more, and it is down to what is tolerated.
std::int64_t trials_to_settle(const Forecast& forecast, std::int64_t runs, double tolerance) {
  constexpr double kMost = 100;
  const double needed = static_cast<double>(std::max<std::int64_t>(runs, 3)) *
                        (forecast.expected_regret / tolerance - 1.0);
  return static_cast<std::int64_t>(std::ceil(std::clamp(needed, 1.0, kMost)));
}

std::string named_batch_sizes(std::span<const std::int64_t> batch_sizes) {
  return fmt::format("B={}", fmt::join(batch_sizes, ", "));
}

// What is known well enough, what is not, and what would tell.
class Outlook {
 public:
  Outlook(std::span<const Forecast> advice, std::span<const Observation> known,
          std::span<const Optimum> optima, double tolerance, const WorkloadInfo& workload)
      : tolerance_(tolerance), workload_(workload) {
    for (const Forecast& forecast : advice) {
      const std::int64_t batch_size = std::llround(forecast.batch_size);
      const auto runs = static_cast<std::int64_t>(observations_at(known, batch_size).size());
      if (is_at_edge(optima, batch_size)) {
        at_edge_.push_back(batch_size);
        more_ += 2;  // one beyond, and one between
      } else if (forecast.expected_regret > tolerance) {
        unsure_.push_back(batch_size);
        more_ += trials_to_settle(forecast, runs, tolerance);
      } else {
        ++settled_;
      }
      worst_ = std::max(worst_, forecast.expected_regret);
      greatest_told_ = std::max(greatest_told_,
                                greatest_told(forecast.expected_loss - forecast.expected_regret));
    }
  }

  std::string text() const {
    std::string text;
    if (!at_edge_.empty()) {
      text += fmt::format(
          " At {} the best is the last that was tried, so the optimum may lie "
          "further out.",
          named_batch_sizes(at_edge_));
    }
    if (!unsure_.empty()) {
      const bool in_steps = counts_steps(workload_);
      const std::string expected =
          in_steps ? amount_text(workload_, worst_) : told_in_words(worst_, 2, greatest_told_);
      text += fmt::format(" At {} more than {}{} may be lost: up to {} is expected.",
                          named_batch_sizes(unsure_), amount_text(workload_, tolerance_),
                          in_steps ? " of the steps" : "", expected);
    }
    if (!text.empty()) {
      return text + fmt::format(" About {} more trial{} would tell.", more_, more_ == 1 ? "" : "s");
    }
    if (settled_ == 0) return "";
    return fmt::format(
        " The learning rates to use are expected to lose at most {}{} against the best, within the "
        "tolerance of {}.",
        amount_text(workload_, worst_), counts_steps(workload_) ? " of the steps" : "",
        amount_text(workload_, tolerance_));
  }

 private:
  static bool is_at_edge(std::span<const Optimum> optima, std::int64_t batch_size) {
    return std::any_of(optima.begin(), optima.end(), [&](const Optimum& optimum) {
      return std::llround(optimum.batch_size) == batch_size && optimum.censored != Censoring::none;
    });
  }

  const double tolerance_;
  const WorkloadInfo& workload_;
  std::vector<std::int64_t> at_edge_, unsure_;
  std::int64_t more_ = 0, settled_ = 0;
  double worst_ = 0.0, greatest_told_ = 0.0;
};

std::string dropped_sentence(std::span<const std::int64_t> dropped, const std::string& remedy) {
  if (dropped.empty()) return "";
  const bool one = dropped.size() == 1;
  return fmt::format(" {} {} left out: it ran out of memory{}; {}.", named_batch_sizes(dropped),
                     one ? "is" : "are",
                     one ? "" : fmt::format(" at {}, and larger ones take more", dropped.front()),
                     remedy);
}

// The updates of a trial as the program counted them; nothing where it did not.
std::optional<std::int64_t> counted_steps(const TrialRecord& trial) {
  if (trial.result.state != TrialState::finished || trial.result.curve.empty()) return std::nullopt;
  const CurvePoint& last = trial.result.curve.back();
  const bool counts = last.step > 1 && last.examples == last.step * trial.spec.batch_size;
  return counts ? std::optional(last.step) : std::nullopt;
}

// Exponents differ with what is held fixed, so a program that chooses that by itself is told of.
std::string fixed_steps_sentence(const StudyResult& result) {
  std::optional<std::int64_t> steps;
  std::set<std::int64_t> batch_sizes;
  for (const TrialRecord& trial : result.trials) {
    if (trial.result.state != TrialState::finished) continue;
    const auto counted = counted_steps(trial);
    if (!counted || (steps && *counted != *steps)) return "";
    steps = counted;
    batch_sizes.insert(trial.spec.batch_size);
  }
  if (batch_sizes.size() < 2 || result.workload.budget_steps > 0) return "";
  return fmt::format(
      " By its own count the program trained {} steps at every batch size, so that larger ones saw "
      "more examples: at equal examples the best learning rates grow otherwise.",
      *steps);
}

// Learning rates were compared with these moved, and so were the rules for them.
std::string moving_sentence(const MovingSettings& moving) {
  const std::vector<std::string> names = moved_names(moving);
  if (names.empty()) return "";
  return fmt::format(
      " All this is with {} moved from B={} on as {} has {}: the rules for the learning rate are "
      "judged beside that, not alone.",
      fmt::join(names, ", "), moving.base_batch_size, moving.rule,
      names.size() == 1 ? "it" : "them");
}

// Batch sizes where nothing is known to end.
std::string bare_sentences(std::span<const Observation> known) {
  std::string text;
  for (const BareDivergence& found : find_bare_divergences(known)) {
    text += fmt::format(" A{}.", found.text().substr(1));
  }
  return text;
}

std::string pruned_sentence(std::size_t pruned) {
  if (pruned == 0) return "";
  if (pruned == 1) return " 1 trial was pruned: it counts as a bound, not as a loss.";
  return fmt::format(" {} trials were pruned: they count as bounds, not as losses.", pruned);
}

// As it is said, so that what is said is what was compared with.
double two_digits(double value) { return std::stod(rounded_number(value, 2)); }

// How far the usual loss lies above the least; 0 where there are too few.
double spread_of(std::span<const Observation> known) {
  std::vector<double> losses;
  for (const Observation& each : known) {
    if (!each.diverged()) losses.push_back(*each.loss);
  }
  if (losses.empty()) return 0.0;
  std::sort(losses.begin(), losses.end());
  return losses[losses.size() / 2] - losses.front();
}

struct Sameness {
  double tolerance = 0.0;  // loss that counts as "the same"
  std::string note{};      // where it is no share of the best loss though one was asked for
};

// A share of the best loss says little where that is nearer to 0 than the trials are to each other:
// of how far these lie apart it is then.
Sameness sameness_of(std::span<const Observation> known, const CampaignOptions& options) {
  const double least = std::abs(least_loss(known)), spread = spread_of(known);
  if (!options.tolerance_is_relative || !std::isfinite(least) || std::max(least, spread) == 0.0) {
    return {options.tolerance};
  }
  if (least >= spread) return {two_digits(options.tolerance * least)};
  const double tolerance = two_digits(options.tolerance * spread);
  return {tolerance,
          fmt::format(" The best is near 0 beside how far the trials lie apart, so that a share of "
                      "it says little: {}, {:g}% of that distance, counts as the same.",
                      rounded_number(tolerance, 2), 100 * options.tolerance)};
}

// What to know of trials that ended otherwise than with a loss, whatever the others say.
std::string sentences_on_the_rest(const StudyResult& result, const CampaignOptions& options,
                                  std::span<const std::int64_t> dropped, std::size_t pruned) {
  return bare_sentences(observations_of(result.trials)) + pruned_sentence(pruned) +
         dropped_sentence(dropped, options.too_large_remedy) + fixed_steps_sentence(result);
}

// Where nothing ended with a result.
std::string no_result_text(const StudyResult& result) {
  if (result.trials.empty()) return "No trial has ended yet.";
  return "No trial has a result, so nothing can be said." + failed_sentences(result);
}

}  // namespace

std::vector<Observation> observations_of(std::span<const TrialRecord> trials) {
  std::vector<Observation> known;
  for (const TrialRecord& trial : trials) {
    if (const auto point = observation_of(trial)) known.push_back(*point);
  }
  return known;
}

std::vector<TrialSpec> pruned_points(std::span<const TrialRecord> trials) {
  std::vector<TrialSpec> pruned;
  for (const TrialRecord& trial : trials) {
    if (trial.result.state != TrialState::pruned) continue;
    pruned.push_back(trial.spec);
    pruned.back().moved = {};
  }
  return pruned;
}

void evaluate_campaign(StudyResult& result, const CampaignOptions& options,
                       std::span<const std::int64_t> dropped) {
  const auto known = observations_of(result.trials);
  if (known.empty()) {
    result.learned = false;
    result.conclusion = no_result_text(result);
    return;
  }
  const Sameness same = sameness_of(known, options);
  result.options.tolerance = same.tolerance;
  const std::vector<TrialSpec> pruned = pruned_points(result.trials);
  const std::vector<Forecast> advice = advice_of(known, options, pruned);
  const std::vector<Optimum> optima = estimate_optima(known, {.level = kCampaignLevel});
  for (const std::int64_t batch_size : options.ask.batch_sizes) {
    const auto forecast = std::find_if(advice.begin(), advice.end(), [&](const Forecast& each) {
      return std::llround(each.batch_size) == batch_size;
    });
    const auto measured = find_at(optima, batch_size);
    if (measured) {
      result.optima.push_back(forecast == advice.end() ? *measured
                                                       : optimum_of(*forecast, *measured, pruned));
    }
    if (forecast != advice.end()) {
      result.recommendations.push_back(
          recommendation_of(*forecast, measured ? &result.optima.back() : nullptr));
      result.recommendations.back().moved = options.moving.of(batch_size);
    }
  }
  const std::string rest = sentences_on_the_rest(result, options, dropped, pruned.size());
  if (is_flat(known)) {
    return say_nothing_learned(result,
                               "All trials of a batch size end alike, so nothing can be said of "
                               "the best learning rate: is it passed on, and is this the metric "
                               "that it moves?" +
                                   failed_sentences(result) + rest);
  }
  const Effect effect = effect_in(known);
  if (effect == Effect::may_be_chance) {
    return say_nothing_learned(
        result,
        "The losses differ no more between learning rates than chance would have them, so nothing "
        "can be said of the best one or of any rule. More trials, more seeds or longer ones would "
        "tell, if it matters at all between those tried." +
            failed_sentences(result) + rest);
  }
  result.exponent = fit_exponent(result.optima, kCampaignLevel);
  if (effect == Effect::seen) judge_rules(result, known, advice, options, pruned);
  result.conclusion = conclude(result) + same.note;
  result.conclusion +=
      Outlook(advice, known, result.optima, result.options.tolerance, result.workload).text();
  result.conclusion += moving_sentence(options.moving);
  result.conclusion += rest;
}

}  // namespace etalon
