// Laws are compared by importance sampling: shapes are drawn from their priors and weighted by the
// optima's likelihood; the intercept ln A is integrated out in closed form, batch size by batch
// size.
#include "etalon/laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "law/law_forms.hpp"

namespace etalon {
namespace {

constexpr int kDraws = 3000;
// Standard deviation of ln η* about any of these laws: they are simplifications.
constexpr double kMisfit = 0.15;
// Of an interior optimum that the data do not bound on both sides.
constexpr double kUnboundedDeviation = 0.7;
// One law is preferred to another when it predicts this many times better.
constexpr double kTellsApart = 3.0;

struct Point {
  double log_batch_size = 0.0;
  double log_lr = 0.0;
  double variance = 0.0;
  Censoring censored = Censoring::none;
};

std::vector<Point> to_points(std::span<const Optimum> optima, double level) {
  const double quantile = boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
  std::vector<Point> points;
  for (const Optimum& optimum : optima) {
    double deviation = kUnboundedDeviation;
    if (optimum.lr_low && optimum.lr_high) {
      deviation = 0.5 * std::log(*optimum.lr_high / *optimum.lr_low) / quantile;
    }
    points.push_back({std::log(optimum.batch_size), std::log(optimum.lr),
                      deviation * deviation + kMisfit * kMisfit, optimum.censored});
  }
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.log_batch_size < b.log_batch_size; });
  return points;
}

// What the points say under one shape.
struct Evidence {
  double log_first = 0.0;  // density of the smaller half
  double log_all = 0.0;    // of all
  double intercept = 0.0;  // posterior of ln A: mean
  double intercept_variance = 0.0;
};

Evidence weigh(const LawForm& form, const LawShape& shape, std::span<const Point> points,
               double prior_intercept) {
  Evidence evidence;
  double mean = prior_intercept;
  double variance = 9.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    if (i == points.size() / 2) evidence.log_first = evidence.log_all;
    const double residual = point.log_lr - form.value(shape, point.log_batch_size);
    const double total = variance + point.variance;
    const double z = (residual - mean) / std::sqrt(total);
    if (point.censored == Censoring::none) {
      evidence.log_all -= 0.5 * (z * z + std::log(total));
      mean += variance / total * (residual - mean);
      variance *= point.variance / total;
    } else {
      const double inside = point.censored == Censoring::below ? z : -z;
      evidence.log_all += std::log(0.5 * std::erfc(-inside / std::sqrt(2.0)) + 1e-9);
    }
  }
  evidence.intercept = mean;
  evidence.intercept_variance = variance;
  return evidence;
}

struct Weighted {
  double value;
  double weight;
};

Coefficient summarize(std::string name, std::vector<Weighted> values, double level) {
  std::sort(values.begin(), values.end(),
            [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  const double total =
      std::accumulate(values.begin(), values.end(), 0.0,
                      [](double sum, const Weighted& value) { return sum + value.weight; });
  const auto quantile = [&](double probability) {
    double sum = 0.0;
    for (const Weighted& value : values) {
      sum += value.weight;
      if (sum >= probability * total) return value.value;
    }
    return values.back().value;
  };
  return {std::move(name), quantile(0.5), quantile(0.5 - 0.5 * level), quantile(0.5 + 0.5 * level)};
}

// The weight is left unnormalized, as a logarithm.
LawFit fit(const LawForm& form, std::span<const Point> points, const LawOptions& options) {
  double center = 0.0;
  double height = 0.0;
  for (const Point& point : points) {
    center += point.log_batch_size / static_cast<double>(points.size());
    height += point.log_lr / static_cast<double>(points.size());
  }
  RandomStream stream(options.seed, fmt::format("laws.{}", form.name));
  std::vector<Weighted> intercepts;
  std::vector<Weighted> exponents;
  std::vector<Weighted> turns;
  double first = 0.0;
  double all = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const LawShape shape = form.draw(options.update, center, stream);
    const Evidence evidence = weigh(form, shape, points, height - form.value(shape, center));
    const double weight = std::exp(evidence.log_all);
    first += std::exp(evidence.log_first) / kDraws;
    all += weight / kDraws;
    const double intercept =
        evidence.intercept + std::sqrt(evidence.intercept_variance) * stream.normal();
    intercepts.push_back({std::exp(intercept), weight});
    exponents.push_back({shape.p, weight});
    turns.push_back({std::exp(shape.log_b0), weight});
  }
  LawFit result{std::string(form.name), std::log(all + 1e-300) - std::log(first + 1e-300), {}};
  result.coefficients.push_back(summarize("A", std::move(intercepts), options.level));
  if (form.has_exponent) {
    result.coefficients.push_back(summarize("p", std::move(exponents), options.level));
  }
  if (form.has_turn) {
    result.coefficients.push_back(summarize("B0", std::move(turns), options.level));
  }
  return result;
}

void normalize(std::vector<LawFit>& laws) {
  std::stable_sort(laws.begin(), laws.end(),
                   [](const LawFit& a, const LawFit& b) { return a.weight > b.weight; });
  const double greatest = laws.front().weight;
  double total = 0.0;
  for (LawFit& law : laws) total += law.weight = std::exp(law.weight - greatest);
  for (LawFit& law : laws) law.weight /= total;
}

std::string explain(const std::vector<LawFit>& laws) {
  std::string rivals;
  for (const LawFit& law : laws) {
    if (law.weight * kTellsApart < laws.front().weight) break;
    rivals += fmt::format("{}{} ({:.2f})", rivals.empty() ? "" : ", ", law.law, law.weight);
  }
  if (laws[1].weight * kTellsApart < laws.front().weight) {
    return fmt::format("of the laws, {} predicts held-out optima best", rivals);
  }
  return fmt::format("the runs do not tell these laws apart: {}", rivals);
}

}  // namespace

void LawOptions::validate() const {
  if (!(level > 0.0 && level < 1.0)) {
    throw InputError(fmt::format("level = {} is not in (0, 1)", level), "LawOptions",
                     "give a coverage such as 0.8");
  }
}

LawComparison compare_laws(std::span<const Optimum> optima, const LawOptions& options) {
  options.validate();
  const std::vector<Point> points = to_points(optima, options.level);
  const auto interior = std::count_if(points.begin(), points.end(), [](const Point& point) {
    return point.censored == Censoring::none;
  });
  if (interior < 2) {
    return {{}, "fewer than two batch sizes have an optimum inside the learning rates tried"};
  }
  LawComparison comparison;
  for (const LawForm& form : kLawForms) comparison.laws.push_back(fit(form, points, options));
  normalize(comparison.laws);
  comparison.explanation = explain(comparison.laws);
  return comparison;
}

}  // namespace etalon
