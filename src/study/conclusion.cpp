#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "etalon/contradiction.hpp"
#include "plan/verdict_gain.hpp"
#include "study/objective_text.hpp"
#include "study/outcome.hpp"
#include "study/planner.hpp"
#include "study/told_regret.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

// Exponents closer to 0 hardly move the learning rate: B^0.1 is a quarter over a decade.
constexpr double kHardly = 0.1;

// Whoever would have to run more learns only that it is hopeless.
constexpr std::int64_t kMostSeedsSaid = 200;

std::string interval(const Exponent& exponent) {
  if (!exponent.low || !exponent.high) return "(two batch sizes, so no interval)";
  return fmt::format("[{:.2f}, {:.2f}]", *exponent.low, *exponent.high);
}

std::string growth(const Exponent& exponent) {
  const std::string range = fmt::format("From B={} to {}", plain_number(exponent.batch_size_low),
                                        plain_number(exponent.batch_size_high));
  const std::string power = fmt::format("B^{:.2f} {}", exponent.exponent, interval(exponent));
  const bool sign_known = exponent.low && (*exponent.low > 0 || *exponent.high < 0);
  if (exponent.low && *exponent.low > -kHardly && *exponent.high < kHardly) {
    return fmt::format("{} the best learning rate hardly moves: it goes as {}", range, power);
  }
  if (exponent.low && !sign_known) {
    return fmt::format("{} the best learning rate goes as {}, so it is not clear whether it moves",
                       range, power);
  }
  return fmt::format("{} the best learning rate {} as {}", range,
                     exponent.exponent < 0 ? "falls" : "grows", power);
}

// One power law is often wrong: linear at first, then flat. Said only where the intervals of the
// lower and the upper half of the batch sizes do not overlap.
std::string bend(const StudyResult& result) {
  constexpr std::size_t kFewest = 6;
  std::vector<Optimum> interior;
  for (const Optimum& optimum : result.optima) {
    if (optimum.censored == Censoring::none) interior.push_back(optimum);
  }
  if (interior.size() < kFewest) return "";
  const std::span<const Optimum> all(interior);
  const std::size_t middle = (interior.size() - 1) / 2;
  const auto lower = fit_exponent(all.first(middle + 1), result.options.level);
  const auto upper = fit_exponent(all.subspan(interior.size() - 1 - middle), result.options.level);
  if (!lower || !upper || !lower->low || !upper->low) return "";
  if (*upper->high >= *lower->low && *lower->high >= *upper->low) return "";
  return fmt::format(", though not by one power: B^{:.2f} {} up to {}, B^{:.2f} {} from {}",
                     lower->exponent, interval(*lower), plain_number(lower->batch_size_high),
                     upper->exponent, interval(*upper), plain_number(upper->batch_size_low));
}

std::string first_sentence(const StudyResult& result) {
  if (result.optima.empty()) return "Every learning rate that was tried diverged.";
  if (result.exponent) return growth(*result.exponent) + bend(result) + ".";
  if (result.options.batch_sizes.size() == 1) {
    return fmt::format("At B={} the best learning rate is {}{}.",
                       plain_number(result.optima.front().batch_size),
                       rounded_number(result.optima.front().lr, 3),
                       result.optima.front().censored == Censoring::none
                           ? ""
                           : " among those tried, at the edge of them");
  }
  return "Fewer than two batch sizes have an optimum inside the tried learning rates, so nothing "
         "can "
         "be said of how it moves.";
}

// Batch sizes with the same verdict, in a row.
struct Stretch {
  Verdict verdict = Verdict::cannot_tell;
  std::vector<const RuleOutcome*> outcomes;
};

std::vector<Stretch> stretches(const StudyResult& result, const std::string& rule) {
  std::vector<Stretch> all;
  for (const RuleOutcome& outcome : result.rules) {
    // At the base batch size every rule says the base learning rate, so nothing is tested there.
    if (outcome.rule != rule || outcome.batch_size == result.options.base_batch_size) continue;
    if (all.empty() || all.back().verdict != outcome.regret.verdict) {
      all.push_back({outcome.regret.verdict, {}});
    }
    all.back().outcomes.push_back(&outcome);
  }
  return all;
}

std::string span_of(const Stretch& stretch) {
  const std::int64_t first = stretch.outcomes.front()->batch_size;
  const std::int64_t last = stretch.outcomes.back()->batch_size;
  return first == last ? fmt::format("at {}", first) : fmt::format("from {} to {}", first, last);
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

// The worst of what failed: divergence, else the greatest regret.
std::string damage(const WorkloadInfo& workload, const std::vector<const RuleOutcome*>& failed) {
  const auto worse = [](const RuleOutcome* a, const RuleOutcome* b) {
    return a->regret.regret.value_or(1e300) < b->regret.regret.value_or(1e300);
  };
  const RuleOutcome* worst = *std::max_element(failed.begin(), failed.end(), worse);
  if (!worst->regret.regret) return fmt::format(" (it diverges at {})", worst->batch_size);
  const double regret = *worst->regret.regret, greatest = greatest_told(worst->regret);
  const bool is_far = !counts_steps(workload) && std::abs(regret) > greatest;
  return fmt::format(
      " (it {} at {})",
      is_far ? "loses " + told_in_words(regret, 2, greatest) : shortfall_text(workload, regret),
      worst->batch_size);
}

// Where a whole recipe beats every learning rate without it, at its best.
std::string gain(const WorkloadInfo& workload, const std::vector<const RuleOutcome*>& held) {
  const RuleOutcome* best = nullptr;
  for (const RuleOutcome* outcome : held) {
    if (outcome->regret.regret_high.value_or(0.0) >= 0.0) continue;
    if (best == nullptr || *outcome->regret.regret < *best->regret.regret) best = outcome;
  }
  if (best == nullptr) return "";
  return fmt::format(" (its whole recipe beats every learning rate at {}, by {})", best->batch_size,
                     amount_text(workload, -*best->regret.regret));
}

// Where a rule holds and where it fails; where that is unclear is left out.
std::string describe(const StudyResult& result, const std::string& rule) {
  std::vector<std::string> holds, fails;
  std::vector<const RuleOutcome*> held, failed;
  for (const Stretch& stretch : stretches(result, rule)) {
    if (stretch.verdict == Verdict::holds) {
      holds.push_back(span_of(stretch));
      held.insert(held.end(), stretch.outcomes.begin(), stretch.outcomes.end());
    }
    if (stretch.verdict != Verdict::fails) continue;
    fails.push_back(span_of(stretch));
    failed.insert(failed.end(), stretch.outcomes.begin(), stretch.outcomes.end());
  }
  std::vector<std::string> parts;
  if (!holds.empty()) parts.push_back("holds " + join(holds) + gain(result.workload, held));
  if (!fails.empty()) parts.push_back("fails " + join(fails) + damage(result.workload, failed));
  if (parts.empty()) parts.emplace_back("is unclear");
  return rule_in_words(rule) + " " + join(parts);
}

// How many seeds, and over what noise, would decide the verdicts that seeds can decide.
struct OpenVerdicts {
  std::int64_t open = 0;      // that an interval leaves open
  std::int64_t hopeless = 0;  // of them, as near to the tolerance as no seeds would tell
  std::int64_t least = kMostSeedsSaid, most = 0;  // seeds, of the others
  double noise = 0.0;                             // the greatest of a seed
  std::int64_t noisiest = 0;                      // the batch size that has it
};

OpenVerdicts open_verdicts(const StudyResult& result) {
  const RegretOptions options{.level = result.options.level, .tolerance = result.options.tolerance};
  OpenVerdicts found;
  for (const RuleOutcome& outcome : result.rules) {
    const auto noise = noise_of_a_seed(outcome.regret, options);
    if (!noise || outcome.batch_size == result.options.base_batch_size) continue;
    ++found.open;
    if (*noise > found.noise) {
      found.noise = *noise;
      found.noisiest = outcome.batch_size;
    }
    const auto seeds = seeds_to_close(outcome.regret, options);
    if (!seeds || *seeds > kMostSeedsSaid) {
      ++found.hopeless;
      continue;
    }
    found.least = std::min(found.least, *seeds);
    found.most = std::max(found.most, *seeds);
  }
  return found;
}

std::string what_would_tell(const OpenVerdicts& verdicts) {
  if (verdicts.open == verdicts.hopeless) {
    return "the loss lies so near the tolerance there that hundreds of seeds would not";
  }
  const std::string seeds =
      verdicts.least == verdicts.most
          ? fmt::format("about {} seeds would", verdicts.most)
          : fmt::format("about {} to {} seeds would", verdicts.least, verdicts.most);
  return verdicts.hopeless == 0 ? seeds
                                : seeds + ", save where the loss lies next to the tolerance";
}

// Of what is unclear: what would tell, and where the noise is more than what is asked for.
std::string unclear_sentences(const StudyResult& result) {
  const std::string start = " Elsewhere these runs cannot tell";
  const OpenVerdicts verdicts = open_verdicts(result);
  if (verdicts.open == 0) return start + ".";
  std::string text = start + "; " + what_would_tell(verdicts) + ".";
  if (verdicts.noise <= result.options.tolerance) return text;
  return text + fmt::format(
                    " At {} one seed differs from another by about {}, more than the "
                    "tolerance.",
                    verdicts.noisiest, amount_text(result.workload, verdicts.noise));
}

std::string second_sentence(const StudyResult& result) {
  bool compared = false, unclear = false;
  for (const RuleOutcome& outcome : result.rules) {
    if (outcome.batch_size == result.options.base_batch_size) continue;
    compared = true;
    unclear = unclear || outcome.regret.verdict == Verdict::cannot_tell;
  }
  if (!compared) return "";
  std::string text = fmt::format(
      " Within {}, starting from B={}: ", nearness_text(result.workload, result.options.tolerance),
      result.options.base_batch_size);
  for (std::size_t i = 0; i < result.options.rules.size(); ++i) {
    text += (i > 0 ? "; " : "") + describe(result, result.options.rules[i]);
  }
  return text + "." + (unclear ? unclear_sentences(result) : "");
}

// In place of what is said of optima and rules where there is nothing to say.
std::string nothing_learned(const StudyResult& result) {
  const auto untrained = untrained_loss(result.trials, result.options.base_batch_size);
  const std::string tolerance = amount_text(result.workload, result.options.tolerance, 6);
  return (untrained ? fmt::format("Nothing was learned: no trial ended more than {} below what an "
                                  "untrained model has, {}",
                                  tolerance, rounded_number(*untrained, 4))
                    : fmt::format("All learning rates that were tried end within {} of each other",
                                  tolerance)) +
         ", so nothing can be said of the best one or of any rule. Spend more on each trial, or "
         "start from another learning rate.";
}

// The first line, and of that what a sentence can hold.
std::string quoted(const std::string& message) {
  constexpr std::size_t kLongest = 160;
  const std::string line = message.substr(0, message.find('\n'));
  return line.size() <= kLongest ? line : line.substr(0, kLongest) + "...";
}

std::vector<const TrialRecord*> failures(const StudyResult& result) {
  std::vector<const TrialRecord*> failed;
  for (const TrialRecord& trial : result.trials) {
    if (trial.result.state == TrialState::failed) failed.push_back(&trial);
  }
  return failed;
}

// The batch sizes at which nothing could be run, and why.
std::string left_out(const StudyResult& result, std::vector<const TrialRecord*>& failed) {
  std::string text;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    if (!is_left_out(result.trials, batch_size)) continue;
    const auto here = [&](const TrialRecord* trial) {
      return trial->spec.batch_size == batch_size;
    };
    const TrialRecord& first = **std::find_if(failed.begin(), failed.end(), here);
    text += fmt::format(" B={} is left out, where every trial failed ({}).", batch_size,
                        quoted(first.result.message));
    std::erase_if(failed, here);
  }
  return text;
}

// Divergences that better runs above them contradict.
std::string contradicted_sentences(const StudyResult& result) {
  std::vector<Observation> sweep;
  for (const TrialRecord& trial : result.trials) {
    if (auto point = sweep_point(trial)) sweep.push_back(*point);
  }
  std::string text;
  for (const Contradiction& found : find_contradictions(sweep)) {
    text += fmt::format(" A{}.", found.finding().substr(1));
  }
  return text;
}

}  // namespace

std::string failed_sentences(const StudyResult& result) {
  std::vector<const TrialRecord*> failed = failures(result);
  std::string text = left_out(result, failed);
  if (failed.empty()) return text;
  const TrialRecord& first = *failed.front();
  const bool one = failed.size() == 1;
  return text + fmt::format(" {} failed and count{} for nothing ({}{}: {}).",
                            one ? "1 trial" : fmt::format("{} trials", failed.size()),
                            one ? "s" : "", one ? "" : "first ", describe(first.spec),
                            quoted(first.result.message));
}

std::string conclude(const StudyResult& result) {
  const std::string start =
      result.interrupted
          ? fmt::format("Interrupted after {}; so far: ",
                        counted(static_cast<std::int64_t>(result.trials.size()), "trial"))
          : "";
  if (result.trials.empty()) return start + "nothing was run.";
  const std::string answer =
      result.learned ? first_sentence(result) + second_sentence(result) : nothing_learned(result);
  return start + answer + contradicted_sentences(result) + failed_sentences(result);
}

}  // namespace etalon
