// Task 1, extrapolate: all runs at batch sizes up to a quarter of B' are known; name η at B'.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advice/loss_curve.hpp"
#include "etalon/advice.hpp"

namespace etalon::bench {

struct ExtrapolationScore {
  std::string method;
  std::vector<double> regrets;  // one per case
  int held = -1;  // cases whose best measured η lies in the interval; -1: no interval
};

// Cases: at least two known batch sizes, each with five or more learning rates that gave a loss.
std::vector<ExtrapolationScore> extrapolate(std::span<const Setting> settings, UpdateKind update);

}  // namespace etalon::bench
