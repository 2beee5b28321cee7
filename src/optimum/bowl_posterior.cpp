#include "optimum/bowl_posterior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <tuple>

#include "optimum/bowl_rows.hpp"
#include "optimum/bowl_search.hpp"

namespace etalon {
namespace {

// States that stand for all, as many for each as its weight is worth.
constexpr int kStates = 400;
// Per excess, above the optimum: of the noise, as replicated trainings show, and of what the loss
// may rise above the bowl.
constexpr double kBlowUp = 0.5;
// Of what is known of that noise without replicates.
constexpr double kBlowUpDegrees = 2.0;
// Of deviations: what seeds have of their own moves rows far apart by more than neighbours.
constexpr double kWider = 1.2;
// Nine that stand for a normal distribution: the middles of nine equal shares.
constexpr std::array kDeviates = {-1.593, -0.967, -0.589, -0.282, 0.0, 0.282, 0.589, 0.967, 1.593};

}  // namespace

// The posterior's states, which excesses are read from.
class BowlStates {
 public:
  explicit BowlStates(const BowlSearch& search) : rows_(search.rows()) {
    double before = 0.0;
    int taken = 0;
    for (const BowlSearch::Cell& cell : search.cells()) {
      before += search.weight(cell);
      const int upto = std::min(kStates, static_cast<int>(std::lround(before * kStates)));
      if (upto == taken) continue;
      const double weight = static_cast<double>(upto - taken) / kStates;
      states_.push_back({weight, search.points()[cell.point], search.noise(cell)});
      total_ += weight;
      middle_ += weight * place_of(states_.back().point);
      taken = upto;
    }
    middle_ /= total_;
  }

  ExcessDistribution excess_at(std::size_t row) const {
    const auto own = static_cast<Eigen::Index>(row);
    std::map<std::tuple<double, double, double>, RowScatter> scatters;
    std::vector<ExcessDistribution::Part> parts;
    for (const State& state : states_) {
      const RowNoise& noise = state.noise;
      const auto key = std::tuple(noise.deviation, noise.share, noise.misfit);
      auto found = scatters.find(key);
      if (found == scatters.end()) {
        found = scatters.emplace(key, scatter_for(own, state)).first;
      }
      parts.push_back(excess_of(own, state, found->second));
    }
    return ExcessDistribution(std::move(parts));
  }

 private:
  struct State {
    double weight;
    BowlPoint point;
    RowNoise noise;
  };

  // The variance of a row above the optimum of its own, by which the loss may turn up towards
  // divergence faster than any bowl.
  double blow_up(Eigen::Index own) const {
    if (rows_.x[own] <= middle_) return 0.0;
    return squared(kBlowUp * std::max(rows_.excesses[own], rows_.losses[own]));
  }

  // Up there a run is noisier too, by as much, unless its replicates say otherwise.
  RowScatter scatter_for(Eigen::Index own, const State& state) const {
    const double variance = blow_up(own), runs = rows_.runs[own];
    const double noise = (kBlowUpDegrees * variance + rows_.squares[own]) /
                         (kBlowUpDegrees + std::max(0.0, runs - 1.0));
    return rows_.scatter(state.noise, own, variance > 0.0 ? variance + noise / runs : 0.0);
  }

  // The bowl's excess, and of its misfit what the rows tell: a normal, given the bowl.
  ExcessDistribution::Part excess_of(Eigen::Index own, const State& state,
                                     const RowScatter& scatter) const {
    Eigen::VectorXd excesses(rows_.size()), misfit(rows_.size());
    const Bowl bowl = bowl_of(state.point);
    for (Eigen::Index i = 0; i < rows_.size(); ++i) {
      excesses[i] = bowl.excess(rows_.x[i] - place_of(state.point));
      misfit[i] = rows_.misfit_covariance(state.noise.misfit, own, i);
    }
    misfit[own] += blow_up(own);
    const RowLine line = BowlRows::solve(scatter, excesses);
    const double curvature = std::max(0.0, line.curvature);
    const Eigen::VectorXd gain = scatter.precision * misfit;
    const Eigen::VectorXd off =
        rows_.losses - curvature * excesses -
        Eigen::VectorXd::Constant(rows_.size(), scatter.mean_loss - curvature * line.mean_excess);
    const Eigen::VectorXd centered =
        excesses - Eigen::VectorXd::Constant(rows_.size(), line.mean_excess);
    const double mean = curvature * excesses[own] + gain.dot(off);
    const double variance = line.variance * squared(excesses[own] - gain.dot(centered)) +
                            squared(gain.sum()) / scatter.total +
                            std::max(0.0, misfit[own] - gain.dot(misfit));
    const double even = rows_.x[own] > middle_ ? state.noise.deviation / kBlowUp
                                               : std::numeric_limits<double>::infinity();
    return {state.weight / total_, rows_.unit * mean, kWider * rows_.unit * std::sqrt(variance),
            rows_.unit * even};
  }

  BowlRows rows_;
  std::vector<State> states_;
  double total_ = 0.0;   // of the weights
  double middle_ = 0.0;  // of the places
};

namespace {

// The search's places with their weights, ascending, each spread by what the seeds that ran may
// have shifted it.
std::vector<std::pair<double, double>> places_of(const BowlSearch& search) {
  std::vector<double> variances(search.points().size());
  for (const BowlSearch::Cell& cell : search.cells()) {
    const double curvature = std::max(cell.line.curvature, std::sqrt(cell.line.variance));
    variances[cell.point] +=
        search.weight(cell) * search.rows().shift_variance(search.noise(cell).deviation, curvature);
  }
  std::vector<std::pair<double, double>> places;
  for (std::size_t k = 0; k < search.points().size(); ++k) {
    const double weight = search.weights()[k];
    if (!(weight > 0.0)) continue;
    const double place = place_of(search.points()[k]);
    const double spread = std::sqrt(variances[k] / weight);
    for (const double deviate : kDeviates) {
      places.emplace_back(place + deviate * spread, weight / kDeviates.size());
    }
  }
  std::sort(places.begin(), places.end());
  return places;
}

double score(const ExcessDistribution::Part& part, double excess) {
  const double deviation = std::max(part.deviation, 1e-300);
  if (!std::isfinite(part.even)) return (excess - part.mean) / deviation;
  const double slope = 1.0 / std::hypot(part.even, part.mean, deviation);  // of the scale
  return (std::asinh(excess / part.even) - std::asinh(part.mean / part.even)) / (slope * deviation);
}

}  // namespace

double ExcessDistribution::probability_below(double excess) const {
  double sum = 0.0;
  for (const Part& part : parts_) {
    sum += part.weight * 0.5 * std::erfc(-score(part, excess) / std::numbers::sqrt2);
  }
  return sum;
}

double ExcessDistribution::quantile(double probability) const {
  double low = 0.0, high = 0.0;
  for (const Part& part : parts_) high = std::max(high, part.mean + part.deviation);
  while (probability_below(high) < probability) high *= 2.0;
  if (probability_below(low) >= probability) return low;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (probability_below(middle) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

namespace {

// A bowl may take rows beyond a cliff for outliers and pass them. Then it is sought anew between
// those that are worse.
BowlSearch search_for(const BowlData& data, const BowlPrior& prior) {
  BowlSearch search(data, prior);
  search.run();
  const double place = search.moments().mean[0];
  if (place >= data.worse_below && place <= data.worse_above) return search;
  BowlSearch between(data, prior);
  between.narrow(data.worse_below, data.worse_above);
  between.run();
  return between;
}

}  // namespace

BowlPosterior::BowlPosterior(const BowlData& data, const BowlPrior& prior) {
  const BowlSearch search = search_for(data, prior);
  places_ = places_of(search);
  const BowlSearch::Moments found = search.moments();
  log_rate_above_ = {found.mean[1], found.covariance(1, 1)};
  rate_below_ = {found.mean[2], found.covariance(2, 2)};
  const double unit = search.rows().unit;
  double squares = 0.0;
  least_loss_ = search.rows().least;
  for (const BowlSearch::Cell& cell : search.cells()) {
    const double weight = search.weight(cell),
                 log_noise = std::log(search.noise(cell).deviation * unit);
    curvature_ += weight * unit * std::max(0.0, cell.line.curvature);
    least_loss_ += weight * unit * cell.line.level;
    log_noise_.mean += weight * log_noise;
    squares += weight * log_noise * log_noise;
  }
  log_noise_.variance = std::max(0.0, squares - squared(log_noise_.mean));
  log_of_shares_ = search.log_of_shares();
  inflations_.assign(search.rows().inflations.begin(), search.rows().inflations.end());
  states_ = std::make_shared<const BowlStates>(search);
}

double BowlPosterior::noise() const {
  return std::exp(log_noise_.mean + 0.5 * log_noise_.variance);
}

ExcessDistribution BowlPosterior::excess_at(std::size_t row) const {
  return states_->excess_at(row);
}

// Along lines between the places, each of which has half its weight on either side.
double BowlPosterior::quantile(double probability) const {
  double before = 0.0, last = places_.front().first, last_share = 0.0;
  for (const auto& [at, weight] : places_) {
    const double share = before + 0.5 * weight;
    if (share >= probability) {
      if (share <= last_share) return at;
      return last + (at - last) * (probability - last_share) / (share - last_share);
    }
    last = at;
    last_share = share;
    before += weight;
  }
  return last;
}

}  // namespace etalon
