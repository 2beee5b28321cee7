// The noisy quadratic as a workload: SGD on it, update by update, with the noise of a seed. A study
// of it can be held against the closed form (quadratic.hpp).
//
// Every trial starts at θ_i = √A0_i. The noise of an update is normal; its stream is determined by
// seed and batch size alone, so that trials of one seed see the same noise at every learning rate.
// The loss is the exact ½ Σ hθ² of where the trial is. A trial diverges as any other training does:
// the loss is not finite, or ends above that of the start.
//
// Immutable after construction and shared by all threads. A trial takes about 20 ns for each
// coordinate and update.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/quadratic.hpp"
#include "etalon/workload.hpp"

namespace etalon {

struct QuadraticOptions {
  std::string model = "quadratic:300";  // as parse_quadratic takes it
  std::optional<double> momentum{};     // in [0, 1); empty: plain SGD
  // What every trial may spend, in [1, 1e12]; steps count where they are > 0.
  std::int64_t budget_examples = 65536;
  std::int64_t budget_steps = 0;
  std::int64_t points = 24;  // of a trial's curve, besides its start, >= 1; changes no loss
  void validate() const;     // throws InputError naming field, value and constraint
  // The whole updates that fit into the budget.
  std::int64_t steps_at(std::int64_t batch_size) const;
};

class QuadraticWorkload final : public Workload {
 public:
  // Throws InputError for a bad option or model.
  explicit QuadraticWorkload(QuadraticOptions options);
  // Throws InputError unless one batch of this size fits into the budget.
  void check_batch_size(std::int64_t batch_size) const;
  WorkloadInfo info() const override;
  // Throws InputError where the trial moves anything but the momentum, and as check_batch_size.
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override;

 private:
  QuadraticOptions options_;
  NoisyQuadratic model_;
};

// The options of a workload out of its settings, `WorkloadInfo::settings`; nothing where they are
// not those of a quadratic.
std::optional<QuadraticOptions> quadratic_options(
    const std::vector<std::pair<std::string, std::string>>& settings);

}  // namespace etalon
