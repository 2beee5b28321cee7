// The methods that are scored beside one another: each names η at a batch size from known runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advice/cases.hpp"

namespace etalon::bench {

struct Answer {
  double lr = 0.0;
  std::optional<double> lr_low;  // 80% interval of the best learning rate; empty: it gives none
  std::optional<double> lr_high;
};

struct Method {
  std::string name;
  std::function<Answer(const Case&)> advise;  // throws InputError where it has no answer
};

// Unchanged, square-root and linear rule from the optimum of the nearest known batch size (the
// lower of two equally near), the same with the median exponent of the atlas, the saturating fit,
// the loss surface alone, and etalon's forecasts. The atlas is asked without the source `left_out`,
// whose sweeps are scored.
std::vector<Method> all_methods(const std::string& left_out);

}  // namespace etalon::bench
