// A batch-size schedule by name, to be fitted to a training.
//
// The training's batch size is the one that its learning rate was written for; the schedule goes
// from `start` to `end`, and the learning rate follows by `rule`. See etalon/batch_schedule.hpp for
// each form's equation and source. An error names a field with its training's prefix:
// `batch_start`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/batch_schedule.hpp"

namespace etalon {

struct BatchScheduleOptions {
  std::string name = "constant";           // one of batch_schedule_names()
  std::optional<std::int64_t> start{};     // >= 1; default: the training's batch size
  std::optional<std::int64_t> end{};       // >= start; see batch_end
  std::vector<Duration> milestones{};      // of step, in epochs or examples, ascending
  double factor = 5.0;                     // of step: q > 1, as Smith et al. take it on CIFAR-10
  std::optional<Duration> length{};        // of linear, in epochs or examples; default: the budget
  std::optional<std::int64_t> multiple{};  // of linear and noise, >= 1; default: `start`
  double fraction = 1.0;                   // of noise: B over the noise scale, > 0
  std::optional<BatchLrRule> rule{};       // see batch_rule

  void validate() const;
  bool is_constant() const { return name == "constant"; }
};

// constant, step, linear, noise.
std::vector<std::string> batch_schedule_names();

// "fixed", "sqrt" or "linear"; throws InputError for anything else.
BatchLrRule parse_batch_rule(const std::string& name);
std::string to_string(BatchLrRule rule);

// The rule asked for; otherwise fixed for step, whose growth is the decay, linear for SGD with or
// without momentum, and sqrt for the other optimizers.
BatchLrRule batch_rule(const BatchScheduleOptions& options, const std::string& optimizer);

// The largest batch size: the one asked for; otherwise a tenth of the data for step, where its
// source stops, and for linear and noise the training's batch size.
std::int64_t batch_end(const BatchScheduleOptions& options, std::int64_t batch_size,
                       std::int64_t dataset_size);

// The schedule of a training of `examples`. Throws InputError for one that goes nowhere.
BatchSchedule fit_batch_schedule(const BatchScheduleOptions& options, std::int64_t batch_size,
                                 std::int64_t examples, std::int64_t dataset_size);

// Every option that counts, by name; none where the batch size is constant.
std::vector<std::pair<std::string, std::string>> batch_schedule_settings(
    const BatchScheduleOptions& options, std::int64_t batch_size, const std::string& optimizer,
    std::int64_t dataset_size);

}  // namespace etalon
