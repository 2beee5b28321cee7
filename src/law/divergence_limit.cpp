#include "law/divergence_limit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace etalon {
namespace {

constexpr double kSpread = 0.15;  // of a batch size's limit about the line
constexpr int kSlopes = 11;       // of the grid
constexpr double kStep = 0.05;    // of the intercepts' grid
constexpr double kReach = 3.0;    // of that grid beyond what was run
constexpr double kFloor = 1e-6;   // an odd batch size rules no line out

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// The limit of one batch size lies between these.
struct Bracket {
  double low = -kInfinity;  // the highest learning rate below all that diverged
  double high = kInfinity;  // the lowest that diverged
};

std::map<double, Bracket> find_brackets(const Sweep& sweep) {
  std::map<double, Bracket> brackets;
  for (const SweepPoint& bound : sweep.bounds) {
    if (!bound.diverged) continue;
    double& high = brackets[bound.u].high;
    high = std::min(high, bound.v);
  }
  for (const auto* points : {&sweep.points, &sweep.bounds}) {
    for (const SweepPoint& point : *points) {
      Bracket& bracket = brackets[point.u];
      if (point.v < bracket.high) bracket.low = std::max(bracket.low, point.v);
    }
  }
  return brackets;
}

double likelihood(const std::map<double, Bracket>& brackets, double intercept, double slope) {
  double product = 1.0;
  for (const auto& [u, bracket] : brackets) {
    const double limit = intercept + slope * u;
    product *= kFloor + normal_cdf((bracket.high - limit) / kSpread) -
               normal_cdf((bracket.low - limit) / kSpread);
  }
  return product;
}

}  // namespace

DivergenceLimit::DivergenceLimit(const Sweep& sweep, UpdateKind kind) {
  const auto brackets = find_brackets(sweep);
  double low = kInfinity;
  double high = -kInfinity;
  for (const auto& [u, bracket] : brackets) {
    if (bracket.high == kInfinity) continue;
    low = std::min(low, bracket.high);
    high = std::max(high, bracket.high);
  }
  if (low == kInfinity) return;
  const double steepest = kind == UpdateKind::sgd ? 1.0 : 0.5;
  double total = 0.0;
  for (int i = 0; i < kSlopes; ++i) {
    const double slope = steepest * i / (kSlopes - 1);
    for (double at = low - kReach; at <= high + kReach; at += kStep) {
      lines_.push_back({at, slope, likelihood(brackets, at, slope)});
      total += lines_.back().weight;
    }
  }
  for (Line& line : lines_) line.weight /= total;
  std::erase_if(lines_, [](const Line& line) { return line.weight < 1e-9; });
}

double DivergenceLimit::probability(double u, double v) const {
  double sum = 0.0;
  for (const Line& line : lines_) {
    sum += line.weight * normal_cdf((v - line.intercept - line.slope * u) / kSpread);
  }
  return sum;
}

}  // namespace etalon
