#include "etalon/forecaster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <utility>

#include "etalon/bounds.hpp"
#include "law/law_posterior.hpp"
#include "surface/fitted_surface.hpp"

namespace etalon {
namespace {

// Of ln η: over which densities of draws are smoothed.
constexpr double kBandwidth = 0.2;
// Lighter laws are not drawn from.
constexpr double kLeastWeight = 0.005;
// Of ln η*: where no law puts a draw, the surface is doubted but not forbidden.
constexpr double kLeastDensity = 1e-6;

// By kernels, up to a constant.
double density(const std::vector<double>& draws, double x) {
  const Eigen::Map<const Eigen::ArrayXd> all(draws.data(), std::ssize(draws));
  return (-0.5 * ((x - all) / kBandwidth).square()).exp().mean();
}

// Enough to place one optimum; far fewer than a forecast takes, and so few that a second chain's
// warm-up would cost as much as its draws.
constexpr int kEvidenceChains = 1;
constexpr int kEvidenceDraws = 60;
// Of ln η*: what the grid of learning rates blurs.
constexpr double kGridDeviation = 0.1;

std::vector<Observation> runs_below(std::span<const Observation> observations, double log_b) {
  std::vector<Observation> result;
  for (const Observation& run : observations) {
    if (std::log(run.batch_size) < log_b - 1e-9) result.push_back(run);
  }
  return result;
}

double density_of_point(const OptimumPoint& point, double log_lr) {
  const double variance = point.variance + kGridDeviation * kGridDeviation;
  const double z = (point.log_lr - log_lr) / std::sqrt(variance);
  if (point.censored == Censoring::none) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi * variance);
  }
  const double inside = point.censored == Censoring::below ? z : -z;
  return 0.5 * std::erfc(-inside / std::sqrt(2.0));
}

// How well loss surfaces fitted to the runs at smaller batch sizes predict the optima at larger
// ones: the logarithm of the density of the larger half of the points given the runs at smaller
// batch sizes, one point after another; comparable with LawPosterior::log_held_out.
double surface_log_held_out(std::span<const Observation> observations,
                            std::span<const OptimumPoint> points, const AdviceOptions& options) {
  double total = 0.0;
  std::optional<MisfitModel> misfit;  // as the fewest runs have it
  for (std::size_t i = first_held_out(points.size()); i < points.size(); ++i) {
    const OptimumPoint& point = points[i];
    const std::vector<Observation> known = runs_below(observations, point.log_batch_size);
    const SamplingOptions sampling = {
        .chains = kEvidenceChains, .draws_per_chain = kEvidenceDraws, .seed = options.seed};
    const FittedSurface surface(known, options.update, sampling, misfit ? &*misfit : nullptr);
    misfit = surface.misfit();
    const std::vector<double> log_lrs = surface.draw_optima(std::exp(point.log_batch_size));
    double mean = 0.0;
    for (const double log_lr : log_lrs) {
      mean += density_of_point(point, log_lr) / static_cast<double>(log_lrs.size());
    }
    total += std::log(mean + 1e-9);
  }
  return total;
}

}  // namespace

class Forecaster::State {
 public:
  State(std::span<const Observation> observations, const AdviceOptions& options);

  ForecastAndRegrets forecast(double batch_size, std::span<const double> lrs) const;

  const std::vector<Optimum>& optima() const { return optima_; }
  const LawComparison& laws() const { return comparison_; }
  double surface_weight() const { return surface_weight_; }

 private:
  PredictiveCurves curves_at(double batch_size) const;

  AdviceOptions options_;
  FittedSurface surface_;
  std::vector<Optimum> optima_;
  LawComparison comparison_;
  struct WeightedLaw {
    LawPosterior law;
    double weight;
    std::vector<LawPosterior::Sample> samples;
    std::vector<double> drifts;  // a normal deviate each: how they leave their law
  };
  WeightedLaw draw_law(LawPosterior law, double weight) const;
  std::vector<double> draw_optima(const WeightedLaw& law, double batch_size) const;
  std::vector<WeightedLaw> laws_;  // those that matter
  double surface_weight_ = 1.0;
};

Forecaster::State::State(std::span<const Observation> observations, const AdviceOptions& options)
    : options_(options),
      surface_(observations, options.update,
               {.chains = kChains, .draws_per_chain = kDrawsPerChain, .seed = options.seed}),
      optima_(estimate_optima(observations, {.level = options.level})) {
  std::vector<LawPosterior> laws =
      fit_laws(optima_, {.update = options.update, .level = options.level, .seed = options.seed});
  comparison_ = compare_laws(laws, options.level);
  if (laws.empty()) return;
  const double of_surface =
      surface_log_held_out(observations, to_points(optima_, options.level), options);
  double density_of_laws = 0.0;  // in units of the surface's
  for (LawPosterior& law : laws) {
    density_of_laws += std::exp(law.log_held_out() - of_surface) / static_cast<double>(laws.size());
    const auto fit =
        std::find_if(comparison_.laws.begin(), comparison_.laws.end(),
                     [&](const LawFit& entry) { return entry.law == law.form().name; });
    if (fit->weight >= kLeastWeight) laws_.push_back(draw_law(std::move(law), fit->weight));
  }
  surface_weight_ = 1.0 / (1.0 + density_of_laws);
}

// Once for all batch sizes.
Forecaster::State::WeightedLaw Forecaster::State::draw_law(LawPosterior law, double weight) const {
  constexpr std::size_t kDraws = std::size_t{kChains} * kDrawsPerChain;
  RandomStream stream(options_.seed, fmt::format("forecast.{}", law.form().name));
  std::vector<LawPosterior::Sample> samples = law.draw(kDraws, stream);
  std::vector<double> drifts(samples.size());
  for (double& drift : drifts) drift = stream.normal();
  return {std::move(law), weight, std::move(samples), std::move(drifts)};
}

// As the surface's draws do, the laws' leave their law beyond the batch sizes that were run.
std::vector<double> Forecaster::State::draw_optima(const WeightedLaw& law,
                                                   double batch_size) const {
  std::vector<double> optima = law.law.optima_of(law.samples, std::log(batch_size));
  const double drift = surface_.drift(batch_size);
  for (std::size_t i = 0; i < optima.size(); ++i) optima[i] += drift * law.drifts[i];
  return optima;
}

// The surface's curves, weighted so that their optima are distributed as the average of the
// surface's and the laws' optima.
PredictiveCurves Forecaster::State::curves_at(double batch_size) const {
  PredictiveCurves curves = surface_.curves_at(batch_size);
  if (laws_.empty()) return curves;
  // Densities at the rows where a curve has its optimum: a few tens, for hundreds of curves.
  std::vector<Eigen::Index> optima;
  std::vector<double> optimal_v;
  for (Eigen::Index k = 0; k < curves.losses.cols(); ++k) {
    Eigen::Index least = 0;
    curves.losses.col(k).minCoeff(&least);
    optima.push_back(least);
    optimal_v.push_back(curves.v[static_cast<std::size_t>(least)]);
  }
  const std::set<Eigen::Index> rows(optima.begin(), optima.end());
  Eigen::ArrayXd of_laws = Eigen::ArrayXd::Constant(curves.losses.rows(), kLeastDensity);
  Eigen::ArrayXd of_surface = of_laws;
  for (const Eigen::Index row : rows) {
    of_surface[row] = density(optimal_v, curves.v[static_cast<std::size_t>(row)]);
  }
  for (const WeightedLaw& law : laws_) {
    const std::vector<double> draws = draw_optima(law, batch_size);
    for (const Eigen::Index row : rows) {
      const double log_lr = curves.v[static_cast<std::size_t>(row)] + surface_.sweep().log_lr;
      of_laws[row] += law.weight * density(draws, log_lr);
    }
  }
  const Eigen::ArrayXd ratios = (of_laws / of_surface).pow(1.0 - surface_weight_);
  curves.weights = ratios(optima).matrix();
  curves.weights /= curves.weights.sum();
  return curves;
}

ForecastAndRegrets Forecaster::State::forecast(double batch_size,
                                               std::span<const double> lrs) const {
  const BatchSizeAdvice advice(surface_, curves_at(batch_size), batch_size, options_);
  ForecastAndRegrets result{advice.forecast(), {}};
  for (const double lr : lrs) result.expected_regrets.push_back(advice.expected_regret(lr));
  return result;
}

Forecaster::Forecaster(std::span<const Observation> observations, const AdviceOptions& options) {
  options.validate();
  check_observations(observations);
  state_ = std::make_unique<const State>(observations, options);
}

Forecaster::~Forecaster() = default;
Forecaster::Forecaster(Forecaster&&) noexcept = default;
Forecaster& Forecaster::operator=(Forecaster&&) noexcept = default;

const std::vector<Optimum>& Forecaster::optima() const { return state_->optima(); }
const LawComparison& Forecaster::laws() const { return state_->laws(); }
double Forecaster::surface_weight() const { return state_->surface_weight(); }

Forecast Forecaster::forecast(double batch_size) const { return forecast(batch_size, {}).forecast; }

ForecastAndRegrets Forecaster::forecast(double batch_size, std::span<const double> lrs) const {
  check_batch_size(batch_size);
  for (const double lr : lrs) check_lr(lr, "lrs");
  return state_->forecast(batch_size, lrs);
}

std::vector<double> Forecaster::expected_regrets(double batch_size,
                                                 std::span<const double> lrs) const {
  return forecast(batch_size, lrs).expected_regrets;
}

}  // namespace etalon
