#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <deque>
#include <list>

#include "etalon/error.hpp"
#include "etalon/program.hpp"
#include "program/attempt.hpp"
#include "program/leftovers.hpp"
#include "program/metric_sightings.hpp"
#include "program/metric_watch.hpp"
#include "program/program_template.hpp"
#include "program/running_attempt.hpp"

namespace etalon {
namespace {

using std::chrono::milliseconds;
using RunnerClock = std::chrono::steady_clock;

// Between looks at what programs printed.
constexpr milliseconds kLook(50);

}  // namespace

class ProgramRunner::State {
 public:
  explicit State(const ProgramOptions& options)
      : options_(checked(options)),
        template_(options_),
        metric_(watch_metric(options_)),
        pattern_(pattern_of(options_)),
        leftovers_(options_.directory, options_.study) {
    for (std::size_t slot = 0; slot < options_.slots.size(); ++slot) free_slots_.push_back(slot);
    leftovers_.are_gone();  // also where nothing is left to run
  }

  ~State() {
    for (const auto& attempt : running_) attempt.stop();  // all at once, then wait for each
  }

  std::int64_t slots() const { return static_cast<std::int64_t>(options_.slots.size()); }

  void start(std::int64_t trial, const TrialSpec& spec) {
    waiting_.push_back({trial, spec});
    start_what_fits();
  }

  std::optional<TrialEvent> wait(milliseconds at_most) {
    const auto until = RunnerClock::now() + at_most;
    while (events_.empty()) {
      look();
      const auto left = std::chrono::ceil<milliseconds>(until - RunnerClock::now());
      if (!events_.empty() || left.count() <= 0) break;
      sleep(std::min(left, kLook));
    }
    if (events_.empty()) return std::nullopt;
    TrialEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  void abort(std::int64_t trial) {
    for (const auto& attempt : running_) {
      if (attempt.trial() == trial) attempt.stop();
    }
    const auto removed =
        std::erase_if(waiting_, [&](const auto& waiting) { return waiting.first == trial; });
    if (removed == 0) return;
    TrialResult result;
    result.state = TrialState::interrupted;
    events_.push_back({trial, result});
  }

 private:
  static ProgramOptions checked(ProgramOptions options) {
    options.validate();
    options.directory = std::filesystem::absolute(options.directory);
    return options;
  }

  // Not beside an earlier attempt that still has its slot's memory and files.
  void start_what_fits() {
    if (!leftovers_.are_gone()) return;
    while (!waiting_.empty() && !free_slots_.empty()) {
      const auto [trial, spec] = waiting_.front();
      options_.check_batch_size(spec.batch_size);
      if (auto result = result_of_earlier(trial, spec)) {
        events_.push_back({trial, std::move(*result)});
        waiting_.pop_front();
        continue;
      }
      const AttemptFiles files = make_attempt(options_.directory, trial);
      const std::size_t slot = free_slots_.front();
      const Launch launch = template_.fill(trial, spec, files, options_.slots[slot]);
      write_launch(files, launch);
      running_.emplace_back(trial, slot, files, metric_, places_of(trial, spec, files),
                            spec.batch_size, options_.supervisor, launch,
                            [this, id = trial](const CurvePoint& point) {
                              events_.push_back({id, point});
                            });
      waiting_.pop_front();
      free_slots_.pop_front();
    }
  }

  // Of an attempt at the same command that ended well just before the study was killed.
  std::optional<TrialResult> result_of_earlier(std::int64_t trial, const TrialSpec& spec) const {
    if (options_.study.empty()) return std::nullopt;
    for (const AttemptFiles& files : attempts_at(options_.directory, trial)) {
      if (!was_attempt_at(files, template_.fill(trial, spec, files, {}))) continue;
      const MetricPlaces places = places_of(trial, spec, files);
      if (auto result = result_of_ended(files, metric_, places, spec.batch_size)) return result;
    }
    return std::nullopt;
  }

  MetricPlaces places_of(std::int64_t trial, const TrialSpec& spec,
                         const AttemptFiles& files) const {
    return {pattern_, template_.metric_file(trial, spec, files)};
  }

  // Hears what every program said, and of those that have ended how.
  void look() {
    for (auto attempt = running_.begin(); attempt != running_.end();) {
      if (attempt->has_ended()) {
        end(*attempt, attempt->finish());
        attempt = running_.erase(attempt);
      } else {
        attempt->read();
        ++attempt;
      }
    }
    start_what_fits();
  }

  void end(const RunningAttempt& attempt, TrialResult result) {
    free_slots_.push_back(attempt.slot());
    events_.push_back(sightings_.event_of(attempt.trial(), std::move(result)));
  }

  // Until a program ends, or the time is over.
  void sleep(milliseconds at_most) const {
    std::vector<pollfd> ends;
    for (const auto& attempt : running_) ends.push_back({attempt.descriptor(), POLLIN, 0});
    poll(ends.data(), ends.size(), static_cast<int>(at_most.count()));
  }

  const ProgramOptions options_;
  const ProgramTemplate template_;
  const WatchedMetric metric_;
  const SharedPattern pattern_;
  Leftovers leftovers_;
  std::deque<std::pair<std::int64_t, TrialSpec>> waiting_;
  std::deque<std::size_t> free_slots_;
  std::list<RunningAttempt> running_;
  std::deque<TrialEvent> events_;
  MetricSightings sightings_;
};

ProgramRunner::ProgramRunner(const ProgramOptions& options)
    : state_(std::make_unique<State>(options)) {}

ProgramRunner::~ProgramRunner() = default;

std::int64_t ProgramRunner::slots() const { return state_->slots(); }

void ProgramRunner::start(std::int64_t trial, const TrialSpec& spec) { state_->start(trial, spec); }

std::optional<TrialEvent> ProgramRunner::wait(milliseconds at_most) {
  return state_->wait(at_most);
}

void ProgramRunner::abort(std::int64_t trial) { state_->abort(trial); }

WorkloadInfo program_workload(const ProgramOptions& options) {
  options.validate();
  const ProgramTemplate filled(options);
  const WatchedMetric metric = watch_metric(options);
  WorkloadInfo info;
  info.objective_name = metric.name;
  info.maximizes = metric.is_maximized();
  info.budget_examples = options.examples.value_or(0);
  info.budget_steps = options.steps.value_or(0);
  const auto set = [&](const std::string& name, const std::string& value) {
    info.settings.emplace_back("program." + name, value);
  };
  for (std::size_t i = 0; i < options.command.size(); ++i) {
    info.name += (i > 0 ? " " : "") + options.command[i];
    set(fmt::format("argument.{}", i), options.command[i]);
  }
  for (const auto& [name, value] : options.environment) set("environment." + name, value);
  set("config", filled.config_text());
  set("metric", info.objective_name);
  if (info.maximizes) set("mode", "max");
  const auto ceiling = options.diverged_above;
  if (ceiling != ProgramOptions{}.diverged_above) {
    set("diverged_above", ceiling ? fmt::format("{}", *ceiling) : "off");
  }
  if (!options.metric_file.empty()) set("metric_file", options.metric_file);
  if (!options.pattern.empty()) set("pattern", options.pattern);
  const auto number = [](const std::optional<std::int64_t>& n) {
    return n ? fmt::format("{}", *n) : std::string();
  };
  set("steps", number(options.steps));
  set("examples", number(options.examples));
  set("epochs", number(options.epochs));
  set("micro_batch_size", number(options.micro_batch_size));
  set("replicas", fmt::format("{}", options.replicas));
  for (const auto& [name, value] : kMovableSettings) {
    const auto own = options.settings.*value;
    if (own) set(std::string(name), fmt::format("{}", *own));
  }
  for (const auto& [batch_size, steps] : options.warmup_steps) {
    set(fmt::format("warmup_steps.{}", batch_size), fmt::format("{}", steps));
  }
  return info;
}

}  // namespace etalon
