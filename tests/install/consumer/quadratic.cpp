// A program that only wants a training whose answer is known.
#include <cmath>
#include <cstdio>
#include <etalon/quadratic.hpp>

int main() {
  const etalon::NoisyQuadratic model(etalon::parse_quadratic("quadratic:300"));
  const double lr = model.best_lr(16, 4096);
  std::printf("best learning rate at B=16: %.4f\n", lr);
  return std::abs(lr - 0.1324) < 1e-4 ? 0 : 1;
}
