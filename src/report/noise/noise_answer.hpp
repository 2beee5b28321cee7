// The answer of `etalon noise` and the forms in which it is printed. Pure functions.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "report/noise/curvature_answer.hpp"
#include "report/text_layout.hpp"
#include "runs/noise_of_log.hpp"
#include "train/gradient_noise.hpp"

namespace etalon {

struct NoiseAnswer {
  std::string source;
  double level = 0.90;
  NoiseOfLog noise;
  // Where a learning rate and its batch size were given, which the learning rates follow.
  std::optional<double> lr, batch_size;
  std::vector<double> batch_sizes;  // to say what they cost; empty: some about the noise scale
  std::vector<std::string> said{};  // on reading, or of the training
  CurvatureAnswer curvature{};      // of a network that was measured
  // Of a training that was measured, at its end.
  std::vector<LayerNoise> layers{};
  std::vector<GradientVariance> variances{};
};

// For people: what the noise scale is and means, then what it rests on.
std::string noise_table(const NoiseAnswer& answer, const TextStyle& style);

// The keys are in docs/noise.md.
std::string noise_json(const NoiseAnswer& answer);

// The page of `etalon noise --html`.
void write_noise_page(const NoiseAnswer& answer, std::ostream& out);

// What each batch size costs; nothing where the noise scale is undefined.
std::vector<NoiseTradeOff> trade_offs_of(const NoiseAnswer& answer);

}  // namespace etalon
