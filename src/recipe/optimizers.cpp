#include "etalon/optimizers.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "core/choice.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr double kFirstLrOfSgd = 0.1;         // as torchvision's and most published recipes of SGD
constexpr double kFirstLrOfAdaptive = 0.001;  // Adam's default
constexpr double kFirstLrOfLion = 1e-4;       // its authors' default

// In the order of OptimizerFamily.
constexpr std::array<OptimizerInfo, 11> kOptimizers = {{
    {.family = OptimizerFamily::sgd,
     .name = "sgd",
     .update = UpdateKind::sgd,
     .decoupled_decay = false,
     .layerwise = false,
     .mean_square = false,
     .first_lr = kFirstLrOfSgd},
    {.family = OptimizerFamily::momentum,
     .name = "momentum",
     .update = UpdateKind::sgd,
     .decoupled_decay = false,
     .layerwise = false,
     .mean_square = false,
     .first_lr = kFirstLrOfSgd,
     .momentum = 0.9},
    {.family = OptimizerFamily::nesterov,
     .name = "nesterov",
     .update = UpdateKind::sgd,
     .decoupled_decay = false,
     .layerwise = false,
     .mean_square = false,
     .first_lr = kFirstLrOfSgd,
     .momentum = 0.9},
    {.family = OptimizerFamily::adam,
     .name = "adam",
     .update = UpdateKind::adaptive,
     .decoupled_decay = false,
     .layerwise = false,
     .mean_square = true,
     .first_lr = kFirstLrOfAdaptive,
     .beta1 = 0.9,
     .beta2 = 0.999,
     .eps = 1e-8},
    {.family = OptimizerFamily::adamw,
     .name = "adamw",
     .update = UpdateKind::adaptive,
     .decoupled_decay = true,
     .layerwise = false,
     .mean_square = true,
     .first_lr = kFirstLrOfAdaptive,
     .beta1 = 0.9,
     .beta2 = 0.999,
     .eps = 1e-8,
     .weight_decay = 0.01},
    {.family = OptimizerFamily::rmsprop,
     .name = "rmsprop",
     .update = UpdateKind::adaptive,
     .decoupled_decay = false,
     .layerwise = false,
     .mean_square = true,
     .first_lr = kFirstLrOfAdaptive,
     .momentum = 0.0,
     .beta2 = 0.99,
     .eps = 1e-8},
    {.family = OptimizerFamily::lars,
     .name = "lars",
     .update = UpdateKind::sgd,
     .decoupled_decay = false,
     .layerwise = true,
     .mean_square = false,
     .first_lr = kFirstLrOfSgd,
     .momentum = 0.9,
     .trust = 1e-3},
    {.family = OptimizerFamily::lamb,
     .name = "lamb",
     .update = UpdateKind::adaptive,
     .decoupled_decay = false,
     .layerwise = true,
     .mean_square = true,
     .first_lr = kFirstLrOfAdaptive,
     .beta1 = 0.9,
     .beta2 = 0.999,
     .eps = 1e-6},
    {.family = OptimizerFamily::lion,
     .name = "lion",
     .update = UpdateKind::adaptive,
     .decoupled_decay = true,
     .layerwise = false,
     .mean_square = false,
     .first_lr = kFirstLrOfLion,
     .beta1 = 0.9,
     .beta2 = 0.99},
    {.family = OptimizerFamily::adafactor,
     .name = "adafactor",
     .update = UpdateKind::adaptive,
     .decoupled_decay = true,
     .layerwise = false,
     .mean_square = true,
     .first_lr = kFirstLrOfAdaptive},
    {.family = OptimizerFamily::muon,
     .name = "muon",
     .update = UpdateKind::adaptive,
     .decoupled_decay = true,
     .layerwise = false,
     .mean_square = false,
     .first_lr = kFirstLrOfAdaptive,
     .momentum = 0.95,
     .beta1 = 0.9,
     .beta2 = 0.95,
     .eps = 1e-8,
     .weight_decay = 0.1},
}};

}  // namespace

std::string_view to_string(UpdateKind update) {
  return update == UpdateKind::sgd ? "sgd" : "adaptive";
}

std::span<const OptimizerInfo> optimizers() { return kOptimizers; }

const OptimizerInfo& optimizer_info(OptimizerFamily family) {
  return kOptimizers.at(static_cast<std::size_t>(family));
}

const OptimizerInfo* find_optimizer(std::string_view name) {
  for (const OptimizerInfo& info : kOptimizers) {
    if (equal_in_any_case(info.name, name)) return &info;
  }
  return nullptr;
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kOptimizers));
  for (const OptimizerInfo& info : kOptimizers) names.emplace_back(info.name);
  return names;
}

OptimizerFamily parse_optimizer_family(std::string_view name) {
  if (const OptimizerInfo* info = find_optimizer(name)) return info->family;
  throw InputError(fmt::format("there is no optimizer '{}'", name), "",
                   choose_instead(name, optimizer_names()));
}

std::string_view to_string(OptimizerFamily family) { return optimizer_info(family).name; }

}  // namespace etalon
