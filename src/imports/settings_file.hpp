// Files of settings alone: Lightning's hparams.yaml, Ray's params.json, YOLO's args.yaml, and the
// config files that programs write beside or above their logs. What they hold becomes a part of a
// run without curves. The config.yaml of Weights & Biases has a form of its own, and is none.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_settings_file(const std::filesystem::path& file);
void read_settings_file(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
