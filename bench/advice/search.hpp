// Task 2, search: all runs at one base batch size are known; learning rates at B' = 4 to 16 times
// it are proposed one by one, and each time the nearest measured one is revealed.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "advice/setting.hpp"

namespace etalon::bench {

inline constexpr std::size_t kTrials = 5;

struct SearchScore {
  std::string method;
  std::array<double, kTrials> regrets{};  // mean over cases of the best revealed loss minus least
  int cases = 0;
};

// Every `stride`-th case; 1 for all. `thin` is that of cases.hpp, for the base.
std::vector<SearchScore> search(std::span<const Setting> settings, int stride, int thin);

}  // namespace etalon::bench
