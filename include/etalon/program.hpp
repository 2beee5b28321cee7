// Any program as a trial: a command with places for the batch size, the learning rate and the seed,
// run in a process of its own, and read while it runs.
//
//   etalon::ProgramOptions options;
//   options.command = {"python3", "train.py", "--batch-size={batch_size}", "--lr={lr}"};
//   options.metric = "val_loss";
//   options.directory = "study/trials";
//   etalon::ProgramRunner runner(options);
//
// Placeholders: {batch_size} {lr} {seed} {steps} {epochs} {examples} {trial} {out} {config}
// {micro_batch_size} {grad_accum} {momentum} {beta1} {beta2} {eps} {weight_decay} {warmup_steps};
// {{ and }} are braces. They may stand in arguments, in the values of environment variables and in
// the template of a configuration file. No shell reads any of them. {momentum} to {weight_decay}
// are what the trial moves, else those of `settings`; what has no value is refused. Of a program
// whose learning rate rises while it runs, {lr_min} and {lr_max} stand in place of {lr}.
//
// A program prints its metric on stdout or stderr, in whatever form, or writes it to files (see
// docs/programs.md), and ends with exit code 0. The trial's loss is the last value. Linux.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "etalon/runner.hpp"

namespace etalon {

enum class MetricDirection { minimize, maximize };

// A place where one trial at a time runs, as the environment that is its own, such as
// CUDA_VISIBLE_DEVICES=0.
using Slot = std::vector<std::pair<std::string, std::string>>;

// The ends of a learning rate that rises within a run.
struct RisingLr {
  double lowest = 0.0, highest = 0.0;
};

struct ProgramOptions {
  std::vector<std::string> command;  // the program, looked for on PATH, and its arguments
  std::vector<std::pair<std::string, std::string>> environment{};  // set besides what is inherited
  std::vector<std::string> unset{};  // variables taken out; '*' at the end: all that begin so
  std::filesystem::path config{};    // template whose filled copy is {config}; empty: none

  std::string metric;                          // the name that is printed
  std::optional<MetricDirection> direction{};  // default: what the name says, else minimize

  // A loss above so many times its first value, where that is above 0, has diverged; > 1. Empty:
  // only one that is not finite has. A metric that is maximized has no such bound.
  std::optional<double> diverged_above{10.0};

  // Where the metric is: a file, or a directory of files, with placeholders, {out} or {trial} among
  // them, followed while it grows. Empty: what is printed, and CSV files, JSON lines and event
  // files below {out}.
  std::string metric_file{};
  // A regular expression with named groups that is searched for in lines, in place of the usual
  // forms: (?<metric>...) is the metric, and another name a number of that name. Empty: none.
  std::string pattern{};

  // What a trial may spend, handed through; steps may be given as examples / batch size, rounded
  // up. Each >= 1; at most one of steps and examples.
  std::optional<std::int64_t> steps{}, examples{}, epochs{};
  // {lr_min} and {lr_max}, which take the place of {lr}; empty: each trial has one learning rate.
  std::optional<RisingLr> rising_lr{};
  // The program's own settings, where a trial moves them not; and {warmup_steps} by batch size.
  MovedSettings settings{};
  std::map<std::int64_t, std::int64_t> warmup_steps{};  // >= 1
  // Examples in one forward pass of one of `replicas` processes: {grad_accum} passes make a step.
  std::optional<std::int64_t> micro_batch_size{};  // >= 1
  std::int64_t replicas = 1;                       // >= 1

  std::chrono::milliseconds grace{10'000};           // from asking to stop to killing, >= 0
  std::optional<std::chrono::milliseconds> limit{};  // of one attempt's time, > 0
  std::vector<Slot> slots{{}};                       // at least one

  std::filesystem::path directory;  // of the attempts, one directory each; made where needed
  // Names the study that the attempts are of: one of the same study and command that had ended well
  // when the study was killed counts, and is not run again.
  std::string study{};
  // What supervises an attempt, with the attempt's directory as its last argument.
  std::vector<std::string> supervisor{"etalon", "supervise"};

  // Throws InputError naming field, value and constraint, also for a placeholder that is unknown or
  // has no value, or a command in which batch size or learning rate have no place.
  void validate() const;
  // Throws InputError where a batch size is no multiple of what one pass of all replicas takes, or
  // above `examples`.
  void check_batch_size(std::int64_t batch_size) const;
  // Throws InputError for a placeholder to which a trial that moves nothing but batch size,
  // learning rate and seed gives no value.
  void check_values() const;
  // Whether a trial's seed makes any difference to what is run.
  bool has_seed() const;
  // The placeholders that are anywhere.
  std::set<std::string> places() const;
  // Whether this one is written anywhere, in settings that may be wrong otherwise.
  bool mentions(const std::string& place) const;
  // The template of the configuration file; empty: there is none. Throws InputError.
  std::string config_text() const;
  // Examples in one pass of all replicas.
  std::int64_t pass_size() const;
};

// What the study of this program is, for its fingerprint, its report and its resumption.
WorkloadInfo program_workload(const ProgramOptions& options);

// Runs trials as processes, one in each slot. A trial is finished with the last value of its
// metric, or with its negative where it is maximized; diverged where that ceased to be finite, or
// went above `diverged_above` times its first value, which its message then says; failed with
// the end of what it printed where it did not exit with 0, ran too long or printed no metric. Where
// the first trials end well without the metric, no trial can run: the names that were printed are
// said.
class ProgramRunner final : public TrialRunner {
 public:
  explicit ProgramRunner(const ProgramOptions& options);
  ~ProgramRunner() override;

  std::int64_t slots() const override;
  void start(std::int64_t trial, const TrialSpec& spec) override;
  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) override;
  void abort(std::int64_t trial) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// What is put in front of the message of a trial that failed, so that it can be told apart.
enum class FailureKind { error, out_of_memory, timed_out, no_metric };
FailureKind failure_kind(const TrialResult& failed);

}  // namespace etalon
