// A program that has steps to a target of its own and wants the critical batch size.
#include <cmath>
#include <cstdio>
#include <etalon/target.hpp>
#include <vector>

int main() {
  std::vector<etalon::LogSteps> points;
  for (const double b : {8.0, 32.0, 128.0, 512.0}) {
    points.push_back({b, std::log(100.0 * (1.0 + 64.0 / b)), 2});
  }
  const auto fit = etalon::fit_critical_batch_size(points, {1e-4, 4.0}, 0.9);
  std::printf("critical batch size: %.1f\n", fit->batch_size.value);
  return std::abs(fit->batch_size.value - 64.0) < 1.0 ? 0 : 1;
}
