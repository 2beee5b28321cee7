// A learning-rate schedule by name, to be fitted to the length of a training.
//
// The same options give every batch size of a study its own schedule: warm-up and milestones are
// durations, everything else a share of the budget. See include/etalon/schedule.hpp for each
// shape's equation and source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/schedule.hpp"

namespace etalon {

struct ScheduleOptions {
  std::string name = "constant";     // one of schedule_names()
  std::optional<Duration> warmup{};  // up to η
  double warmup_start = 0.0;         // share of η where it starts, in [0, 1]
  WarmupKind warmup_kind = WarmupKind::linear;
  std::vector<Duration> milestones{};    // of step, ascending, counted from the start
  std::optional<Duration> step_every{};  // of step, instead of milestones
  // Where linear, polynomial, cosine, wsd and one-cycle end, counted from the start; default: with
  // the training.
  std::optional<Duration> decay_end{};
  double gamma = 0.1;       // of step, at each milestone; of exponential cycles, in each; in (0, 1]
  double power = 2.0;       // of polynomial, > 0
  double floor = 0.0;       // share of η where a decay ends, in [0, 1]; see each shape
  std::int64_t cycles = 4;  // of warm-restarts and cyclical, >= 1
  std::int64_t cycle_growth = 1;  // of warm-restarts: each cycle's length over the last's, >= 1
  CycleMode cycle_mode = CycleMode::triangular;  // of cyclical
  double decay_share = 0.2;  // of wsd: the part of the budget that decays, in (0, 1]
  DecayForm decay_form = DecayForm::linear;  // of wsd
  // Of plateau; its lr and min_lr come from the training's η and from `floor`.
  PlateauOptions plateau{.patience = 2};

  void validate() const;
  bool is_default() const { return name == "constant" && !warmup; }
  bool is_plateau() const { return name == "plateau"; }
};

// constant, step, exponential, linear, polynomial, cosine, warm-restarts, wsd, one-cycle, cyclical:
// those that are fixed before the training begins. `plateau` follows its validation losses.
std::vector<std::string> schedule_names();

// The name that the rest of these functions know, of one that PyTorch or etalon/schedule.hpp uses:
// multi-step, warmup-stable-decay, reduce-on-plateau.
std::string canonical_schedule(const std::string& name);

// The schedule in steps of a training of `steps` steps. The shape fills what the warm-up leaves and
// ends with the training or at `decay_end`; step and cyclical run beneath the warm-up, from the
// start.
// Throws InputError for a warm-up that leaves nothing.
Schedule fit_schedule(const ScheduleOptions& options, double lr, std::int64_t steps,
                      std::int64_t batch_size, std::int64_t dataset_size);

// The same in examples of a training of `examples`, where the batch size changes on the way.
// Refuses durations in steps.
Schedule fit_schedule_in_examples(const ScheduleOptions& options, double lr, std::int64_t examples,
                                  std::int64_t dataset_size);

// What lowers the peak of the schedule that `fit_schedule` gives for plateau, which is constant
// after its warm-up.
PlateauOptions plateau_options(const ScheduleOptions& options, double lr);

// Every option that counts, by name, for fingerprints and results.
std::vector<std::pair<std::string, std::string>> schedule_settings(const ScheduleOptions& options);

}  // namespace etalon
