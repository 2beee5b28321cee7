#include "surface/fitted_surface.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "core/random.hpp"
#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Beyond the batch sizes that were run, ln η* may leave the fitted surface by a normal deviate of
// this much per unit of ln B: the forms are simplifications, and their errors grow with distance.
constexpr double kDrift = 0.15;

// How far beyond the learning rates that were run an optimum is looked for, in ln η; plus one per
// unit of ln B beyond the batch sizes that were run.
constexpr double kMargin = 1.5;
// Below a divergence with nothing run below it, what is advised is no more than this share of it:
// two octaves, in which to find whether a training ends at all.
constexpr double kBelowDivergence = 0.25;
// Over learning rates farther apart than these many steps, the steps are wider: time and memory
// grow with the square of the rows.
constexpr double kMostRows = 400.0;

// In rises: what half of a row, a sixteenth of an octave, loses. No optimum is known more finely,
// so that no learning rate is expected to lose nothing.
constexpr double kLeastRegret = 1.0 / 256.0;
// Numerical: learning rates nearer than this in ln η are one.
constexpr double kSameV = 1e-9;
// Deviations of noise by which a learning rate may lose more or less than runs around it show.
constexpr double kShownDeviations = 2.0;

using Tried = std::map<double, std::vector<double>>;

Tried group(std::span<const Observation> observations, std::span<const LossBound> bounds) {
  Tried tried;
  for (const Observation& observation : observations) {
    tried[observation.batch_size].push_back(observation.lr);
  }
  for (const LossBound& bound : bounds) tried[bound.batch_size].push_back(bound.lr);
  for (auto& [batch_size, lrs] : tried) {
    std::sort(lrs.begin(), lrs.end());
    lrs.erase(std::unique(lrs.begin(), lrs.end()), lrs.end());
  }
  return tried;
}

// A run so many octaves from the best at its batch size says nothing of where the optimum is, and
// no smooth surface runs through it: a loss that saturates looks like a second valley.
constexpr double kFarOctaves = 9.0;

bool is_far(double lr, double best_lr) { return std::abs(std::log2(lr / best_lr)) > kFarOctaves; }

// The learning rate of least loss at each batch size. One that is itself far from most is a stray:
// then the best of the others.
std::map<double, double> best_rates(std::span<const Observation> observations) {
  std::map<double, std::vector<std::pair<double, double>>> finished;  // loss, lr
  for (const Observation& run : observations) {
    if (!run.diverged()) finished[run.batch_size].emplace_back(*run.loss, run.lr);
  }
  std::map<double, double> best;
  for (auto& [batch_size, runs] : finished) {
    std::sort(runs.begin(), runs.end());
    const auto has_company = [&runs = runs](const std::pair<double, double>& candidate) {
      const auto far = std::count_if(runs.begin(), runs.end(), [&](const auto& run) {
        return is_far(run.second, candidate.second);
      });
      return 2 * far <= std::ssize(runs);
    };
    const auto found = std::find_if(runs.begin(), runs.end(), has_company);
    best[batch_size] = (found == runs.end() ? runs.front() : *found).second;
  }
  return best;
}

// Without finished runs that are far; what diverged is a bound however far.
std::vector<Observation> near_the_best(std::span<const Observation> observations) {
  const auto best = best_rates(observations);
  std::vector<Observation> near;
  std::copy_if(observations.begin(), observations.end(), std::back_inserter(near),
               [&](const Observation& run) {
                 return run.diverged() || !is_far(run.lr, best.at(run.batch_size));
               });
  return near;
}

// Where something finished, and not far from the best of it; in an order of their own.
std::vector<LossBound> near_the_best(std::span<const LossBound> bounds,
                                     std::span<const Observation> observations) {
  const auto best = best_rates(observations);
  std::vector<LossBound> near;
  std::copy_if(bounds.begin(), bounds.end(), std::back_inserter(near), [&](const LossBound& bound) {
    const auto found = best.find(bound.batch_size);
    return found != best.end() && !is_far(bound.lr, found->second);
  });
  std::sort(near.begin(), near.end());
  return near;
}

// Without what is contradicted, in an order of its own, so that the order given changes no sum.
std::vector<Observation> consistent(std::span<const Observation> observations) {
  std::vector<Observation> runs = without_contradictions(observations);
  const auto loss = [](const Observation& run) {
    return run.diverged() ? -std::numeric_limits<double>::infinity() : *run.loss;
  };
  std::sort(runs.begin(), runs.end(), [&](const Observation& a, const Observation& b) {
    return std::tuple(a.batch_size, a.lr, loss(a)) < std::tuple(b.batch_size, b.lr, loss(b));
  });
  return runs;
}

std::map<double, double> find_diverged(std::span<const Observation> observations) {
  std::map<double, double> least;
  for (const Observation& run : observations) {
    if (!run.diverged()) continue;
    const auto [entry, is_new] = least.try_emplace(run.batch_size, run.lr);
    if (!is_new) entry->second = std::min(entry->second, run.lr);
  }
  return least;
}

std::map<double, double> find_bare(std::span<const Observation> observations) {
  std::map<double, double> bare;
  for (const BareDivergence& each : find_bare_divergences(observations)) {
    bare[each.batch_size] = each.lr;
  }
  return bare;
}

std::vector<double> find_measured(std::span<const Observation> observations) {
  std::set<double> measured;
  for (const Observation& run : observations) {
    if (!run.diverged()) measured.insert(run.batch_size);
  }
  return {measured.begin(), measured.end()};
}

double nearest_of(std::span<const double> batch_sizes, double batch_size) {
  const auto distance = [&](double other) { return std::abs(std::log(other / batch_size)); };
  return *std::min_element(batch_sizes.begin(), batch_sizes.end(),
                           [&](double a, double b) { return distance(a) < distance(b); });
}

// The median gap between neighbouring learning rates, as a distance in ln η; kept within what a
// search can use.
double find_spacing(const Tried& tried) {
  constexpr double kStep = FittedSurface::kStep;
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

void check_observations(std::span<const Observation> observations) {
  for (const Observation& observation : observations) {
    check_batch_size(observation.batch_size, "batch_size", "observations");
    check_lr(observation.lr, "lr", "observations");
  }
}

void check_loss_bounds(std::span<const LossBound> bounds) {
  for (const LossBound& bound : bounds) {
    check_batch_size(bound.batch_size, "batch_size", "bounds");
    check_lr(bound.lr, "lr", "bounds");
    if (is_valid_loss(bound.at_least)) continue;
    throw InputError(fmt::format("at_least is {}", bound.at_least), "bounds", "it must be finite");
  }
}

FittedSurface::FittedSurface(std::span<const Observation> observations, UpdateKind update,
                             const SamplingOptions& sampling, const MisfitModel* misfit,
                             std::span<const LossBound> bounds,
                             const std::optional<ExponentPrior>& exponent)
    : FittedSurface(near_the_best(observations), consistent(near_the_best(observations)), update,
                    sampling, misfit, near_the_best(bounds, observations), exponent) {}

FittedSurface::FittedSurface(std::span<const Observation> all,
                             std::span<const Observation> consistent, UpdateKind update,
                             const SamplingOptions& sampling, const MisfitModel* misfit,
                             std::span<const LossBound> bounds,
                             const std::optional<ExponentPrior>& exponent)
    : seed_(sampling.seed),
      tried_(group(all, bounds)),
      measured_(find_measured(consistent)),
      diverged_(find_diverged(consistent)),
      bare_(find_bare(consistent)),
      spacing_(find_spacing(tried_)),
      exponent_(exponent),
      sweep_(standardize(consistent, bounds)),
      posterior_(fit_surface(sweep_, update, sampling, misfit)) {
  RandomStream stream(seed_, "advice.drift");
  drifts_.resize(posterior_.draws().size());
  for (double& drift : drifts_) drift = stream.normal();
}

double FittedSurface::extrapolation(double batch_size) const {
  return std::max({1.0, batch_size / measured_.back(), measured_.front() / batch_size});
}

double FittedSurface::drift(double batch_size) const {
  return kDrift * std::log(extrapolation(batch_size));
}

double FittedSurface::nearest(double batch_size) const { return nearest_of(measured_, batch_size); }

double FittedSurface::nearest_run(double batch_size) const {
  std::vector<double> batch_sizes;
  for (const auto& [each, lrs] : tried_) batch_sizes.push_back(each);
  return nearest_of(batch_sizes, batch_size);
}

std::optional<FittedSurface::Edge> FittedSurface::edge(double batch_size) const {
  const double here = nearest_run(batch_size);
  const auto diverged = diverged_.find(here);
  if (diverged == diverged_.end()) return std::nullopt;
  const std::vector<double>& lrs = tried_.at(here);
  const auto above = std::lower_bound(lrs.begin(), lrs.end(), diverged->second);
  if (above == lrs.begin()) return std::nullopt;
  return Edge{*std::prev(above), diverged->second};
}

std::optional<double> FittedSurface::ceiling(double batch_size) const {
  const auto bare = bare_.find(nearest_run(batch_size));
  if (bare == bare_.end()) return std::nullopt;
  return bare->second * std::max(1.0, batch_size / bare->first);
}

std::vector<SweepPoint> FittedSurface::rows_at(double batch_size) const {
  std::vector<SweepPoint> rows;
  const double u = sweep_.u_of(batch_size);
  const auto is_here = [u](const SweepPoint& point) { return point.u == u && !point.is_soft; };
  std::copy_if(sweep_.points.begin(), sweep_.points.end(), std::back_inserter(rows), is_here);
  std::copy_if(sweep_.bounds.begin(), sweep_.bounds.end(), std::back_inserter(rows), is_here);
  std::sort(rows.begin(), rows.end(),
            [](const SweepPoint& a, const SweepPoint& b) { return a.v < b.v; });
  return rows;
}

std::optional<double> FittedSurface::best_run(double batch_size) const {
  const std::vector<SweepPoint> rows = rows_at(batch_size);
  if (rows.empty()) return std::nullopt;
  const auto best = std::min_element(
      rows.begin(), rows.end(),
      [](const SweepPoint& a, const SweepPoint& b) { return a.excess < b.excess; });
  if (best->excess >= kExplainedExcess) return std::nullopt;
  return sweep_.lr_of(best->v);
}

FittedSurface::Shown FittedSurface::shown_regret(double batch_size, double lr) const {
  const std::vector<SweepPoint> rows = rows_at(batch_size);
  const std::optional<double> best_lr = best_run(batch_size);
  if (!best_lr) return {};
  const double v = sweep_.v_of(lr);
  const double best_v = sweep_.v_of(*best_lr);
  // At an edge the best may be far below the best that was run.
  const bool is_enclosed = rows.front().v < best_v - kSameV && rows.back().v > best_v + kSameV;
  Shown shown;
  // Half of what lies between two rows may hide a better place than the best of them.
  const double hidden = 0.25 * spacing_ * spacing_ / (std::numbers::ln2 * std::numbers::ln2);
  for (const SweepPoint& row : rows) {
    const double deviation =
        kShownDeviations * std::hypot(std::sqrt(misfit().noise_variance(row)), misfit().noise);
    const bool is_between =
        std::min(v, best_v) - kSameV <= row.v && row.v <= std::max(v, best_v) + kSameV;
    const bool is_beyond = v >= best_v ? row.v >= v - kSameV : row.v <= v + kSameV;
    if (is_between) shown.low = std::max(shown.low, row.excess - deviation);
    if (is_enclosed && is_beyond && row.excess < kExplainedExcess) {
      shown.high = std::min(shown.high, row.excess + deviation + hidden);
    }
  }
  shown.high = std::max(shown.high, shown.low);
  return shown;
}

std::vector<double> FittedSurface::grid(double batch_size) const {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const auto& [ignored, lrs] : tried_) {
    low = std::min(low, sweep_.v_of(lrs.front()));
    high = std::max(high, sweep_.v_of(lrs.back()));
  }
  const double margin = kMargin + std::log(extrapolation(batch_size));
  low = std::max(low - margin, sweep_.v_of(kLeastLr));
  high = std::min(high + margin, sweep_.v_of(ceiling(batch_size).value_or(kGreatestLr)));
  low = std::min(low, high - kMargin);
  const double step = std::max(kStep, (high - low) / kMostRows);
  std::vector<double> v;
  for (double at = low; at <= high; at += step) v.push_back(at);
  return v;
}

bool FittedSurface::rests_on_prior(double batch_size) const {
  return exponent_ && measured_.size() == 1 && batch_size != measured_.front();
}

std::vector<double> FittedSurface::shifts(double batch_size) const {
  double mean = 0.0, deviation = drift(batch_size);
  if (deviation == 0.0) return {};
  if (rests_on_prior(batch_size)) {
    const double distance = sweep_.u_of(batch_size) - sweep_.u_of(nearest(batch_size));
    mean = distance * exponent_->mean;
    deviation = std::hypot(deviation, distance * exponent_->deviation);
  }
  std::vector<double> shifts = drifts_;
  for (double& shift : shifts) shift = mean + deviation * shift;
  return shifts;
}

Prediction FittedSurface::predict(double batch_size, std::span<const double> v) const {
  const double u = sweep_.u_of(batch_size);
  const double form_u = rests_on_prior(batch_size) ? sweep_.u_of(nearest(batch_size)) : u;
  return posterior_.predict(u, v, shifts(batch_size), form_u);
}

PredictiveCurves FittedSurface::curves_at(double batch_size) const {
  return curves_over(batch_size, grid(batch_size));
}

PredictiveCurves FittedSurface::curves_over(double batch_size, std::vector<double> v) const {
  PredictiveCurves curves;
  curves.v = std::move(v);
  Prediction prediction = predict(batch_size, curves.v);
  curves.losses = std::move(prediction.mean);
  curves.covariance = std::move(prediction.covariance);
  const Eigen::Index count = curves.losses.cols();
  curves.weights = Eigen::VectorXd::Constant(count, 1.0 / static_cast<double>(count));
  curves.noise = misfit().noise;
  curves.relative_noise = misfit().relative_noise;
  // Where optima may lie octaves apart, the few draws whose costs grow fastest would decide alone.
  if (rests_on_prior(batch_size)) curves.most_lost = kExplainedExcess;
  return curves;
}

std::vector<double> FittedSurface::draw_optima(double batch_size) const {
  const PredictiveCurves curves = curves_at(batch_size);
  std::vector<Eigen::Index> rows(curves.v.size());
  std::iota(rows.begin(), rows.end(), 0);
  const DiscrepancySampler roughness(curves.covariance, rows);
  RandomStream stream(seed_, "surface.optima");
  const Eigen::MatrixXd losses = curves.losses + roughness.draw(stream, curves.losses.cols());
  std::vector<double> optima;
  for (Eigen::Index k = 0; k < losses.cols(); ++k) {
    Eigen::Index least = 0;
    losses.col(k).minCoeff(&least);
    optima.push_back(std::log(sweep_.lr_of(curves.v[static_cast<std::size_t>(least)])));
  }
  return optima;
}

BatchSizeAdvice::BatchSizeAdvice(const FittedSurface& surface, PredictiveCurves curves,
                                 double batch_size, const AdviceOptions& options)
    : surface_(surface),
      curves_(std::move(curves)),
      batch_size_(batch_size),
      options_(options),
      regrets_(curves_),
      hidden_gain_(hidden_gain(curves_, options.seed)) {}

// No learning rate at or above a divergence that has nothing below it loses less than is explained.
double BatchSizeAdvice::least_regret(double lr) const {
  const auto ceiling = surface_.ceiling(batch_size_);
  return ceiling && lr >= *ceiling ? surface_.sweep().loss_scale * kExplainedExcess : 0.0;
}

double BatchSizeAdvice::expected_regret(double lr) const {
  const StandardizedSweep& sweep = surface_.sweep();
  const FittedSurface::Shown shown = surface_.shown_regret(batch_size_, lr);
  const double regret = regrets_.at(sweep.v_of(lr)) + hidden_gain_ + kLeastRegret;
  return std::max(least_regret(lr), sweep.loss_scale * std::clamp(regret, shown.low, shown.high));
}

RegretForecast BatchSizeAdvice::regret(double lr) const {
  const StandardizedSweep& sweep = surface_.sweep();
  const SimulatedRegrets regrets(curves_, sweep.v_of(lr), options_.seed);
  RegretForecast forecast;
  forecast.lr = lr;
  forecast.expected = expected_regret(lr);
  const auto quantile = [&](double probability) {
    return std::max(least_regret(lr), sweep.loss_scale * regrets.quantile(probability));
  };
  forecast.low = quantile(0.5 * (1.0 - options_.level));
  forecast.high = quantile(0.5 * (1.0 + options_.level));
  return forecast;
}

// Where the curves have it, or the best that was run, should runs show that it loses less.
double BatchSizeAdvice::best_lr() const {
  const double lr = surface_.sweep().lr_of(regrets_.best_v());
  const std::optional<double> run = surface_.best_run(batch_size_);
  return run && expected_regret(*run) < expected_regret(lr) ? *run : lr;
}

// The learning rate of least expected regret; but where no run tells whether training diverges, or
// where it did, the highest that is known to end well, or well below what diverged: a lost run
// costs more than the part of a step between them.
double BatchSizeAdvice::choose_lr() const {
  const double lr = best_lr();
  if (const auto ceiling = surface_.ceiling(batch_size_)) {
    return std::max(kLeastLr, std::min(lr, kBelowDivergence * *ceiling));
  }
  const auto edge = surface_.edge(batch_size_);
  if (!edge || lr <= edge->finished) return lr;
  const bool was_run = surface_.nearest(batch_size_) == batch_size_;
  return was_run || lr < edge->diverged ? edge->finished : lr;
}

// Losses that are all positive stay so: below the least that was measured, what the curves say is
// taken of the logarithm.
double BatchSizeAdvice::expected_loss() const {
  const StandardizedSweep& sweep = surface_.sweep();
  const double rises = curves_.losses.row(regrets_.best_row()).dot(curves_.weights);
  const double change = sweep.loss_scale * rises;
  if (change >= 0.0 || sweep.least_loss <= 0.0) return sweep.least_loss + change;
  return sweep.least_loss * std::exp(change / sweep.least_loss);
}

// Where the best is the highest that ended well, what lies between it and the divergence is not
// known: no row shows where the bowl turns. Elsewhere as much above the learning rate advised.
double BatchSizeAdvice::highest_possible(double lr) const {
  const double nearest = surface_.nearest(batch_size_);
  const auto edge = surface_.edge(batch_size_);
  const auto best = surface_.best_run(nearest);
  if (!edge || !best || *best * (1.0 + kSameV) < edge->finished) return 0.0;
  const bool was_run = nearest == batch_size_;
  return was_run ? edge->diverged : lr * edge->diverged / edge->finished;
}

Forecast BatchSizeAdvice::forecast() const {
  const StandardizedSweep& sweep = surface_.sweep();
  const double stride = std::max(1.0, std::round(surface_.spacing() / curves_.step()));
  const SimulatedBests bests(curves_, static_cast<std::uint32_t>(stride), options_.seed);
  Forecast forecast;
  forecast.batch_size = batch_size_;
  forecast.lr = choose_lr();
  const double low = bests.quantile(0.5 * (1.0 - options_.level));
  const double high = bests.quantile(0.5 * (1.0 + options_.level));
  forecast.lr_low = std::min(forecast.lr, sweep.lr_of(low));
  forecast.lr_high = std::max({forecast.lr, sweep.lr_of(high), highest_possible(forecast.lr)});
  forecast.expected_loss = expected_loss();
  forecast.expected_regret = expected_regret(forecast.lr);
  forecast.nearest_batch_size = surface_.nearest(batch_size_);
  forecast.extrapolation = surface_.extrapolation(batch_size_);
  return forecast;
}

}  // namespace etalon
