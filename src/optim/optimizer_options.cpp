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
    {"sgd", {}, {}, {}, {}, {}},         {"momentum", 0.9, {}, {}, {}, {}},
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

// A field's name, its flag, and where options and defaults keep it.
struct NamedField {
  const char* name;
  const char* flag;
  Field OptimizerOptions::*given;
  Field Defaults::*preset;
  bool fraction;  // in [0, 1); otherwise finite and > 0
};

const NamedField kFields[] = {
    {"momentum", "--momentum", &OptimizerOptions::momentum, &Defaults::momentum, true},
    {"beta1", "--beta1", &OptimizerOptions::beta1, &Defaults::beta1, true},
    {"beta2", "--beta2", &OptimizerOptions::beta2, &Defaults::beta2, true},
    {"eps", "--eps", &OptimizerOptions::eps, &Defaults::eps, false},
    {"trust", "--trust", &OptimizerOptions::trust, &Defaults::trust, false},
};

void require(bool holds, const char* field, const char* flag, double value,
             const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", flag, value), "",
                   fmt::format("{} must be {}", field, constraint));
}

void require_range(const NamedField& field, double value) {
  if (field.fraction) {
    require(value >= 0.0 && value < 1.0, field.name, field.flag, value, "in [0, 1)");
  } else {
    require(std::isfinite(value) && value > 0.0, field.name, field.flag, value, "finite and > 0");
  }
}

// A setting that the optimizer does not have would be ignored in silence.
[[noreturn]] void refuse_foreign(const NamedField& field, const std::string& optimizer) {
  std::vector<const char*> having;
  for (const Defaults& known : kDefaults) {
    if (known.*field.preset) having.push_back(known.name);
  }
  throw InputError(fmt::format("{} is no setting of the optimizer {}", field.flag, optimizer), "",
                   fmt::format("leave it out, or use --optimizer {}", fmt::join(having, " or ")));
}

}  // namespace

void OptimizerOptions::validate() const {
  const Defaults& preset = defaults_of(name);
  for (const NamedField& field : kFields) {
    const Field& value = this->*field.given;
    if (!value) continue;
    require_range(field, *value);
    if (!(preset.*field.preset)) refuse_foreign(field, name);
  }
  require(std::isfinite(weight_decay) && weight_decay >= 0.0, "weight_decay", "--weight-decay",
          weight_decay, "finite and >= 0");
  require(name != "nesterov" || momentum != 0.0, "momentum", "--momentum", 0.0, "> 0 for nesterov");
}

OptimizerOptions OptimizerOptions::with_defaults() const {
  validate();
  OptimizerOptions full = *this;
  for (const NamedField& field : kFields) {
    if (!(full.*field.given)) full.*field.given = defaults_of(name).*field.preset;
  }
  return full;
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const Defaults& known : kDefaults) names.emplace_back(known.name);
  return names;
}

}  // namespace etalon
