#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <utility>

#include "core/random.hpp"
#include "etalon/advice.hpp"
#include "etalon/error.hpp"
#include "law/divergence_limit.hpp"
#include "law/surface_posterior.hpp"
#include "law/sweep.hpp"

namespace etalon {
namespace {

// Beyond the batch sizes that were run, ln η* may leave the fitted surface by a normal deviate of
// this much per unit of ln B: the forms are simplifications, and their errors grow with distance.
constexpr double kDrift = 0.15;
// Resolution of optima, in ln η.
constexpr double kStep = std::numbers::ln2 / 8.0;
constexpr int kDrawsPerChain = 100;
// Imagined sweeps per draw, from which the interval is read.
constexpr int kSweepsPerDraw = 2;
// What a diverged training loses, in the sweep's loss scale: all that it could have learned.
constexpr double kDivergedRegret = 50.0;

void check(std::span<const Observation> observations) {
  for (const Observation& observation : observations) {
    const auto fail = [](std::string_view name, double value) {
      throw InputError(fmt::format("{} is {}, which is not positive", name, value), "runs",
                       "leave that run out");
    };
    if (!(observation.batch_size > 0.0 && std::isfinite(observation.batch_size))) {
      fail("a batch size", observation.batch_size);
    }
    if (!(observation.lr > 0.0 && std::isfinite(observation.lr))) {
      fail("a learning rate", observation.lr);
    }
  }
}

// The learning rates tried at each batch size, ascending and without repeats.
using Tried = std::map<double, std::vector<double>>;

Tried group(std::span<const Observation> observations) {
  Tried tried;
  for (const Observation& observation : observations) {
    tried[observation.batch_size].push_back(observation.lr);
  }
  for (auto& [batch_size, lrs] : tried) {
    std::sort(lrs.begin(), lrs.end());
    lrs.erase(std::unique(lrs.begin(), lrs.end()), lrs.end());
  }
  return tried;
}

// The median gap between neighbouring learning rates, as a distance in ln η; kept within what a
// search can use.
double find_spacing(const Tried& tried) {
  std::vector<double> gaps;
  for (const auto& [batch_size, lrs] : tried) {
    for (std::size_t i = 1; i < lrs.size(); ++i) {
      gaps.push_back(std::log(lrs[i] / lrs[i - 1]));
    }
  }
  if (gaps.empty()) return 0.5 * std::numbers::ln2;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return std::clamp(*middle, 2.0 * kStep, 8.0 * kStep);
}

}  // namespace

void AdviceOptions::validate() const {
  if (!(level > 0.0 && level < 1.0)) {
    throw InputError(fmt::format("level = {} is not in (0, 1)", level), "AdviceOptions",
                     "give a coverage such as 0.8");
  }
}

class Advisor::State {
 public:
  State(std::span<const Observation> observations, const AdviceOptions& options)
      : options_(options),
        tried_(group(observations)),
        spacing_(find_spacing(tried_)),
        sweep_(make_sweep(observations)),
        posterior_(fit_surface(sweep_, options.update,
                               {.draws_per_chain = kDrawsPerChain, .seed = options.seed})),
        limit_(sweep_, options.update) {}

  Forecast forecast(double batch_size) const;
  double expected_regret(double batch_size, double lr) const;
  double next_lr(double batch_size, std::span<const double> pending) const;

 private:
  // Evenly spaced v over everything where an optimum may lie.
  std::vector<double> grid(double batch_size) const;
  std::vector<double> candidates(double batch_size, std::span<const double> pending) const;
  Prediction predict(double batch_size, std::span<const double> v) const;
  double nearest(double batch_size) const;
  double extrapolation(double batch_size) const;
  std::vector<double> imagined_optima(std::span<const double> v, const Prediction& losses) const;
  Eigen::VectorXd expected_regrets(double batch_size, std::span<const double> v,
                                   const Prediction& losses) const;

  AdviceOptions options_;
  Tried tried_;
  double spacing_;  // of learning rates, in ln η
  Sweep sweep_;
  SurfacePosterior posterior_;
  DivergenceLimit limit_;
};

double Advisor::State::extrapolation(double batch_size) const {
  return std::max({1.0, batch_size / tried_.rbegin()->first, tried_.begin()->first / batch_size});
}

double Advisor::State::nearest(double batch_size) const {
  const auto distance = [&](const auto& entry) {
    return std::abs(std::log(entry.first / batch_size));
  };
  return std::min_element(tried_.begin(), tried_.end(),
                          [&](const auto& a, const auto& b) { return distance(a) < distance(b); })
      ->first;
}

std::vector<double> Advisor::State::grid(double batch_size) const {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const auto& [ignored, lrs] : tried_) {
    low = std::min(low, sweep_.v_of(lrs.front()));
    high = std::max(high, sweep_.v_of(lrs.back()));
  }
  const double margin = 1.5 + std::log(extrapolation(batch_size));
  std::vector<double> v;
  for (double at = low - margin; at <= high + margin; at += kStep) v.push_back(at);
  return v;
}

Prediction Advisor::State::predict(double batch_size, std::span<const double> v) const {
  const double deviation = kDrift * std::log(extrapolation(batch_size));
  if (deviation == 0.0) return posterior_.predict(sweep_.u_of(batch_size), v);
  RandomStream stream(options_.seed, "advice.drift");
  std::vector<double> shifts(posterior_.draws().size());
  for (double& shift : shifts) shift = deviation * stream.normal();
  return posterior_.predict(sweep_.u_of(batch_size), v, shifts);
}

// At v, which must ascend, in the sweep's loss scale. Below its optimum a draw's regret counts up
// to where losses cease to say how bad a learning rate is: a training that hardly moves loses no
// more than it could have learned, yet the few draws whose cost of little progress grows fastest
// would decide alone.
Eigen::VectorXd Advisor::State::expected_regrets(double batch_size, std::span<const double> v,
                                                 const Prediction& losses) const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(losses.mean.rows());
  for (Eigen::Index k = 0; k < losses.mean.cols(); ++k) {
    const auto draw = losses.mean.col(k).array();
    Eigen::Index optimum = 0;
    const double least = draw.minCoeff(&optimum);
    sum.array() += draw - least;
    sum.head(optimum).array() -= (draw.head(optimum) - least - kExplainedExcess).max(0.0);
  }
  sum /= static_cast<double>(losses.mean.cols());
  for (Eigen::Index i = 0; i < sum.size(); ++i) {
    const double diverged = limit_.probability(sweep_.u_of(batch_size), v[i]);
    sum[i] += diverged * kDivergedRegret;
  }
  return sum;
}

// The best learning rate of many sweeps as they might be measured at one batch size: a draw, a
// discrepancy, and the noise of one run at each learning rate of a grid that starts anywhere.
std::vector<double> Advisor::State::imagined_optima(std::span<const double> v,
                                                    const Prediction& losses) const {
  const auto rows = losses.mean.rows();
  const auto stride = static_cast<std::uint32_t>(std::lround(spacing_ / kStep));
  const MisfitModel& misfit = posterior_.misfit();
  Eigen::MatrixXd covariance = losses.covariance;
  covariance.diagonal().array() += 1e-8;
  const Eigen::MatrixXd root = covariance.llt().matrixL();
  RandomStream stream(options_.seed, "advice.sweeps");
  std::vector<double> optima;
  for (Eigen::Index k = 0; k < losses.mean.cols(); ++k) {
    const double least = losses.mean.col(k).minCoeff();
    for (int repeat = 0; repeat < kSweepsPerDraw; ++repeat) {
      Eigen::VectorXd normals(rows);
      for (double& value : normals) value = stream.normal();
      const Eigen::VectorXd truth = losses.mean.col(k) + root * normals;
      double best = std::numeric_limits<double>::infinity();
      double optimum = 0.0;
      for (Eigen::Index i = stream.below(stride); i < rows; i += stride) {
        const double excess = losses.mean(i, k) - least;
        const double noise = std::hypot(misfit.noise, misfit.relative_noise * excess);
        const double measured = truth[i] + noise * stream.normal();
        if (measured >= best) continue;
        best = measured;
        optimum = v[i];
      }
      optima.push_back(optimum);
    }
  }
  std::sort(optima.begin(), optima.end());
  return optima;
}

Forecast Advisor::State::forecast(double batch_size) const {
  const std::vector<double> v = grid(batch_size);
  const Prediction losses = predict(batch_size, v);
  const Eigen::VectorXd regrets = expected_regrets(batch_size, v, losses);
  Eigen::Index best = 0;
  regrets.minCoeff(&best);
  const std::vector<double> optima = imagined_optima(v, losses);
  const auto quantile = [&optima](double probability) {
    return optima[static_cast<std::size_t>(probability * static_cast<double>(optima.size() - 1))];
  };
  Forecast forecast;
  forecast.batch_size = batch_size;
  forecast.lr = sweep_.lr_of(v[best]);
  forecast.lr_low =
      std::min(forecast.lr, sweep_.lr_of(quantile(0.5 * (1.0 - options_.level)) - 0.5 * kStep));
  forecast.lr_high =
      std::max(forecast.lr, sweep_.lr_of(quantile(0.5 * (1.0 + options_.level)) + 0.5 * kStep));
  forecast.expected_loss = sweep_.least_loss + sweep_.loss_scale * losses.mean.row(best).mean();
  forecast.expected_regret = sweep_.loss_scale * regrets[best];
  forecast.nearest_batch_size = nearest(batch_size);
  forecast.extrapolation = extrapolation(batch_size);
  return forecast;
}

double Advisor::State::expected_regret(double batch_size, double lr) const {
  std::vector<double> v = grid(batch_size);
  const double at = sweep_.v_of(lr);
  const auto place = v.insert(std::lower_bound(v.begin(), v.end(), at), at) - v.begin();
  const Prediction losses = predict(batch_size, v);
  return sweep_.loss_scale * expected_regrets(batch_size, v, losses)[place];
}

// The learning rates of the nearest batch size, continued both ways at their spacing.
std::vector<double> Advisor::State::candidates(double batch_size,
                                               std::span<const double> pending) const {
  std::vector<double> taken;
  for (const double lr : pending) taken.push_back(sweep_.v_of(lr));
  if (const auto here = tried_.find(batch_size); here != tried_.end()) {
    for (const double lr : here->second) taken.push_back(sweep_.v_of(lr));
  }
  const std::vector<double> everywhere = grid(batch_size);
  const double anchor = sweep_.v_of(tried_.at(nearest(batch_size)).front());
  const auto first = static_cast<int>(std::floor((everywhere.front() - anchor) / spacing_));
  const auto last = static_cast<int>(std::ceil((everywhere.back() - anchor) / spacing_));
  std::vector<double> result;
  for (int i = first; i <= last; ++i) {
    const double v = anchor + i * spacing_;
    const bool is_taken = std::any_of(taken.begin(), taken.end(), [&](double other) {
      return std::abs(other - v) < 0.7 * spacing_;
    });
    if (!is_taken) result.push_back(v);
  }
  return result;
}

double Advisor::State::next_lr(double batch_size, std::span<const double> pending) const {
  const std::vector<double> v = candidates(batch_size, pending);
  const Prediction losses = predict(batch_size, v);
  Eigen::Index chosen = 0;
  expected_regrets(batch_size, v, losses).minCoeff(&chosen);
  return sweep_.lr_of(v[chosen]);
}

Advisor::Advisor(std::span<const Observation> observations, const AdviceOptions& options) {
  options.validate();
  check(observations);
  state_ = std::make_unique<const State>(observations, options);
}

Advisor::~Advisor() = default;
Advisor::Advisor(Advisor&&) noexcept = default;
Advisor& Advisor::operator=(Advisor&&) noexcept = default;

Forecast Advisor::forecast(double batch_size) const { return state_->forecast(batch_size); }

double Advisor::expected_regret(double batch_size, double lr) const {
  return state_->expected_regret(batch_size, lr);
}

double Advisor::next_lr(double batch_size, std::span<const double> pending) const {
  return state_->next_lr(batch_size, pending);
}

}  // namespace etalon
