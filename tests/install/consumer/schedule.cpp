// A program that only wants schedules.
#include <cmath>
#include <cstdio>
#include <etalon/schedule.hpp>

int main() {
  etalon::Schedule schedule;
  schedule.peak_lr = 0.1;
  schedule.shape = etalon::PolynomialShape{.length = 100.0};
  const double half = schedule.lr_at(50.0);
  std::printf("half of the way: %g\n", half);
  return std::abs(half - 0.05) < 1e-12 ? 0 : 1;
}
