// Update rules over one flat vector of parameters.
//
// An `Optimizer` owns its state (momenta), sized once at construction; `step` allocates nothing.
// State belongs to one training and one thread. Each rule's exact update stands in its own header.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace etalon {

struct OptimizerOptions {
  std::string name = "sgd";   // sgd, momentum, nesterov, adamw
  double momentum = 0.9;      // of momentum and nesterov, in [0, 1)
  double beta1 = 0.9;         // of adamw, in [0, 1)
  double beta2 = 0.999;       // of adamw, in [0, 1)
  double eps = 1e-8;          // of adamw, > 0
  double weight_decay = 0.0;  // >= 0; added to the gradient, but decoupled in adamw
  void validate() const;      // throws InputError naming option, value and constraint
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One update of `weights` along `diff_weights`, the gradient of the mean loss; equal sizes.
  virtual void step(float lr, std::span<const float> diff_weights, std::span<float> weights) = 0;

  // Whether the update is weights -= lr · diff_weights and nothing else, so that a backward pass
  // may accumulate the scaled gradient straight into the weights.
  virtual bool is_plain_descent() const { return false; }
};

std::vector<std::string> optimizer_names();

// For `size` parameters. Throws InputError for an unknown name or an invalid option.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::size_t size);

}  // namespace etalon
