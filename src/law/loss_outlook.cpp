#include "law/loss_outlook.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "law/sweep.hpp"

namespace etalon {
namespace {

// Imagined sweeps per curve.
constexpr int kSweepsPerCurve = 2;

}  // namespace

Eigen::Index best_row(const LossOutlook& outlook) {
  Eigen::Index best = 0;
  expected_regrets(outlook).minCoeff(&best);
  return best;
}

Eigen::VectorXd expected_regrets(const LossOutlook& outlook) {
  Eigen::VectorXd sum = outlook.risks;
  for (Eigen::Index k = 0; k < outlook.losses.cols(); ++k) {
    const auto curve = outlook.losses.col(k).array();
    Eigen::Index optimum = 0;
    const double least = curve.minCoeff(&optimum);
    sum.array() += outlook.weights[k] * (curve - least);
    sum.head(optimum).array() -=
        outlook.weights[k] * (curve.head(optimum) - least - kExplainedExcess).max(0.0);
  }
  return sum;
}

double regret_at(const LossOutlook& outlook, double v) {
  const Eigen::VectorXd regrets = expected_regrets(outlook);
  const double place = (v - outlook.v.front()) / (outlook.v[1] - outlook.v[0]);
  const auto row = static_cast<Eigen::Index>(
      std::clamp(std::floor(place), 0.0, static_cast<double>(regrets.size() - 2)));
  return regrets[row] + (place - static_cast<double>(row)) * (regrets[row + 1] - regrets[row]);
}

ImaginedOptima::ImaginedOptima(const LossOutlook& outlook, std::uint32_t stride,
                               std::uint64_t seed) {
  const Eigen::Index rows = outlook.losses.rows();
  RandomStream stream(seed, "advice.sweeps");
  Eigen::VectorXd normals(rows);
  for (Eigen::Index k = 0; k < outlook.losses.cols(); ++k) {
    const auto curve = outlook.losses.col(k);
    const double least = curve.minCoeff();
    for (int repeat = 0; repeat < kSweepsPerCurve; ++repeat) {
      for (double& value : normals) value = stream.normal();
      const Eigen::VectorXd truth = curve + outlook.root * normals;
      double best = std::numeric_limits<double>::infinity();
      double optimum = 0.0;
      for (Eigen::Index i = stream.below(stride); i < rows; i += stride) {
        const double noise = std::hypot(outlook.noise, outlook.relative_noise * (curve[i] - least));
        const double measured = truth[i] + noise * stream.normal();
        if (measured >= best) continue;
        best = measured;
        optimum = outlook.v[static_cast<std::size_t>(i)];
      }
      entries_.push_back({optimum, outlook.weights[k] / kSweepsPerCurve});
    }
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.v < b.v; });
}

double ImaginedOptima::quantile(double probability) const {
  double passed = 0.0;
  for (const Entry& entry : entries_) {
    passed += entry.weight;
    if (passed >= probability) return entry.v;
  }
  return entries_.back().v;
}

}  // namespace etalon
