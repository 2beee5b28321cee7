// Trials as jobs of a cluster, by Slurm's own commands: sbatch, squeue and scancel.
//
// What is true of a trial stands in its attempt's directory, which the nodes share with the study;
// squeue says only whether a job lives, and accounting is not needed. A job may be preempted and
// start again: it then counts as its last start ended, and not as failed. The study's process may
// die and come back: it finds its jobs by their comment, and collects what they did. slurmctld may
// be away for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/program.hpp"

namespace etalon {

struct SlurmOptions {
  // The program. Its supervisor's command and its directory must be the same on all nodes; its
  // slots do not matter, for Slurm gives every job what it asks for. Its study's name must be
  // given.
  ProgramOptions program;
  std::vector<std::string> options{};  // for sbatch, "--partition=gpu" or "partition=gpu"
  std::int64_t jobs = 8;               // in the queue at once, in [1, 1000]
  // How long to go on while Slurm's commands fail, > 0.
  std::chrono::milliseconds patience = std::chrono::hours(24);
  // How late a file of a node may be seen here, >= 0.
  std::chrono::milliseconds file_delay{20'000};
  // Told what to know of: that Slurm does not answer, and that it does again. May be empty.
  std::function<void(std::string_view message)> say{};

  // Throws as ProgramOptions; InputError for an option that is the runner's own.
  void validate() const;
  // The same of `jobs` and `options` alone.
  void validate_jobs() const;
};

// Runs trials as jobs, those that are ready together as an array. Results are those of
// ProgramRunner. A job that was ended from outside has failed, unless Slurm took it back to run it
// later, or took its node away: it is then submitted anew. RunError where sbatch refuses the first
// job, or Slurm does not answer for longer than the patience.
class SlurmRunner final : public TrialRunner {
 public:
  explicit SlurmRunner(const SlurmOptions& options);
  ~SlurmRunner() override;  // cancels its jobs

  std::int64_t slots() const override;
  void start(std::int64_t trial, const TrialSpec& spec) override;
  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) override;
  void abort(std::int64_t trial) override;
  void end_earlier(std::int64_t trial) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// What supervises an attempt on a node of the allocation that this process runs in, as a step of
// its job, given what does so here.
std::vector<std::string> supervisor_in_step(const std::vector<std::string>& supervisor,
                                            const std::vector<std::string>& srun_options);
// How many tasks the allocation that this process runs in has room for. Throws InputError where
// there is none.
std::int64_t tasks_of_allocation();

}  // namespace etalon
