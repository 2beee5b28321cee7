#include "scaling/optimizer_family.hpp"

#include <fmt/format.h>

#include <array>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::nullopt_t kNone = std::nullopt;

// In the order of OptimizerFamily. Defaults are PyTorch's, those of lars and lamb their papers'.
constexpr std::array<OptimizerFields, 8> kFamilies = {{
    {"sgd", true, false, false, false, false, false, false, kNone, kNone, kNone, kNone, kNone},
    {"momentum", true, false, false, false, false, false, false, 0.9, kNone, kNone, kNone, kNone},
    {"nesterov", true, false, false, false, false, false, false, 0.9, kNone, kNone, kNone, kNone},
    {"adam", false, true, true, true, false, true, false, kNone, 0.9, 0.999, 1e-8, kNone},
    {"adamw", false, true, true, true, true, true, false, kNone, 0.9, 0.999, 1e-8, 0.01},
    {"rmsprop", true, false, true, true, false, true, false, kNone, kNone, 0.99, 1e-8, kNone},
    {"lars", true, false, false, false, false, false, true, 0.9, kNone, kNone, kNone, kNone},
    {"lamb", false, true, true, true, false, true, true, kNone, 0.9, 0.999, 1e-6, kNone},
}};

}  // namespace

const OptimizerFields& optimizer_fields(OptimizerFamily family) {
  return kFamilies.at(static_cast<std::size_t>(family));
}

OptimizerFamily parse_optimizer_family(std::string_view name) {
  std::string names;
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (kFamilies[i].name == name) return static_cast<OptimizerFamily>(i);
    names += names.empty() ? "" : ", ";
    names += kFamilies[i].name;
  }
  throw InputError(fmt::format("there is no optimizer '{}'", name), "",
                   fmt::format("use one of {}", names));
}

std::string_view to_string(OptimizerFamily family) { return optimizer_fields(family).name; }

std::vector<std::string> fill_defaults(Recipe& recipe) {
  const OptimizerFields& fields = optimizer_fields(recipe.optimizer);
  std::vector<std::string> filled;
  const auto fill = [&](const char* name, std::optional<double>& value,
                        const std::optional<double>& standard) {
    if (value || !standard) return;
    value = standard;
    filled.emplace_back(name);
  };
  fill("momentum", recipe.momentum, fields.momentum);
  fill("beta1", recipe.beta1, fields.beta1);
  fill("beta2", recipe.beta2, fields.beta2);
  fill("eps", recipe.eps, fields.eps);
  fill("weight_decay", recipe.weight_decay, fields.weight_decay);
  if ((!recipe.milestones.empty() || recipe.step_every) && recipe.schedule.empty()) {
    recipe.schedule = "step";
    filled.emplace_back("schedule");
  }
  return filled;
}

}  // namespace etalon
