#include "optimum/student_interval.hpp"

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace etalon {
namespace {

// It is large because failing to see a difference with so few seeds says little (Bancroft's
// "sometimes pool").
constexpr double kPoolingLevel = 0.25;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

VarianceEstimate variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto degrees = static_cast<double>(values.size() - 1);
  return {squares / degrees, degrees};
}

bool is_greater(const VarianceEstimate& own, const VarianceEstimate& near) {
  if (near.degrees_of_freedom == 0) return true;
  const boost::math::fisher_f ratio(own.degrees_of_freedom, near.degrees_of_freedom);
  const double critical = boost::math::quantile(boost::math::complement(ratio, kPoolingLevel));
  return own.variance > critical * near.variance;
}

VarianceEstimate pooled(const VarianceEstimate& own, const VarianceEstimate& near,
                        Pooling pooling) {
  if (near.degrees_of_freedom == 0) return own;
  if (pooling == Pooling::sometimes && is_greater(own, near)) return own;
  const double degrees = own.degrees_of_freedom + near.degrees_of_freedom;
  return {
      (own.variance * own.degrees_of_freedom + near.variance * near.degrees_of_freedom) / degrees,
      degrees};
}

double student_quantile(double degrees_of_freedom, double level) {
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), 0.5 + 0.5 * level);
}

MeanInterval mean_interval(const std::vector<double>& values, const VarianceEstimate& near,
                           double level, Pooling pooling) {
  const VarianceEstimate spread = pooled(variance_of(values), near, pooling);
  const double mean = mean_of(values);
  const double margin = student_quantile(spread.degrees_of_freedom, level) *
                        std::sqrt(spread.variance / static_cast<double>(values.size()));
  return {mean, mean - margin, mean + margin};
}

}  // namespace etalon
