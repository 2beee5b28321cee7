#include "program/ramp_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "program/attempt.hpp"
#include "program/line_pattern.hpp"
#include "program/metric_sources.hpp"
#include "program/metric_watch.hpp"
#include "program/program_template.hpp"

namespace etalon {
namespace {

constexpr std::chrono::milliseconds kRampPatience(100);
constexpr std::size_t kLeastRates = 10;
constexpr double kRoundingOfRate = 0.01;  // relative, of what is printed

constexpr const char* kPrintBoth =
    "let it print both at every step, as in: step 12 lr 0.0034 loss 1.234";

// Equal rates are those of steps that one update shares, or of too few digits.
std::vector<StepOfRamp> merged(const std::vector<StepOfRamp>& steps) {
  std::vector<StepOfRamp> merged;
  double count = 0.0;
  for (const StepOfRamp& each : steps) {
    const bool is_same = !merged.empty() && merged.back().lr == each.lr;
    count = is_same ? count + 1.0 : 1.0;
    if (!is_same) merged.push_back({each.lr, 0.0});
    merged.back().loss += (each.loss - merged.back().loss) / count;
    if (!std::isfinite(each.loss)) break;
  }
  return merged;
}

// What one attempt says, held to what it was told.
class SaidRamp {
 public:
  SaidRamp(const RampRunOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

  std::vector<StepOfRamp> read(const AttemptFiles& files, const std::filesystem::path& file) {
    hear(files, file);
    std::vector<StepOfRamp> steps = merged(said_steps());
    check_rise(steps);
    check_ends(steps);
    check_count(steps);
    return steps;
  }

 private:
  RampLog new_log() const { return RampLog(options_.program.metric, options_.lr_name); }

  void hear(const AttemptFiles& files, const std::filesystem::path& file) {
    MetricSources sources(
        files, {pattern_of(options_.program), file},
        [&](const SourceName& source, std::span<const NamedValue> row) {
          logs_.try_emplace(source, new_log()).first->second.hear(row);
        },
        [&](const SourceName& source) { logs_.erase(source); });
    sources.finish();
  }

  // Of the first source that has both.
  std::vector<StepOfRamp> said_steps() const {
    for (const auto& [source, log] : logs_) {
      if (auto steps = log.steps(); !steps.empty()) return steps;
    }
    refuse_without_rates();
  }

  [[noreturn]] void refuse_without_rates() const {
    std::set<std::string> names;
    for (const auto& [source, log] : logs_) names.insert(log.names().begin(), log.names().end());
    std::string list = fmt::format("{}", fmt::join(names, ", "));
    refuse(fmt::format("gave '{}' without {}; the names that it gave: {}",
                       shortened(options_.program.metric),
                       options_.lr_name.empty() ? "a learning rate"
                                                : fmt::format("'{}'", shortened(options_.lr_name)),
                       shortened(list, 200)),
           fmt::format("{}; a rate by another name: {}", kPrintBoth, field_name("lr_name")));
  }

  void check_rise(const std::vector<StepOfRamp>& steps) const {
    for (std::size_t i = 1; i < steps.size(); ++i) {
      if (steps[i].lr > steps[i - 1].lr) continue;
      refuse(fmt::format("has a learning rate that falls, from {} to {}",
                         rounded_number(steps[i - 1].lr, 4), rounded_number(steps[i].lr, 4)),
             "let nothing but the ramp move it: no schedule, and no second run in one log");
    }
  }

  void check_ends(const std::vector<StepOfRamp>& steps) const {
    const RisingLr& told = *options_.program.rising_lr;
    const double first = steps.front().lr, last = steps.back().lr;
    const bool is_within = first >= told.lowest * (1.0 - kRoundingOfRate) &&
                           last <= told.highest * (1.0 + kRoundingOfRate);
    if (is_within) return;
    refuse(fmt::format("has learning rates from {} to {}, and was told {} to {}",
                       rounded_number(first, 4), rounded_number(last, 4), plain_number(told.lowest),
                       plain_number(told.highest)),
           "let its ramp begin at {lr_min} and end at {lr_max}");
  }

  void check_count(const std::vector<StepOfRamp>& steps) const {
    if (steps.size() >= kLeastRates || !std::isfinite(steps.back().loss)) return;
    refuse(fmt::format("gave {} and a loss at {}, and ten are the least",
                       steps.size() == 1 ? "one learning rate" : "different learning rates",
                       counted(std::ssize(steps), "step")),
           fmt::format("{}, with four digits or more", kPrintBoth));
  }

  [[noreturn]] void refuse(const std::string& what, const std::string& remedy) const {
    throw InputError(fmt::format("the run with seed {} {}", seed_, what), "", remedy);
  }

  const RampRunOptions& options_;
  const std::uint64_t seed_;
  std::map<SourceName, RampLog> logs_;
};

class RampRuns {
 public:
  RampRuns(const RampRunOptions& options, const std::function<void()>& on_end)
      : options_(options),
        on_end_(on_end),
        template_(options_.program),
        runner_(options_.program),
        ramps_(options.seeds.size()) {}

  std::optional<std::vector<RampOfSeed>> run(const StopFlag& stop) {
    for (std::size_t i = 0; i < ramps_.size(); ++i) {
      runner_.start(static_cast<std::int64_t>(i) + 1, spec_of(i));
    }
    while (ended_ < ramps_.size()) {
      if (stop.requested()) return std::nullopt;
      if (const auto event = runner_.wait(kRampPatience)) hear(*event);
    }
    return std::move(ramps_);
  }

 private:
  TrialSpec spec_of(std::size_t run) const {
    return {options_.batch_size, options_.program.rising_lr->lowest, options_.seeds[run]};
  }

  void hear(const TrialEvent& event) {
    if (std::holds_alternative<CurvePoint>(event.what)) return;
    if (const auto* refused = std::get_if<InputError>(&event.what)) throw *refused;
    const auto run = static_cast<std::size_t>(event.trial - 1);
    check_end(options_.seeds[run], std::get<TrialResult>(event.what));
    ramps_[run] = {options_.seeds[run], steps_of(event.trial, run)};
    ++ended_;
    on_end_();
  }

  static void check_end(std::uint64_t seed, const TrialResult& result) {
    if (is_result(result.state)) return;
    throw RunError(fmt::format("the run with seed {} failed: {}", seed, result.message), "",
                   "mend what it says; what it printed is kept");
  }

  std::vector<StepOfRamp> steps_of(std::int64_t trial, std::size_t run) const {
    const AttemptFiles files = attempts_at(options_.program.directory, trial).back();
    return SaidRamp(options_, options_.seeds[run])
        .read(files, template_.metric_file(trial, spec_of(run), files));
  }

  const RampRunOptions& options_;
  const std::function<void()>& on_end_;
  const ProgramTemplate template_;
  ProgramRunner runner_;
  std::vector<RampOfSeed> ramps_;
  std::size_t ended_ = 0;
};

}  // namespace

void RampRunOptions::validate() const {
  program.validate();
  program.check_values();
  check_batch_size(static_cast<double>(batch_size));
  program.check_batch_size(batch_size);
  if (watch_metric(program).is_maximized()) {
    throw InputError(fmt::format("'{}' is better the greater it is", shortened(program.metric)), "",
                     "name the loss of each step: that is what a ramp is read by");
  }
  if (seeds.size() < 2 || program.has_seed()) return;
  throw InputError("the command has no {seed}, so that restarts would all be the same run", "",
                   "add one, as in --seed {seed}, or run it with --restarts 1");
}

std::optional<std::vector<RampOfSeed>> run_ramps(const RampRunOptions& options,
                                                 const std::function<void()>& on_end,
                                                 const StopFlag& stop) {
  options.validate();
  return RampRuns(options, on_end).run(stop);
}

}  // namespace etalon
