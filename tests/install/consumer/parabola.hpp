// A training of somebody else's: loss = (ln(lr / best))² with the best learning rate proportional
// to the batch size.
#pragma once

#include <cmath>
#include <etalon/workload.hpp>

class Parabola : public etalon::Workload {
 public:
  etalon::WorkloadInfo info() const override {
    return {.name = "parabola",
            .objective_name = "loss",
            .examples_per_epoch = 1000,
            .budget_examples = 1000,
            .settings = {{"workload", "parabola"}}};
  }
  etalon::TrialResult run(const etalon::TrialSpec& spec, etalon::TrialMonitor&) const override {
    const double best = 0.01 * static_cast<double>(spec.batch_size);
    etalon::TrialResult result;
    result.state = etalon::TrialState::finished;
    result.objective = 0.1 * std::pow(std::log(spec.lr / best), 2) +
                       1e-4 * std::sin(1e4 * spec.lr + static_cast<double>(spec.seed));
    return result;
  }
};
