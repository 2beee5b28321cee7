#include "imports/wandb_values.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "imports/log_text.hpp"

namespace etalon {
namespace {

constexpr int kDeepestValue = 16;

void log_at_depth(const std::string& name, const nlohmann::json& value, double step, int depth,
                  LoggedRun& run) {
  if (is_number(value)) {
    run.log(name, step, number_of(value));
  } else if (value.is_object() && !value.contains("_type") && depth < kDeepestValue) {
    for (const auto& [inner, each] : value.items()) {
      log_at_depth(fmt::format("{}/{}", name, inner), each, step, depth + 1, run);
    }
  }
}

}  // namespace

void log_wandb_value(const std::string& name, const nlohmann::json& value, double step,
                     LoggedRun& run) {
  if (!name.starts_with('_')) log_at_depth(name, value, step, 0, run);
}

void set_wandb_value(const std::string& name, const nlohmann::json& value, LoggedRun& run) {
  if (!name.empty() && !name.starts_with('_')) add_settings(value, run, name);
}

std::optional<double> wandb_step(const nlohmann::json& value) {
  const double step = number_of(value);
  return std::isfinite(step) ? std::optional(step) : std::nullopt;
}

}  // namespace etalon
