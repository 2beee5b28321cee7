// A program that only wants the rules.
#include <cmath>
#include <cstdio>
#include <etalon/scaling.hpp>

int main() {
  etalon::Recipe recipe;
  recipe.batch = etalon::parse_batch_shape("256");
  recipe.lr = 0.1;
  const double lr = etalon::scale(recipe, etalon::parse_batch_shape("2048"), "linear").recipe.lr;
  std::printf("linear: %g\n", lr);
  return std::abs(lr - 0.8) < 1e-12 ? 0 : 1;
}
