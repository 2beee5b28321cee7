#include <fmt/format.h>
#include <fmt/ranges.h>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "optim/optimizer.hpp"

namespace etalon {
namespace {

using Field = std::optional<double>;

// A field's name, and where options and the table of optimizers keep it.
struct NamedField {
  const char* name;
  Field OptimizerOptions::*given;
  Field OptimizerInfo::*preset;
  bool fraction;  // in [0, 1); otherwise in [1e-30, 1e30]
};

constexpr NamedField kFields[] = {
    {"momentum", &OptimizerOptions::momentum, &OptimizerInfo::momentum, true},
    {"beta1", &OptimizerOptions::beta1, &OptimizerInfo::beta1, true},
    {"beta2", &OptimizerOptions::beta2, &OptimizerInfo::beta2, true},
    {"eps", &OptimizerOptions::eps, &OptimizerInfo::eps, false},
    {"trust", &OptimizerOptions::trust, &OptimizerInfo::trust, false},
};

void require_field(bool holds, const char* field, double value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", field_name(field), value), "",
                   fmt::format("it must be {}", constraint));
}

void require_range(const NamedField& field, double value) {
  if (field.fraction) {
    require_field(value >= 0.0 && value < 1.0, field.name, value, "in [0, 1)");
  } else {
    require_field(is_positive_float(value), field.name, value, kPositiveFloat);
  }
}

// A setting that the optimizer does not have would be ignored in silence.
[[noreturn]] void refuse_foreign(const NamedField& field, const std::string& optimizer) {
  std::vector<std::string_view> having;
  for (const OptimizerInfo& known : optimizers()) {
    if (known.*field.preset) having.push_back(known.name);
  }
  throw InputError(
      fmt::format("{} is no setting of the optimizer {}", field_name(field.name), optimizer), "",
      fmt::format("leave it out, or use {} {}", field_name("optimizer"),
                  fmt::join(having, " or ")));
}

}  // namespace

const OptimizerInfo& OptimizerOptions::info() const {
  return optimizer_info(parse_optimizer_family(name));
}

void OptimizerOptions::validate() const {
  const OptimizerInfo& preset = info();
  for (const NamedField& field : kFields) {
    const Field& value = this->*field.given;
    if (!value) continue;
    require_range(field, *value);
    if (!(preset.*field.preset)) refuse_foreign(field, name);
  }
  const double decay = weight_decay.value_or(0.0);
  require_field(std::isfinite(decay) && decay >= 0.0, "weight_decay", decay, "finite and >= 0");
  require_field(preset.family != OptimizerFamily::nesterov || momentum != 0.0, "momentum", 0.0,
                "> 0 for nesterov");
}

OptimizerOptions OptimizerOptions::with_defaults() const {
  validate();
  const OptimizerInfo& preset = info();
  OptimizerOptions full = *this;
  full.name = preset.name;
  for (const NamedField& field : kFields) {
    if (!(full.*field.given)) full.*field.given = preset.*field.preset;
  }
  full.weight_decay = weight_decay.value_or(preset.weight_decay);
  return full;
}

}  // namespace etalon
