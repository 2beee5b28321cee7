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
#include "surface/acting_rates.hpp"
#include "surface/fitted_surface.hpp"

namespace etalon {
namespace {

// Of ln η: over which densities of draws are smoothed.
constexpr double kBandwidth = 0.2;
// Lighter laws are not drawn from.
constexpr double kLeastWeight = 0.005;
// Of ln η*: where no law puts a draw, the surface is doubted but not forbidden.
constexpr double kLeastDensity = 1e-6;

// At a level below this, intervals are so narrow that witnesses who agree may have nothing in
// common either.
constexpr double kLeastConflictLevel = 0.8;

struct WeightedDraw {
  double value, weight;
  auto operator<=>(const WeightedDraw&) const = default;
};

// Of draws in ascending order.
double quantile_of(std::span<const WeightedDraw> draws, double probability) {
  double total = 0.0, passed = 0.0;
  for (const WeightedDraw& draw : draws) total += draw.weight;
  for (const WeightedDraw& draw : draws) {
    passed += draw.weight;
    if (passed >= probability * total) return draw.value;
  }
  return draws.back().value;
}

// A curve with its optimum at another row, and its slopes beyond the rows it had.
Eigen::VectorXd moved_to(const Eigen::VectorXd& curve, double row) {
  const Eigen::Index last = curve.size() - 1;
  Eigen::Index least = 0;
  curve.minCoeff(&least);
  const auto to =
      static_cast<Eigen::Index>(std::clamp(std::round(row), 0.0, static_cast<double>(last)));
  Eigen::VectorXd moved(curve.size());
  for (Eigen::Index i = 0; i <= last; ++i) {
    const Eigen::Index from = i - (to - least);
    const Eigen::Index inside = std::clamp(from, Eigen::Index{0}, last);
    const double slope = from < 0 ? std::min(curve[1] - curve[0], 0.0)
                                  : std::max(curve[last] - curve[last - 1], 0.0);
    moved[i] = curve[inside] + static_cast<double>(from - inside) * slope;
  }
  return moved;
}

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
  PredictiveCurves averaged(double batch_size, PredictiveCurves curves) const;
  PredictiveCurves either(double batch_size, PredictiveCurves curves) const;
  std::vector<WeightedDraw> draw_all(double batch_size) const;
  bool laws_have_a_say() const;
  Disagreement views(double batch_size, const PredictiveCurves& curves, double level) const;
  std::optional<Disagreement> disagreement(double batch_size, const PredictiveCurves& curves) const;

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
      surface_(acting(observations, options.start), options.update,
               {.chains = kChains, .draws_per_chain = kDrawsPerChain, .seed = options.seed},
               nullptr, {}, options.exponent),
      optima_(estimate_optima(observations, {.level = options.level})) {
  const LawOptions law_options = {
      .update = options.update, .level = options.level, .seed = options.seed};
  const std::vector<Optimum> acting_optima = acting(optima_, options.start);
  std::vector<LawPosterior> laws = fit_laws(acting_optima, law_options);
  const LawComparison compared = compare_laws(laws, options.level);
  comparison_ =
      options.start ? compare_laws(fit_laws(optima_, law_options), options.level) : compared;
  if (laws.empty()) return;
  const double of_surface = surface_log_held_out(acting(observations, options.start),
                                                 to_points(acting_optima, options.level), options);
  double density_of_laws = 0.0;  // in units of the surface's
  for (LawPosterior& law : laws) {
    density_of_laws += std::exp(law.log_held_out() - of_surface) / static_cast<double>(laws.size());
    const auto fit =
        std::find_if(compared.laws.begin(), compared.laws.end(),
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
PredictiveCurves Forecaster::State::averaged(double batch_size, PredictiveCurves curves) const {
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

// Whether they weigh more than what an interval leaves out on one side: less could not move it. A
// light surface is no reason to say nothing: its curves are those that the laws weigh, and what the
// laws say where none has its optimum would be left out.
bool Forecaster::State::laws_have_a_say() const {
  return surface_weight_ < 1.0 - 0.5 * (1.0 - options_.level);
}

// ln η* of all laws, ascending.
std::vector<WeightedDraw> Forecaster::State::draw_all(double batch_size) const {
  std::vector<WeightedDraw> draws;
  for (const WeightedLaw& law : laws_) {
    for (const double log_lr : draw_optima(law, batch_size)) draws.push_back({log_lr, law.weight});
  }
  std::sort(draws.begin(), draws.end());
  return draws;
}

// What either says alone.
Disagreement Forecaster::State::views(double batch_size, const PredictiveCurves& curves,
                                      double level) const {
  AdviceOptions options = options_;
  options.level = level;
  const Forecast of_surface = BatchSizeAdvice(surface_, curves, batch_size, options).forecast();
  const std::vector<WeightedDraw> draws = draw_all(batch_size);
  const double tail = 0.5 * (1.0 - level);
  return {std::exp(quantile_of(draws, tail)), std::exp(quantile_of(draws, 1.0 - tail)),
          of_surface.lr_low, of_surface.lr_high};
}

std::optional<Disagreement> Forecaster::State::disagreement(double batch_size,
                                                            const PredictiveCurves& curves) const {
  if (laws_.empty() || !laws_have_a_say()) return std::nullopt;
  const double level = std::max(options_.level, kLeastConflictLevel);
  const Disagreement wide = views(batch_size, curves, level);
  if (wide.laws_low <= wide.surface_high && wide.surface_low <= wide.laws_high) return std::nullopt;
  return level == options_.level ? wide : views(batch_size, curves, options_.level);
}

// Where the two have nothing in common, an average of them would be neither's opinion: either is
// right with the probability of its weight. Laws say nothing of the loss around their optimum, so
// that the surface's curves are moved there.
PredictiveCurves Forecaster::State::either(double batch_size, PredictiveCurves curves) const {
  const std::vector<WeightedDraw> draws = draw_all(batch_size);
  const Eigen::Index count = curves.losses.cols();
  const Eigen::MatrixXd own = std::move(curves.losses);
  curves.losses.resize(own.rows(), 2 * count);
  curves.losses.leftCols(count) = own;
  for (Eigen::Index k = 0; k < count; ++k) {
    const double share = (static_cast<double>(k) + 0.5) / static_cast<double>(count);
    const double v = quantile_of(draws, share) - surface_.sweep().log_lr;
    curves.losses.col(count + k) = moved_to(own.col(k), (v - curves.v.front()) / curves.step());
  }
  const Eigen::VectorXd weights = curves.weights;
  curves.weights.resize(2 * count);
  curves.weights << surface_weight_ * weights, (1.0 - surface_weight_) * weights;
  return curves;
}

ForecastAndRegrets Forecaster::State::forecast(double batch_size,
                                               std::span<const double> lrs) const {
  PredictiveCurves curves = surface_.curves_at(batch_size);
  const std::optional<Disagreement> found = disagreement(batch_size, curves);
  const BatchSizeAdvice advice(
      surface_,
      found ? either(batch_size, std::move(curves)) : averaged(batch_size, std::move(curves)),
      batch_size, options_);
  ForecastAndRegrets result{advice.forecast(), {}};
  Forecast& forecast = result.forecast;
  forecast.disagreement = found;
  if (found) {
    forecast.lr_low = std::min({forecast.lr_low, found->laws_low, found->surface_low});
    forecast.lr_high = std::max({forecast.lr_high, found->laws_high, found->surface_high});
  }
  const double gain = gain_at(options_.start, batch_size);
  for (const double lr : lrs) result.expected_regrets.push_back(advice.expected_regret(lr * gain));
  forecast = as_set(forecast, options_.start);
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
