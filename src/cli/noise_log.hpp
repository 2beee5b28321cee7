// The LOG of `etalon noise`: a table of gradient norms, the logs of a tool, or a study.
#pragma once

#include <string>
#include <vector>

#include "runs/noise_of_log.hpp"

namespace etalon::cli {

// `log` is a file, a directory, or - for standard input. Throws InputError for what holds no norms.
NoiseOfLog read_noise_log(const std::string& log, const RequestedNorms& requested,
                          const NoiseScaleOptions& options, const Say& say);

// Those of each layer, where they are asked for and logged; else says that they might be. Throws
// InputError where they are asked for and are not there.
std::vector<LayerNoise> layers_asked_for(const NoiseOfLog& noise, bool are_asked_for,
                                         const std::string& log, const Say& say);

}  // namespace etalon::cli
