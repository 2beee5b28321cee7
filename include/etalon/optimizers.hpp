// What an optimizer is: its name, the fields it has with their defaults, and the properties that
// scaling rules, priors and searches ask for. The one table of them.
//
// Defaults are PyTorch's, those of lars, lamb, lion, adafactor and muon, which its version 1.13
// lacks, their authors'; momentum is 0.9 where the name says momentum. Constant data: safe from any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

enum class OptimizerFamily {
  sgd,
  momentum,
  nesterov,
  adam,
  adamw,
  rmsprop,
  lars,
  lamb,
  lion,
  adafactor,
  muon
};

// How the best learning rate moves with the batch size before anything is measured.
enum class UpdateKind {
  sgd,      // the step is the gradient, perhaps averaged or scaled by layers
  adaptive  // the gradient's length drops out: it is divided by a root of its mean square, say
};

std::string_view to_string(UpdateKind update);  // "sgd" or "adaptive"

struct OptimizerInfo {
  OptimizerFamily family;
  std::string_view name;  // "adamw"
  UpdateKind update;
  bool decoupled_decay;  // w ← w − ηλw apart from the gradient
  bool layerwise;        // scales η by each tensor's norm
  bool mean_square;      // divides by a root of an average of g², which Adam's scaling rules move
  double first_lr;       // where a search starts that knows nothing else
  // What a field is where none is given; empty: the optimizer lacks the field.
  std::optional<double> momentum{};  // m, in [0, 1)
  std::optional<double> beta1{};     // β1, in [0, 1)
  std::optional<double> beta2{};     // β2, in [0, 1); α of rmsprop; of lion's momentum
  std::optional<double> eps{};       // ε > 0, outside the root
  std::optional<double> trust{};     // τ > 0
  double weight_decay = 0.0;         // λ >= 0; every optimizer has one

  bool is_adaptive() const { return update == UpdateKind::adaptive; }
  // Whether somebody published how its learning rate moves with the batch size.
  bool has_published_rule() const { return !is_adaptive() || (mean_square && beta2); }
  // PyTorch's SGD takes a momentum and is then the one named momentum.
  bool takes_momentum() const { return momentum || family == OptimizerFamily::sgd; }
};

// In the order of OptimizerFamily.
std::span<const OptimizerInfo> optimizers();
std::vector<std::string> optimizer_names();  // in the same order

const OptimizerInfo& optimizer_info(OptimizerFamily family);

// By its name in any case; null for a name that is none.
const OptimizerInfo* find_optimizer(std::string_view name);

// The same; throws InputError listing the names.
OptimizerFamily parse_optimizer_family(std::string_view name);
std::string_view to_string(OptimizerFamily family);

}  // namespace etalon
