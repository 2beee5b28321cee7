// The mean of a few values with a Student interval whose spread may be pooled with a better known
// one. Shared by the estimates of excess losses and regrets. Pure.
#pragma once

#include <vector>

namespace etalon {

struct VarianceEstimate {
  double variance = 0.0;
  double degrees_of_freedom = 0.0;  // 0: nothing is known
};

// Of a single value, from at least two.
VarianceEstimate variance_of(const std::vector<double>& values);

enum class Pooling { sometimes, always };

// `own` and `near` together; with `sometimes`, only `own` if it is significantly the greater.
VarianceEstimate pooled(const VarianceEstimate& own, const VarianceEstimate& near, Pooling pooling);
bool is_greater(const VarianceEstimate& own, const VarianceEstimate& near);

struct MeanInterval {
  double mean = 0.0;
  double low = 0.0, high = 0.0;
};

// The quantile that a two-sided interval of coverage `level` takes.
double student_quantile(double degrees_of_freedom, double level);

MeanInterval mean_interval(const std::vector<double>& values, const VarianceEstimate& near,
                           double level, Pooling pooling = Pooling::sometimes);

}  // namespace etalon
