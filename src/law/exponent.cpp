// How the exponent is fitted: a random-effects regression of ln η* on ln B. The variance of a point
// is that of its own interval plus a scatter about the law that all share, found so that the
// weighted residuals have the size they should (Paule and Mandel 1982); the slope's interval uses
// the residuals' actual size, never less than expected, and a Student quantile with n − 2 degrees
// of freedom (Knapp and Hartung 2003). Censored optima are left out: they are only checked against
// the fitted law.
#include "etalon/exponent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/optimum.hpp"
#include "law/exponent_line.hpp"

namespace etalon {
namespace {

struct Point {
  double batch_size = 0.0;
  double x = 0.0, y = 0.0;  // ln B, ln η*
  double variance = 0.0;    // of y, from its interval
};

struct Line {
  double intercept = 0.0, slope = 0.0;
  double slope_variance = 0.0;  // if the weights are right
  double weighted_squares = 0.0;
};

Line weighted_line(const std::vector<Point>& points, double scatter) {
  double sum = 0, sum_x = 0, sum_y = 0;
  for (const Point& point : points) {
    const double weight = 1 / (point.variance + scatter);
    sum += weight;
    sum_x += weight * point.x;
    sum_y += weight * point.y;
  }
  const double mean_x = sum_x / sum, mean_y = sum_y / sum;
  double squares_x = 0, products = 0;
  for (const Point& point : points) {
    const double weight = 1 / (point.variance + scatter);
    squares_x += weight * (point.x - mean_x) * (point.x - mean_x);
    products += weight * (point.x - mean_x) * (point.y - mean_y);
  }
  Line line;
  line.slope = products / squares_x;
  line.intercept = mean_y - line.slope * mean_x;
  line.slope_variance = 1 / squares_x;
  for (const Point& point : points) {
    const double residual = point.y - line.intercept - line.slope * point.x;
    line.weighted_squares += residual * residual / (point.variance + scatter);
  }
  return line;
}

// The scatter at which the weighted squares equal their degrees of freedom; 0 if they are less
// without any.
double common_scatter(const std::vector<Point>& points) {
  const auto degrees = static_cast<double>(points.size()) - 2;
  if (degrees < 1 || weighted_line(points, 0).weighted_squares <= degrees) return 0;
  double low = 0, high = 1e-6;
  while (weighted_line(points, high).weighted_squares > degrees) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (weighted_line(points, middle).weighted_squares > degrees ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// The standard deviation of ln η* that the interval stands for. An interval with one side is taken
// to be as wide on the other.
std::optional<double> deviation(const Optimum& optimum, double level) {
  const double quantile = boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
  if (!optimum.lr_low && !optimum.lr_high) return std::nullopt;
  const double low = optimum.lr_low ? std::log(optimum.lr / *optimum.lr_low) : 0;
  const double high = optimum.lr_high ? std::log(*optimum.lr_high / optimum.lr) : 0;
  const double width = optimum.lr_low && optimum.lr_high ? low + high : 2 * std::max(low, high);
  return width / (2 * quantile);
}

std::vector<Point> interior_points(std::span<const Optimum> optima, double level) {
  // An optimum without interval is trusted no more than the least certain one with, nor more than
  // the grid of half-octaves it was read from.
  constexpr double kUnknownDeviation = 0.2;
  // Keeps one lucky interval from deciding the slope alone.
  constexpr double kLeastDeviation = 1e-3;
  double widest = kUnknownDeviation;
  for (const Optimum& optimum : optima) {
    if (optimum.censored == Censoring::none) {
      widest = std::max(widest, deviation(optimum, level).value_or(0));
    }
  }
  std::vector<Point> points;
  for (const Optimum& optimum : optima) {
    if (optimum.censored != Censoring::none) continue;
    const double sigma = std::max(kLeastDeviation, deviation(optimum, level).value_or(widest));
    points.push_back(
        {optimum.batch_size, std::log(optimum.batch_size), std::log(optimum.lr), sigma * sigma});
  }
  return points;
}

bool contradicts(const Optimum& optimum, const Line& line) {
  const double predicted = line.intercept + line.slope * std::log(optimum.batch_size);
  if (optimum.censored == Censoring::above) return predicted < std::log(optimum.lr);
  if (optimum.censored == Censoring::below) return predicted > std::log(optimum.lr);
  return false;
}

std::string explain(const Exponent& exponent, std::span<const Optimum> optima, const Line& line) {
  std::string text =
      fmt::format("fitted over {} batch sizes with an interior optimum", exponent.interior);
  if (exponent.censored > 0) {
    const auto against = std::count_if(optima.begin(), optima.end(),
                                       [&](const Optimum& o) { return contradicts(o, line); });
    text += fmt::format("; {} with an optimum at the edge of the tried learning rates left out",
                        exponent.censored);
    if (against > 0) text += fmt::format(", {} of which the fitted law contradicts", against);
  }
  if (!exponent.low) text += "; two points give no interval";
  return text;
}

void check_optima(std::span<const Optimum> optima) {
  for (const Optimum& optimum : optima) {
    check_batch_size(optimum.batch_size, "batch_size", "optima");
    check_lr(optimum.lr, "lr", "optima");
  }
}

// From the least to the greatest batch size; the same where there are fewer than two.
std::pair<Point, Point> ends_of(const std::vector<Point>& points) {
  const auto by_x = [](const Point& a, const Point& b) { return a.x < b.x; };
  const auto [first, last] = std::minmax_element(points.begin(), points.end(), by_x);
  return points.empty() ? std::pair<Point, Point>() : std::pair(*first, *last);
}

}  // namespace

std::optional<ExponentLine> exponent_line(std::span<const Optimum> optima, double level) {
  const std::vector<Point> points = interior_points(optima, level);
  const auto [first, last] = ends_of(points);
  if (first.x == last.x) return std::nullopt;
  const Line line = weighted_line(points, common_scatter(points));
  const auto lr_at = [&](const Point& end) {
    return std::exp(line.intercept + line.slope * end.x);
  };
  return ExponentLine{first.batch_size, lr_at(first), last.batch_size, lr_at(last)};
}

std::optional<Exponent> fit_exponent(std::span<const Optimum> optima, double level) {
  check_level(level);
  check_optima(optima);
  const std::vector<Point> points = interior_points(optima, level);
  const auto [first, last] = ends_of(points);
  if (first.x == last.x) return std::nullopt;
  const Line line = weighted_line(points, common_scatter(points));
  Exponent exponent;
  exponent.exponent = line.slope;
  exponent.level = level;
  exponent.interior = static_cast<std::int64_t>(points.size());
  exponent.censored = static_cast<std::int64_t>(optima.size() - points.size());
  exponent.batch_size_low = first.batch_size;
  exponent.batch_size_high = last.batch_size;
  if (points.size() > 2) {
    const auto degrees = static_cast<double>(points.size() - 2);
    const double inflation = std::max(1.0, line.weighted_squares / degrees);
    const double quantile =
        boost::math::quantile(boost::math::students_t(degrees), 0.5 + 0.5 * level);
    const double half_width = quantile * std::sqrt(inflation * line.slope_variance);
    exponent.low = line.slope - half_width;
    exponent.high = line.slope + half_width;
  }
  exponent.explanation = explain(exponent, optima, line);
  return exponent;
}

}  // namespace etalon
