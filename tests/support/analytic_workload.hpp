// A workload that is a formula with seeded noise, so that whole studies run in milliseconds and the
// exact optimum is known.
#pragma once

#include <atomic>
#include <cmath>
#include <functional>
#include <utility>

#include "core/random.hpp"
#include "etalon/workload.hpp"

namespace etalon::testing {

class AnalyticWorkload : public Workload {
 public:
  // An infinite or undefined loss is divergence.
  using Loss = std::function<double(double batch_size, double lr)>;

  explicit AnalyticWorkload(Loss loss, double seed_deviation = 0.01,
                            double residual_deviation = 0.003)
      : loss_(std::move(loss)),
        seed_deviation_(seed_deviation),
        residual_deviation_(residual_deviation) {}
  AnalyticWorkload(const AnalyticWorkload& other)
      : AnalyticWorkload(other.loss_, other.seed_deviation_, other.residual_deviation_) {}

  WorkloadInfo info() const override {
    WorkloadInfo info;
    info.name = "analytic";
    info.objective_name = "loss";
    return info;
  }

  TrialResult run(const TrialSpec& spec, TrialMonitor&) const override {
    ++runs_;
    TrialResult result;
    const double loss = loss_(static_cast<double>(spec.batch_size), spec.lr);
    if (!std::isfinite(loss)) {
      result.state = TrialState::diverged;
      result.diverged_step = 1;
      return result;
    }
    const auto batch_size = static_cast<std::uint64_t>(spec.batch_size);
    RandomStream offset(spec.seed * 1000003 + batch_size, "offset");
    RandomStream residual(std::hash<double>{}(spec.lr) ^ (spec.seed * 1000003 + batch_size),
                          "residual");
    result.state = TrialState::finished;
    result.objective =
        loss + seed_deviation_ * offset.normal() + residual_deviation_ * residual.normal();
    return result;
  }

  int runs() const { return runs_; }

 private:
  Loss loss_;
  double seed_deviation_;
  double residual_deviation_;
  mutable std::atomic<int> runs_ = 0;
};

}  // namespace etalon::testing
