#include "surface/predictive_curves.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "surface/standardized_sweep.hpp"

namespace etalon {
namespace {

// Imagined sweeps per curve.
constexpr int kSweepsPerCurve = 2;
// Of rows that are looked at for a hidden gain: what the curves leave open varies slowly.
constexpr std::uint32_t kGainStride = 2;
// Of the covariance's diagonal, so that its rounding leaves it positive definite.
constexpr double kJitter = 1e-8;

// How many normals are drawn once, for all that is simulated.
constexpr std::size_t kNormals = 65536;

// Normals from a table that is read in a circle, from a place that the seed decides: forecasts at
// hundreds of batch sizes then take no time for drawing, and differ smoothly from one to the next.
class NormalTable {
 public:
  NormalTable(std::uint64_t seed, std::string_view name)
      : next_(RandomStream(seed, name).below(std::uint32_t{kNormals})) {}

  double normal() { return table()[next_++ % kNormals]; }

 private:
  static const std::vector<double>& table() {
    static const std::vector<double> normals = [] {
      RandomStream stream(0, "advice.normals");
      std::vector<double> values(kNormals);
      for (double& value : values) value = stream.normal();
      return values;
    }();
    return normals;
  }

  std::size_t next_;
};

struct Rows {
  std::vector<Eigen::Index> index;
  DiscrepancySampler roughness;
};

// Every `stride`-th row from one of the first.
Rows rows_from(const PredictiveCurves& curves, std::uint32_t first, std::uint32_t stride) {
  std::vector<Eigen::Index> index;
  for (Eigen::Index i = first; i < curves.losses.rows(); i += stride) index.push_back(i);
  return {index, DiscrepancySampler(curves.covariance, index)};
}

std::vector<Rows> find_sweeps(const PredictiveCurves& curves, std::uint32_t stride) {
  std::vector<Rows> sweeps;
  for (std::uint32_t first = 0; first < stride; ++first) {
    sweeps.push_back(rows_from(curves, first, stride));
  }
  return sweeps;
}

}  // namespace

DiscrepancySampler::DiscrepancySampler(const Eigen::MatrixXd& covariance,
                                       const std::vector<Eigen::Index>& rows) {
  Eigen::MatrixXd own = covariance(rows, rows);
  own.diagonal().array() += kJitter;
  root_ = own.llt().matrixL();
}

template <class Normals>
Eigen::VectorXd DiscrepancySampler::draw(Normals& source) const {
  Eigen::VectorXd normals(root_.rows());
  for (double& value : normals) value = source.normal();
  return root_.triangularView<Eigen::Lower>() * normals;
}

template <class Normals>
Eigen::MatrixXd DiscrepancySampler::draw(Normals& source, Eigen::Index count) const {
  Eigen::MatrixXd normals(root_.rows(), count);
  for (double& value : normals.reshaped()) value = source.normal();
  return root_.triangularView<Eigen::Lower>() * normals;
}

template Eigen::MatrixXd DiscrepancySampler::draw(RandomStream& source, Eigen::Index count) const;

ExpectedRegrets::ExpectedRegrets(const PredictiveCurves& curves)
    : first_v_(curves.v.front()),
      step_(curves.v.size() > 1 ? curves.step() : 0.0),
      regrets_(Eigen::VectorXd::Zero(curves.losses.rows())) {
  for (Eigen::Index k = 0; k < curves.losses.cols(); ++k) {
    const auto curve = curves.losses.col(k).array();
    Eigen::Index optimum = 0;
    const double least = curve.minCoeff(&optimum);
    const auto rows = curve.size() - optimum;
    regrets_.head(optimum).array() +=
        curves.weights[k] * (curve.head(optimum) - least).min(kExplainedExcess);
    regrets_.tail(rows).array() +=
        curves.weights[k] * (curve.tail(rows) - least).min(curves.most_lost);
  }
  regrets_.minCoeff(&best_row_);
}

double ExpectedRegrets::best_v() const {
  const double v = first_v_ + static_cast<double>(best_row_) * step_;
  if (best_row_ == 0 || best_row_ + 1 == regrets_.size()) return v;
  const double below = regrets_[best_row_ - 1] - regrets_[best_row_];
  const double above = regrets_[best_row_ + 1] - regrets_[best_row_];
  if (!(below + above > 0.0)) return v;
  return v + 0.5 * step_ * (below - above) / (below + above);
}

double ExpectedRegrets::at(double v) const {
  const auto last = static_cast<double>(regrets_.size() - 1);
  const double place = (v - first_v_) / step_;
  const auto row =
      static_cast<Eigen::Index>(std::clamp(std::round(place), 1.0, std::max(1.0, last - 1.0)));
  const double slope = 0.5 * (regrets_[row + 1] - regrets_[row - 1]);
  const double bend = 0.5 * (regrets_[row + 1] + regrets_[row - 1]) - regrets_[row];
  const auto parabola = [&](double at) { return regrets_[row] + at * (slope + at * bend); };
  const double offset = place - static_cast<double>(row);
  const double inside = std::clamp(offset, -1.0, 1.0);
  return std::max(0.0, parabola(inside) + (offset - inside) * (slope + 2.0 * bend * inside));
}

double hidden_gain(const PredictiveCurves& curves, std::uint64_t seed) {
  const Rows rows = rows_from(curves, 0, kGainStride);
  NormalTable normals(seed, "advice.gain");
  const Eigen::MatrixXd roughness = rows.roughness.draw(normals, curves.losses.cols());
  double gain = 0.0;
  for (Eigen::Index k = 0; k < curves.losses.cols(); ++k) {
    const Eigen::VectorXd curve = curves.losses.col(k)(rows.index);
    const auto own = roughness.col(k);
    // Both signs: where roughness raises the least of one, it lowers that of the other.
    const double least = 0.5 * ((curve + own).minCoeff() + (curve - own).minCoeff());
    gain += curves.weights[k] * (curve.minCoeff() - least);
  }
  return std::max(0.0, gain);
}

SimulatedRegrets::SimulatedRegrets(const PredictiveCurves& curves, double v, std::uint64_t seed) {
  const auto last = static_cast<Eigen::Index>(curves.v.size()) - 1;
  const double place = std::round((v - curves.v.front()) / curves.step());
  const auto row = static_cast<Eigen::Index>(std::clamp(place, 0.0, static_cast<double>(last)));
  std::vector<Eigen::Index> index = {row};
  for (Eigen::Index i = 0; i <= last; i += kGainStride) {
    if (i != row) index.push_back(i);
  }
  const DiscrepancySampler sampler(curves.covariance, index);
  NormalTable normals(seed, "advice.regrets");
  const Eigen::MatrixXd roughness = sampler.draw(normals, curves.losses.cols());
  for (Eigen::Index k = 0; k < curves.losses.cols(); ++k) {
    const Eigen::VectorXd curve = curves.losses.col(k)(index) + roughness.col(k);
    regrets_.emplace_back(curve[0] - curve.minCoeff(), curves.weights[k]);
  }
  std::sort(regrets_.begin(), regrets_.end());
}

double SimulatedRegrets::quantile(double probability) const {
  double passed = 0.0;
  for (const auto& [regret, weight] : regrets_) {
    passed += weight;
    if (passed >= probability) return regret;
  }
  return regrets_.back().first;
}

SimulatedBests::SimulatedBests(const PredictiveCurves& curves, std::uint32_t stride,
                               std::uint64_t seed)
    : step_(curves.step()) {
  const std::vector<Rows> sweeps = find_sweeps(curves, stride);
  RandomStream stream(seed, "advice.sweeps");
  NormalTable normals(seed, "advice.noise");
  for (Eigen::Index k = 0; k < curves.losses.cols(); ++k) {
    const auto curve = curves.losses.col(k);
    const double least = curve.minCoeff();
    for (int repeat = 0; repeat < kSweepsPerCurve; ++repeat) {
      const Rows& rows = sweeps[stream.below(stride)];
      const Eigen::VectorXd roughness = rows.roughness.draw(normals);
      double best = std::numeric_limits<double>::infinity();
      double optimum = 0.0;
      for (std::size_t n = 0; n < rows.index.size(); ++n) {
        const Eigen::Index i = rows.index[n];
        const double grown = curves.relative_noise * (curve[i] - least);
        const double noise = std::sqrt(curves.noise * curves.noise + grown * grown);
        const double measured = curve[i] + roughness[n] + noise * normals.normal();
        if (measured >= best) continue;
        best = measured;
        optimum = curves.v[static_cast<std::size_t>(i)];
      }
      entries_.push_back({optimum, curves.weights[k] / kSweepsPerCurve});
    }
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.v < b.v; });
}

double SimulatedBests::quantile(double probability) const {
  double passed = 0.0;
  for (std::size_t i = 0; i < entries_.size();) {
    const double v = entries_[i].v;
    double mass = 0.0;
    for (; i < entries_.size() && entries_[i].v == v; ++i) mass += entries_[i].weight;
    if (passed + mass >= probability) return v + step_ * ((probability - passed) / mass - 0.5);
    passed += mass;
  }
  return entries_.back().v + 0.5 * step_;
}

}  // namespace etalon
