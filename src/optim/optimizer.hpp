// Update rules over one flat vector of parameters.
//
// An `Optimizer` owns its state (momenta), sized once at construction; `step` allocates nothing.
// State belongs to one training and one thread. Each rule's exact update stands in its own header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/optimizers.hpp"
#include "model/parameters.hpp"

namespace etalon {

// A field that stays empty takes the optimizer's default, of etalon/optimizers.hpp; one that the
// optimizer lacks must stay empty.
struct OptimizerOptions {
  std::string name = "sgd";              // of optimizers(), in any case
  std::optional<double> momentum{};      // in [0, 1); momentum, nesterov, rmsprop, lars, muon
  std::optional<double> beta1{};         // in [0, 1); adam, adamw, lamb, lion, muon
  std::optional<double> beta2{};         // in [0, 1); the same; α of rmsprop
  std::optional<double> eps{};           // in [1e-30, 1e30]; adam, adamw, rmsprop, lamb, muon
  std::optional<double> trust{};         // τ in [1e-30, 1e30]; lars
  std::optional<double> weight_decay{};  // λ in [0, 1e30]; see each optimizer for where it enters
  void validate() const;                 // throws InputError naming option, value and constraint
  const OptimizerInfo& info() const;     // throws InputError for a name that is none
  // Validated, the name as the table has it, and every field that the optimizer has set.
  OptimizerOptions with_defaults() const;
};

// What changes from step to step, as views into the optimizer: reading them saves it, writing them
// restores it bit for bit.
struct OptimizerState {
  std::vector<std::span<float>> vectors;
  std::int64_t* steps = nullptr;  // updates done; null where the update does not depend on it
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One update of `weights` along `diff_weights`, the gradient of the mean loss; equal sizes.
  virtual void step(float lr, std::span<const float> diff_weights, std::span<float> weights) = 0;

  virtual OptimizerState state() { return {}; }

  // Momentum (β1 in Adam's family) from the next step on, in [0, 1), as one-cycle schedules move
  // it. Without effect where the optimizer was made without momentum.
  virtual void set_momentum(double /*momentum*/) {}

  // Whether the update is weights -= lr · diff_weights and nothing else, so that a backward pass
  // may accumulate the scaled gradient straight into the weights.
  virtual bool is_plain_descent() const { return false; }
};

// For the parameters that `layout` describes. Throws InputError for an unknown name or an invalid
// option.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options,
                                          const ParameterLayout& layout);

}  // namespace etalon
