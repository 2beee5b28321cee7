// The answer of `etalon range` and the forms in which it is printed. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "optim/stability_limit.hpp"
#include "range/ramp.hpp"
#include "range/restarts.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// λ_max over the restarts: of the initial weights, and where the loss was least.
struct RangeSharpness {
  StabilityLimit limit;
  RangedLr stable_at_start, stable_at_least;  // learning rates, limit.product/λ_max
};

struct RangeAnswer {
  std::string source;
  std::int64_t batch_size = 0;  // 0: not known
  double level = 0.90;
  RampOptions ramp;  // of no known number of steps: 0
  // The ramp is one that a program made and logged.
  bool is_logged = false;
  // Every learning rate in a training of its own, of a program; else one training for all.
  bool one_run_each = false;
  std::vector<std::uint64_t> seeds;
  std::vector<RangeCurve> curves;  // one for each seed
  RangeReading reading;            // of them
  std::optional<RangeSummary> summary;
  std::optional<RangeSharpness> sharpness;
};

// For people: from where to where, then what it rests on.
std::string range_table(const RangeAnswer& answer, const TextStyle& style);

// The keys are in docs/range.md.
std::string range_json(const RangeAnswer& answer);

}  // namespace etalon
