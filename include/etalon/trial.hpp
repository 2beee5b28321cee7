// A trial: one training at one batch size and learning rate, the word that every part of etalon
// shares.
//
// A `TrialSpec` says what to run, a `TrialState` what became of it, a `TrialResult` what came out,
// and an `Observation` is what the statistics need of that: batch size, learning rate, seed and
// loss. Values only; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/bounds.hpp"

namespace etalon {

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
  double lr = 0.0;              // learning rate, see bounds.hpp
  std::uint64_t seed = 0;       // replicate: initial weights and order of examples
  MovedSettings moved{};        // a workload refuses what it does not have

  auto operator<=>(const TrialSpec&) const = default;
};

enum class TrialState {
  pending,      // asked for or under way
  finished,     // ran to the end of the budget; it has a loss
  diverged,     // the loss ceased to be finite or left its ceiling: a result, bounding the optimum
  pruned,       // stopped on purpose before the end of the budget; its loss is of another budget
  failed,       // did not run properly (a crash, a full disk): says nothing about its settings
  interrupted,  // stopped by the caller before the end; never stored
};

// The words are part of the file formats.
std::string_view to_string(TrialState state);
std::optional<TrialState> parse_trial_state(std::string_view word);

// Whether the trial says something about its settings: it finished or diverged.
constexpr bool is_result(TrialState state) {
  return state == TrialState::finished || state == TrialState::diverged;
}

// One point of a training curve. Losses are means per example.
struct CurvePoint {
  std::int64_t step = 0;             // updates done
  std::int64_t examples = 0;         // examples seen, step * batch_size
  double epoch = 0.0;                // examples / size of the training set
  std::optional<double> train_loss;  // mean over the batches since the last point
  std::optional<double> validation_loss;
  std::optional<double> validation_accuracy;  // in [0, 1]

  bool operator==(const CurvePoint&) const = default;
};

struct TrialResult {
  TrialState state = TrialState::failed;
  std::optional<double> objective;            // minimized; set when `finished`
  std::optional<double> validation_accuracy;  // at the end of the budget, in [0, 1]
  // Mean per example of the final weights, averaged where they are, on training examples, where the
  // objective is the same loss on held-out ones; empty where it was not measured.
  std::optional<double> train_loss{};
  std::optional<std::int64_t> diverged_step;  // set when `diverged`
  std::string message;                        // set when `failed`; may say why it `diverged`
  std::int64_t steps = 0;                     // updates done
  double wall_seconds = 0.0;
  std::vector<CurvePoint> curve;
};

// What a trial that is a result says to the statistics.
struct Observation {
  double batch_size = 0.0;            // see bounds.hpp
  double lr = 0.0;                    // see bounds.hpp
  std::optional<std::uint64_t> seed;  // replicate; empty: not known, paired with no other
  std::optional<double> loss;         // empty or outside bounds.hpp: it diverged; ask `diverged()`

  bool diverged() const { return !loss || !is_valid_loss(*loss); }
};

}  // namespace etalon
