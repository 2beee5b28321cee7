// The metrics and settings in what W&B writes as JSON.
//
// Names that begin with '_' are W&B's own, and so is an object with a member "_type": a histogram,
// an image, a table.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "imports/logged_run.hpp"

namespace etalon {

// Logs a number, and those of an object by names joined by '/'.
void log_wandb_value(const std::string& name, const nlohmann::json& value, double step,
                     LoggedRun& run);

// A member of the configuration: a plain value, or an object of them.
void set_wandb_value(const std::string& name, const nlohmann::json& value, LoggedRun& run);

// A count that a step can be; nothing for what is none.
std::optional<double> wandb_step(const nlohmann::json& value);

}  // namespace etalon
