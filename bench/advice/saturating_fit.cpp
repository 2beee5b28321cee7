#include "advice/saturating_fit.hpp"

#include <cmath>
#include <limits>

#include "advice/loss_curve.hpp"

namespace etalon::bench {

double saturating_fit(const Runs& known, double target) {
  std::map<double, double> optima;  // ln η* by batch size
  for (const auto& [size, runs] : known) optima[size] = std::log(parabola_optimum(LossCurve(runs)));
  const auto rise = [](double power, double turn, double size) {
    return -power * std::log1p(turn / size);
  };
  const double first = std::log2(optima.begin()->first) - 6.0;
  const double last = std::log2(optima.rbegin()->first) + 6.0;
  const int turns = static_cast<int>(4.0 * (last - first)) + 1;
  double least = std::numeric_limits<double>::infinity();
  double answer = 0.0;
  for (const double power : {0.5, 1.0}) {
    for (int i = 0; i < turns; ++i) {
      const double turn = std::exp2(first + 0.25 * i);
      double scale = 0.0;  // ln A
      for (const auto& [size, optimum] : optima) scale += optimum - rise(power, turn, size);
      scale /= static_cast<double>(optima.size());
      double squares = 0.0;
      for (const auto& [size, optimum] : optima) {
        squares += std::pow(optimum - scale - rise(power, turn, size), 2);
      }
      if (squares >= least) continue;
      least = squares;
      answer = scale + rise(power, turn, target);
    }
  }
  return std::exp(answer);
}

}  // namespace etalon::bench
