// A program that has trials of its own and only wants estimates.
#include <cmath>
#include <cstdio>
#include <etalon/forecaster.hpp>
#include <etalon/optimum.hpp>
#include <vector>

int main() {
  std::vector<etalon::Observation> trials;
  for (const double batch_size : {32.0, 64.0, 128.0, 256.0}) {
    const double best = 0.001 * std::sqrt(batch_size / 32.0);
    for (int k = -4; k <= 4; ++k) {
      const double lr = best * std::pow(2.0, k / 2.0);
      const double x = std::log(lr / best);
      trials.push_back({batch_size, lr, 1, 2.0 + 0.1 * x * x});
    }
  }
  const etalon::Forecaster forecaster(trials, {});
  const double lr = forecaster.forecast(512.0).lr;
  std::printf("at 512: %g\n", lr);
  return std::abs(std::log(lr / 0.004)) < std::log(1.3) ? 0 : 1;
}
