// A learning-rate schedule by name, to be fitted to the length of a training.
//
// The same options give every batch size its own schedule: warm-up, milestones and where a decay
// ends are durations, everything else is a share of the budget. docs/schedules.md lists the
// schedules and their settings; see etalon/schedule.hpp for each shape's equation and source.
//
// Options are plain values; the functions are pure and safe from any thread. Broken input throws
// `InputError`, which names the fields as they are named here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/schedule.hpp"

namespace etalon {

// An empty field takes its default. A field that the schedule lacks must stay empty.
struct ScheduleOptions {
  std::string name{};                    // one of all_schedule_names(); empty: constant
  std::optional<Duration> warmup{};      // from the start, up to η
  std::optional<double> warmup_start{};  // share of η where it starts, in [0, 1]; default 0
  std::string warmup_kind{};             // linear or constant; default linear
  std::vector<Duration> milestones{};    // of step, ascending, counted from the start
  std::optional<Duration> step_every{};  // of step, instead of milestones
  // Of step, at each milestone; of cyclical in mode exponential, in each cycle; in (0, 1];
  // default 0.1.
  std::optional<double> gamma{};
  // Where linear, polynomial, cosine, wsd and one-cycle end, counted from the start; default: with
  // the training.
  std::optional<Duration> decay_end{};
  // Of inverse-sqrt: the length over which η falls by √2; default: that of the warm-up.
  std::optional<Duration> decay_scale{};
  std::optional<double> plateau_factor{};          // in (0, 1); default 0.1
  std::optional<std::int64_t> plateau_patience{};  // evaluations, >= 0; default 2
  std::optional<double> plateau_threshold{};       // in [0, 1); default 1e-4
  std::optional<std::int64_t> plateau_cooldown{};  // evaluations, >= 0; default 0
  std::optional<double> decay_power{};             // of polynomial, > 0; default 2
  std::optional<double> decay_share{};             // of wsd, in (0, 1]; default 0.2
  std::string decay_form{};              // of wsd: linear, cosine or one-minus-sqrt; default linear
  std::optional<std::int64_t> cycles{};  // of warm-restarts and cyclical, >= 1; default 4
  std::optional<std::int64_t> cycle_growth{};  // of warm-restarts, >= 1; default 1
  std::string cycle_mode{};  // of cyclical: triangular, halving or exponential; default triangular
  // Share of η where a decay ends and where cycles turn, in [0, 1]; default 0. Of plateau: where it
  // stops falling.
  std::optional<double> floor{};

  void validate() const;

  // `name`, constant where it is empty.
  std::string_view schedule() const {
    return name.empty() ? std::string_view("constant") : std::string_view(name);
  }
  bool is_default() const { return schedule() == "constant" && !warmup; }
  // Follows the losses of its training, so that it is not fixed before.
  bool is_plateau() const { return name == "plateau"; }

  bool operator==(const ScheduleOptions&) const = default;
};

// constant, step, exponential, linear, polynomial, cosine, warm-restarts, wsd, one-cycle, cyclical,
// inverse-sqrt: those that are fixed before the training begins.
std::vector<std::string> schedule_names();

// The same and plateau.
std::vector<std::string> all_schedule_names();

// The name that ScheduleOptions knows, of one in any case, and of one that PyTorch or
// etalon/schedule.hpp uses: multi-step, warmup-stable-decay, reduce-on-plateau. Any other is given
// back.
std::string canonical_schedule(const std::string& name);

// The training that a schedule is fitted to. What is not known may stay empty as long as no length
// needs it.
struct TrainingLength {
  std::optional<double> steps{};  // > 0
  std::int64_t batch_size = 1;
  std::optional<std::int64_t> dataset_size{};  // examples
};

// The schedule in steps of such a training. The shape fills what the warm-up leaves and ends with
// the training or at `decay_end`; step and cyclical run beneath the warm-up, from the start.
// Throws InputError for a warm-up that leaves nothing, and for lengths that are not known.
Schedule fit_schedule(const ScheduleOptions& options, double lr, const TrainingLength& training);
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
