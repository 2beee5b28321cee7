// A look at a program before hours are spent on it: a few short runs of it, and what they show.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etalon/program.hpp"
#include "program/attempt.hpp"

namespace etalon {

struct ProgramCheckOptions {
  ProgramOptions program;                 // its metric may be empty: then it is guessed
  std::vector<std::int64_t> batch_sizes;  // of the study to come, at least one
  double lr = 0.001;                      // of these runs
  // What they set besides, by batch size, where that differs from the program's own settings.
  std::map<std::int64_t, MovedSettings> moved{};
  std::chrono::milliseconds look{60'000};  // after which a run is stopped; what it printed counts
  void validate() const;
};

// A name that a run said with numbers.
struct SeenMetric {
  std::string name;
  std::vector<double> values;  // the first thousand
  double last = 0.0;
  std::string file{};  // in which it stands, below {out} or where files are named; empty: printed
};

struct CheckedRun {
  TrialSpec spec;
  AttemptStatus status;
  std::vector<SeenMetric> metrics;  // in the order in which they appeared
  std::string printed;              // the end of it
  bool ended() const { return status.exit_code == 0; }
  bool was_stopped() const { return status.stopped != StopCause::none; }
  bool ran_out_of_memory() const;
  const SeenMetric* find(const std::string& name) const;
};

// How two runs that differ in one thing compare by the metric.
struct Effect {
  std::string of;               // "the learning rate", ...
  std::optional<double> first;  // the first difference; 0: none
  std::int64_t compared = 0;    // values
  bool is_seen() const { return first && *first != 0.0; }
};

struct ProgramCheck {
  std::vector<CheckedRun> runs;  // the first at the least batch size, its repetition, then others
  std::string metric;            // as given, or as guessed; empty: none was found
  bool metric_is_guessed = false;
  MetricDirection direction = MetricDirection::minimize;
  std::optional<std::string> step_name;  // what counts steps, epochs or examples
  std::vector<Effect> effects;           // of the learning rate, the batch size, the seed
  // Of nothing: what equal runs differ by, the most of `repetitions` that were compared with one.
  Effect repetition;
  std::int64_t repetitions = 1;

  // Of a whole trial at each end of the batch sizes; empty where it was stopped before.
  std::optional<double> seconds_at_least, seconds_at_most;
  std::int64_t peak_memory_bytes = 0;  // at the greatest batch size
};

// Runs the program up to seven times: twice alike, with another learning rate, seed and batch size,
// and, where the equal runs agree on so few values that chance may have it, alike again; below
// `program.directory`. A run that fails ends it early: the last of `runs` says why. Throws as
// ProgramOptions::validate.
ProgramCheck check_program(const ProgramCheckOptions& options);

}  // namespace etalon
