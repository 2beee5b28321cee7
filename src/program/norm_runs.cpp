#include "program/norm_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// So low that no step of any optimizer changes a weight in single precision.
constexpr double kVanishingLr = 1e-12;
constexpr std::size_t kLeastNorms = 2;  // their spread is the error
constexpr std::chrono::milliseconds kPatience(100);

class NormRuns {
 public:
  NormRuns(const NormRunOptions& options, const OnNorm& on_norm)
      : options_(options), on_norm_(on_norm), runner_(options.program) {
    for (const std::int64_t batch_size : options.batch_sizes) runs_.push_back({batch_size, {}});
  }

  std::optional<std::vector<NormsOfRun>> run(const StopFlag& stop) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      runner_.start(static_cast<std::int64_t>(i) + 1,
                    {runs_[i].batch_size, kVanishingLr, options_.seed});
    }
    while (ended_ < runs_.size()) {
      if (stop.requested()) return std::nullopt;
      if (const auto event = runner_.wait(kPatience)) hear(*event);
    }
    return std::move(runs_);
  }

 private:
  void hear(const TrialEvent& event) {
    NormsOfRun& run = runs_[static_cast<std::size_t>(event.trial - 1)];
    if (const auto* point = std::get_if<CurvePoint>(&event.what)) {
      if (point->validation_loss) take(run, event.trial, *point->validation_loss);
    } else if (const auto* result = std::get_if<TrialResult>(&event.what)) {
      ++ended_;
      check_end(run, *result);
    } else {
      throw std::get<InputError>(event.what);
    }
  }

  void take(NormsOfRun& run, std::int64_t trial, double norm) {
    if (is_enough(run)) return;
    run.norms.push_back(norm);
    on_norm_(run);
    if (is_enough(run)) runner_.abort(trial);
  }

  bool is_enough(const NormsOfRun& run) const { return std::ssize(run.norms) >= options_.count; }

  void check_end(const NormsOfRun& run, const TrialResult& result) const {
    if (is_enough(run)) return;
    if (result.state == TrialState::diverged) {
      throw InputError(
          fmt::format("the gradient norm at batch size {} is {}", run.batch_size, result.message),
          "", "turn a loss scale off, and start from weights at which nothing overflows");
    }
    if (result.state == TrialState::failed) {
      throw RunError(
          fmt::format("the run at batch size {} failed: {}", run.batch_size, result.message), "",
          "mend what it says; what it printed is kept");
    }
    if (run.norms.size() >= kLeastNorms) return;
    throw RunError(fmt::format("the run at batch size {} printed '{}' {}, and two are the least",
                               run.batch_size, shortened(options_.program.metric),
                               run.norms.empty() ? "never" : "once"),
                   "", "print it at every step");
  }

  const NormRunOptions& options_;
  const OnNorm& on_norm_;
  ProgramRunner runner_;
  std::vector<NormsOfRun> runs_;
  std::size_t ended_ = 0;
};

}  // namespace

void NormRunOptions::validate() const {
  const std::set<std::int64_t> distinct(batch_sizes.begin(), batch_sizes.end());
  if (distinct.size() != batch_sizes.size() || distinct.size() < 2) {
    throw InputError(
        fmt::format("{} {}", field_name("batch_sizes"),
                    distinct.size() < 2 ? "names fewer than two" : "names one of them twice"),
        "", "name two or more, eight times apart or so: how norms fall between them is the noise");
  }
  if (count < static_cast<std::int64_t>(kLeastNorms)) {
    throw InputError(fmt::format("{} is {}", field_name("count"), count), "",
                     "it must be 2 or more: their spread is the error");
  }
  program.validate();
  program.check_values();
  for (const std::int64_t each : batch_sizes) {
    check_batch_size(static_cast<double>(each), "batch_sizes");
    program.check_batch_size(each);
  }
}

std::optional<std::vector<NormsOfRun>> run_for_norms(const NormRunOptions& options,
                                                     const OnNorm& on_norm, const StopFlag& stop) {
  options.validate();
  return NormRuns(options, on_norm).run(stop);
}

}  // namespace etalon
