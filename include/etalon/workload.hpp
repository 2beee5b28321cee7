// What a trial runs: the seam between the study and the thing being studied.
//
// A `Workload` turns (batch size, learning rate, seed) into a loss at the end of a fixed budget; a
// trial may also move some of the optimizer's other settings, as scaling rules do.
// The planner, the storage, the statistics and the report know nothing else about it, so it may
// train a network in this process, launch a program, or evaluate a formula.
//
// Invariants: the result of a trial depends only on its `TrialSpec` and on the workload's settings,
// never on timing or on other trials. Trials with the same seed and batch size start from the same
// weights and see the same examples in the same order, whatever their learning rate, so that their
// losses can be compared in pairs. `run` is called from several threads at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace etalon {

// Asks running work to stop soon. Lock-free, so a signal handler may call `request`.
class StopFlag {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

// What a trial moves besides the learning rate; empty: the workload's own setting.
struct MovedSettings {
  std::optional<double> momentum{};      // in [0, 1)
  std::optional<double> beta1{};         // in [0, 1)
  std::optional<double> beta2{};         // in [0, 1)
  std::optional<double> eps{};           // > 0
  std::optional<double> weight_decay{};  // >= 0
  std::optional<double> ema{};           // decay per step of an average of the weights, in [0, 1)

  bool any() const { return *this != MovedSettings{}; }
  auto operator<=>(const MovedSettings&) const = default;
};

struct NamedSetting {
  std::string_view name;
  std::optional<double> MovedSettings::*value;
};

// In the order of the struct; the names are part of the file formats.
inline constexpr std::array<NamedSetting, 6> kMovableSettings = {{
    {"momentum", &MovedSettings::momentum},
    {"beta1", &MovedSettings::beta1},
    {"beta2", &MovedSettings::beta2},
    {"eps", &MovedSettings::eps},
    {"weight_decay", &MovedSettings::weight_decay},
    {"ema", &MovedSettings::ema},
}};

// One point of the grid, replicated by seed.
struct TrialSpec {
  std::int64_t batch_size = 0;  // examples that one update averages over, >= 1
  double lr = 0.0;              // learning rate, finite, > 0
  std::uint64_t seed = 0;       // replicate: initial weights and order of examples
  MovedSettings moved{};        // a workload refuses what it does not have

  auto operator<=>(const TrialSpec&) const = default;
};

enum class TrialState {
  finished,     // ran to the end of the budget; `objective` is set
  diverged,     // the loss ceased to be finite or left its ceiling: a result, bounding the optimum
  failed,       // did not run properly (a crash, a full disk); `message` says why
  interrupted,  // stopped by the caller before the end; never stored
};

// One point of a training curve. Losses are means per example.
struct CurvePoint {
  std::int64_t step = 0;             // updates done
  std::int64_t examples = 0;         // examples seen, step * batch_size
  double epoch = 0.0;                // examples / size of the training set
  std::optional<double> train_loss;  // mean over the batches since the last point
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;  // in [0, 1]
};

struct TrialResult {
  TrialState state = TrialState::failed;
  std::optional<double> objective;            // minimized; set when `finished`
  std::optional<double> validation_accuracy;  // at the end of the budget, in [0, 1]
  std::optional<std::int64_t> diverged_step;  // set when `diverged`
  std::string message;                        // set when `failed`
  std::int64_t steps = 0;                     // updates done
  double wall_seconds = 0.0;
  std::vector<CurvePoint> curve;
};

// What a workload is, for the storage's fingerprint, the report and the reproduction command.
struct WorkloadInfo {
  std::string name;            // "fashion-mnist mlp:128 sgd"
  std::string objective_name;  // "validation loss"
  std::int64_t examples_per_epoch = 0;
  std::int64_t budget_examples = 0;  // what every trial may spend
  // Every setting that changes a result, as text, in a fixed order: dataset, model, optimizer, ...
  // Two workloads with equal settings give equal trials.
  std::vector<std::pair<std::string, std::string>> settings;
};

class Workload {
 public:
  virtual ~Workload() = default;
  virtual WorkloadInfo info() const = 0;
  // Runs one trial to the end of the budget. Thread-safe. Throws `Error` only when no trial of this
  // workload could run; a trial that fails by itself returns `TrialState::failed`.
  virtual TrialResult run(const TrialSpec& spec, const StopFlag& stop) const = 0;
};

}  // namespace etalon
