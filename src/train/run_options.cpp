#include "train/run_options.hpp"

#include <fmt/format.h>

#include <cmath>

#include "etalon/bounds.hpp"
#include "train/require.hpp"
#include "train/trainer.hpp"

namespace etalon {

void RunOptions::validate() const {
  training.validate();
  batch_schedule.validate();
  // A ramp's end may depend on the data, which are not loaded yet: see TrainingRun.
  TrainerOptions trainer{training.optimizer, batch_size, micro_batch, training.clipping,
                         training.ema};
  if (!batch_schedule.is_constant()) trainer.micro_batch = 0;
  trainer.validate();
  check_lr(lr);
  require(evaluations >= 1 && evaluations <= 1'000'000, "evaluations",
          static_cast<double>(evaluations), "in [1, 1000000]");
  require(points_per_evaluation >= 1 && points_per_evaluation <= 1'000'000 / evaluations,
          "points_per_evaluation", static_cast<double>(points_per_evaluation),
          "in [1, 1000000 / evaluations]");
  require(patience >= 0, "patience", static_cast<double>(patience), ">= 0");
  require(std::isfinite(min_delta) && min_delta >= 0.0, "min_delta", min_delta, "finite and >= 0");
}

std::vector<std::pair<std::string, std::string>> RunOptions::settings(
    const WorkloadInfo& info) const {
  auto all = info.settings;
  const auto add = [&](const char* name, auto value) {
    all.emplace_back(name, fmt::format("{}", value));
  };
  add("batch_size", batch_size);
  for (auto& setting : batch_schedule_settings(batch_schedule, batch_size, training.optimizer.name,
                                               info.examples_per_epoch)) {
    all.push_back(std::move(setting));
  }
  if (micro_batch > 0 || batch_schedule.is_constant()) {
    add("micro_batch", micro_batch == 0 ? batch_size : micro_batch);
  }
  add("lr", lr);
  add("seed", seed);
  add("evaluations", evaluations);
  add("patience", patience);
  add("min_delta", min_delta);
  return all;
}

}  // namespace etalon
