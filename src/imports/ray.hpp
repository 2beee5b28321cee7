// A trial's directory as Ray Tune leaves it: result.json, a JSON object a line, with the trial's
// settings in it; and error.txt, where the trial has failed. Its params.json is a file of settings
// like others.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_ray_trial(const std::filesystem::path& file);
void read_ray_trial(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
