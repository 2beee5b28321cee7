#include "program/program_check.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "metrics/column_names.hpp"
#include "program/attempt_result.hpp"
#include "program/metric_sources.hpp"
#include "program/metric_watch.hpp"
#include "program/program_template.hpp"
#include "program/supervisor_process.hpp"
#include "runs/metric.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostValues = 1000;
constexpr std::size_t kMostMetrics = 200;

// Everything with numbers that one source of a run says.
class SeenMetrics {
 public:
  void hear(const NamedValue& value) {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const SeenMetric& metric) {
      return metric.name == value.name;
    });
    if (found == all_.end() && all_.size() >= kMostMetrics) return;
    SeenMetric& metric =
        found == all_.end() ? all_.emplace_back(SeenMetric{value.name, {}, 0, {}}) : *found;
    if (metric.values.size() < kMostValues) metric.values.push_back(value.value);
    metric.last = value.value;
  }
  std::vector<SeenMetric> take() { return std::move(all_); }

 private:
  std::vector<SeenMetric> all_;
};

// "logs/metrics.csv", "the event files in logs"; empty: what is printed.
std::string file_text(const SourceName& source) {
  if (source.kind == SourceName::Kind::lines) return source.file;
  if (source.kind == SourceName::Kind::printed) return "";
  return source.directory.empty() ? "event files" : "event files in " + source.directory;
}

// Adds what a source says to what those before it said: where one of another directory has the
// same name, with its directory; where one says the same, not at all.
void add_metrics(std::vector<SeenMetric>& all, const SourceName& source,
                 std::vector<SeenMetric> more) {
  const std::vector<SeenMetric> before = all;
  for (SeenMetric& metric : more) {
    const bool is_taken = std::any_of(before.begin(), before.end(), [&](const SeenMetric& other) {
      return other.name == metric.name;
    });
    if (is_taken && source.directory.empty()) continue;
    if (is_taken) metric.name = source.directory + '/' + metric.name;
    metric.file = file_text(source);
    all.push_back(std::move(metric));
  }
}

CheckedRun read_run(const TrialSpec& spec, const AttemptFiles& files, MetricPlaces places) {
  CheckedRun run{spec, read_status(files).value_or(AttemptStatus{}), {}, ""};
  std::map<SourceName, SeenMetrics> seen;
  MetricSources sources(
      files, std::move(places),
      [&](const SourceName& source, std::span<const NamedValue> row) {
        for (const NamedValue& value : row) seen[source].hear(value);
      },
      [&](const SourceName& source) { seen.erase(source); });
  sources.finish();
  run.printed = sources.printed();
  for (auto& [source, metrics] : seen) add_metrics(run.metrics, source, metrics.take());
  return run;
}

// The likeliest name of a held-out loss; empty where none is a metric's.
std::string guess_metric(const CheckedRun& run) {
  std::optional<std::pair<int, std::string>> best;
  for (const SeenMetric& metric : run.metrics) {
    const auto sense = metric_sense_of(metric.name);
    if (sense && (!best || sense->rank < best->first)) best = {sense->rank, metric.name};
  }
  return best ? best->second : "";
}

std::optional<std::string> step_name_of(const CheckedRun& run) {
  for (const ColumnRole role : {ColumnRole::steps, ColumnRole::examples, ColumnRole::epochs}) {
    for (const SeenMetric& metric : run.metrics) {
      const auto sense = sense_of(metric.name);
      if (sense && sense->role == role && metric.values.size() > 1) return metric.name;
    }
  }
  return std::nullopt;
}

Effect effect_between(std::string of, const CheckedRun& one, const CheckedRun& other,
                      const std::string& metric) {
  Effect effect{std::move(of), std::nullopt, 0};
  const SeenMetric* a = one.find(metric);
  const SeenMetric* b = other.find(metric);
  if (a == nullptr || b == nullptr) return effect;
  const std::size_t count = std::min(a->values.size(), b->values.size());
  effect.compared = static_cast<std::int64_t>(count);
  effect.first = 0.0;
  for (std::size_t i = 0; i < count && *effect.first == 0.0; ++i) {
    const bool both_nan = std::isnan(a->values[i]) && std::isnan(b->values[i]);
    if (!both_nan) effect.first = std::abs(a->values[i] - b->values[i]);
  }
  return effect;
}

class Checker {
 public:
  explicit Checker(const ProgramCheckOptions& options)
      : options_(options), template_(options_.program) {
    options_.program.limit = options.look;
    options_.program.directory = std::filesystem::absolute(options.program.directory);
  }

  ProgramCheck run() {
    const auto [least, greatest] =
        std::minmax_element(options_.batch_sizes.begin(), options_.batch_sizes.end());
    const TrialSpec base = spec_at(*least, options_.lr, 1);
    const bool went_well = run_at(base) && run_at(base);
    find_metric();
    if (!went_well) return std::move(check_);
    check_.repetition = effect_between("nothing", check_.runs[0], check_.runs[1], check_.metric);
    look_at("the learning rate", spec_at(*least, options_.lr * 2, 1));
    if (template_.has("seed")) look_at("the seed", spec_at(*least, options_.lr, 2));
    if (*greatest != *least) look_at("the batch size", spec_at(*greatest, options_.lr, 1));
    while (may_agree_by_chance()) repeat(base);
    note_cost(*least, *greatest);
    return std::move(check_);
  }

 private:
  // Whether it ended well, or went on long enough to be stopped.
  bool run_at(const TrialSpec& spec) {
    const auto id = static_cast<std::int64_t>(check_.runs.size()) + 1;
    const AttemptFiles files = make_attempt(options_.program.directory, id);
    write_launch(files, template_.fill(id, spec, files, options_.program.slots.front()));
    {
      SupervisorProcess supervisor(options_.program.supervisor, files);
      pollfd ended{supervisor.descriptor(), POLLIN, 0};
      while (!supervisor.has_ended()) poll(&ended, 1, 100);
    }
    const MetricPlaces places{pattern_of(options_.program), template_.metric_file(id, spec, files)};
    check_.runs.push_back(read_run(spec, files, places));
    return check_.runs.back().ended() || check_.runs.back().was_stopped();
  }

  void look_at(const char* what, const TrialSpec& spec) {
    run_at(spec);
    check_.effects.push_back(
        effect_between(what, check_.runs[0], check_.runs.back(), check_.metric));
  }

  TrialSpec spec_at(std::int64_t batch_size, double lr, std::uint64_t seed) const {
    const auto moved = options_.moved.find(batch_size);
    return {batch_size, lr, seed, moved == options_.moved.end() ? MovedSettings{} : moved->second};
  }

  // Few values may be the same though nothing settles them.
  bool may_agree_by_chance() const {
    constexpr std::int64_t kFew = 10, kEnough = 3;
    const Effect& repetition = check_.repetition;
    return repetition.first && !repetition.is_seen() && repetition.compared < kFew &&
           check_.repetitions < kEnough && check_.runs.back().ended();
  }

  void repeat(const TrialSpec& base) {
    ++check_.repetitions;
    if (!run_at(base)) return;
    const Effect again =
        effect_between("nothing", check_.runs[0], check_.runs.back(), check_.metric);
    if (again.is_seen()) check_.repetition = again;
  }

  void find_metric() {
    check_.metric = options_.program.metric;
    check_.metric_is_guessed = check_.metric.empty();
    if (check_.metric_is_guessed) check_.metric = guess_metric(check_.runs.front());
    check_.direction = options_.program.direction.value_or(direction_of(check_.metric));
    check_.step_name = step_name_of(check_.runs.front());
  }

  void note_cost(std::int64_t least, std::int64_t greatest) {
    for (const CheckedRun& run : check_.runs) {
      if (run.spec.batch_size == greatest) {
        check_.peak_memory_bytes = std::max(check_.peak_memory_bytes, run.status.peak_memory_bytes);
      }
      if (!run.ended()) continue;
      if (run.spec.batch_size == least) check_.seconds_at_least = run.status.seconds;
      if (run.spec.batch_size == greatest) check_.seconds_at_most = run.status.seconds;
    }
  }

  ProgramCheckOptions options_;
  const ProgramTemplate template_;
  ProgramCheck check_;
};

}  // namespace

bool CheckedRun::ran_out_of_memory() const {
  return !ended() && !was_stopped() && tells_of_memory(status, printed);
}

const SeenMetric* CheckedRun::find(const std::string& name) const {
  for (const SeenMetric& metric : metrics) {
    if (same_metric(metric.name, name)) return &metric;
  }
  return nullptr;
}

void ProgramCheckOptions::validate() const {
  ProgramOptions filled = program;
  if (filled.metric.empty()) filled.metric = "loss";
  filled.validate();
  filled.check_values();
  if (batch_sizes.empty()) {
    throw InputError(fmt::format("{} is empty", field_name("batch_sizes")), "", "name one or more");
  }
  for (const std::int64_t batch_size : batch_sizes) {
    check_batch_size(static_cast<double>(batch_size), "batch_sizes");
    program.check_batch_size(batch_size);
  }
  check_lr(lr);
}

ProgramCheck check_program(const ProgramCheckOptions& options) {
  options.validate();
  return Checker(options).run();
}

}  // namespace etalon
