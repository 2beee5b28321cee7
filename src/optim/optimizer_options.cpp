#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "etalon/error.hpp"
#include "optim/optimizer.hpp"

namespace etalon {
namespace {

using Field = std::optional<double>;

// Which fields an optimizer has, with their defaults; empty: it lacks the field.
struct Defaults {
  const char* name;
  Field momentum, beta1, beta2, eps, trust;
};

const Defaults kDefaults[] = {
    {"sgd", 0.0, {}, {}, {}, {}},        {"momentum", 0.9, {}, {}, {}, {}},
    {"nesterov", 0.9, {}, {}, {}, {}},   {"adam", {}, 0.9, 0.999, 1e-8, {}},
    {"adamw", {}, 0.9, 0.999, 1e-8, {}}, {"rmsprop", 0.0, {}, 0.99, 1e-8, {}},
    {"lars", 0.9, {}, {}, {}, 1e-3},     {"lamb", {}, 0.9, 0.999, 1e-6, {}},
};

const Defaults& defaults_of(const std::string& name) {
  for (const Defaults& known : kDefaults) {
    if (name == known.name) return known;
  }
  throw InputError(fmt::format("there is no optimizer '{}'", name), "--optimizer",
                   fmt::format("use one of: {}", fmt::join(optimizer_names(), ", ")));
}

void require(bool holds, const char* name, double value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}, but must be {}", name, value, constraint), "optimizer",
                   "choose a value in range");
}

void require_fraction(const char* name, const Field& value) {
  if (value) require(*value >= 0.0 && *value < 1.0, name, *value, "in [0, 1)");
}

void require_positive(const char* name, const Field& value) {
  if (value) require(std::isfinite(*value) && *value > 0.0, name, *value, "finite and > 0");
}

void require_had(const std::string& optimizer, const char* name, const Field& value,
                 const Field& preset) {
  if (!value || preset) return;
  throw InputError(fmt::format("{} has no {}", optimizer, name), "optimizer",
                   "leave it out or choose another optimizer");
}

}  // namespace

void OptimizerOptions::validate() const {
  const Defaults& preset = defaults_of(name);
  require_fraction("momentum", momentum);
  require_fraction("beta1", beta1);
  require_fraction("beta2", beta2);
  require_positive("eps", eps);
  require_positive("trust", trust);
  require(std::isfinite(weight_decay) && weight_decay >= 0.0, "weight_decay", weight_decay,
          "finite and >= 0");
  require_had(name, "momentum", momentum, preset.momentum);
  require_had(name, "beta1", beta1, preset.beta1);
  require_had(name, "beta2", beta2, preset.beta2);
  require_had(name, "eps", eps, preset.eps);
  require_had(name, "trust coefficient", trust, preset.trust);
  require(name != "nesterov" || momentum.value_or(0.9) > 0.0, "momentum", momentum.value_or(0.9),
          "> 0 for nesterov");
}

OptimizerOptions OptimizerOptions::with_defaults() const {
  validate();
  const Defaults& preset = defaults_of(name);
  OptimizerOptions full = *this;
  const auto fill = [](Field& field, const Field& value) {
    if (!field) field = value;
  };
  fill(full.momentum, preset.momentum);
  fill(full.beta1, preset.beta1);
  fill(full.beta2, preset.beta2);
  fill(full.eps, preset.eps);
  fill(full.trust, preset.trust);
  return full;
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const Defaults& known : kDefaults) names.emplace_back(known.name);
  return names;
}

}  // namespace etalon
