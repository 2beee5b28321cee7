// What logged gradient norms say of the noise scale. Pure.
#pragma once

#include <string>
#include <vector>

#include "etalon/noise_scale.hpp"
#include "runs/norm_log.hpp"

namespace etalon {

// A stretch of a log.
struct NoisePart {
  std::string first, last;  // places of its rows
  NoiseScale scale;
};

struct NoiseOfLog {
  NoiseScale scale;                      // of all of it; of ratios the median, no interval
  std::string method;                    // "500 pairs of norms, of 64 and 512 examples"
  std::vector<NoisePart> parts{};        // of pairs, in the order of the log
  std::vector<NormsAtBatchSize> line{};  // of single norms
  std::optional<double> p_value{};       // of the line, see NoiseLine
  bool is_ratio = false;
  std::vector<LayerNoise> layers{};  // of pairs, where each was logged
};

// `source` names the log in errors. Throws InputError for norms that no mean gradient has, and for
// too few of them.
NoiseOfLog noise_of(const NormLog& log, const std::string& source,
                    const NoiseScaleOptions& options);

}  // namespace etalon
