// The mean of a few values with a Student interval whose spread may be pooled with a better known
// one. Shared by the estimates of rises and regrets. Pure.
#pragma once

#include <vector>

namespace etalon {

struct Spread {
  double variance = 0.0;
  double degrees_of_freedom = 0.0;  // 0: nothing is known
};

// Of a single value, from at least two.
Spread spread_of(const std::vector<double>& values);

enum class Pooling { sometimes, always };

// `own` and `near` together; with `sometimes`, only `own` if it is significantly the greater.
Spread pooled(const Spread& own, const Spread& near, Pooling pooling);
bool is_greater(const Spread& own, const Spread& near);

struct Limits {
  double mean = 0.0;
  double low = 0.0, high = 0.0;
};

// The quantile that a two-sided interval of coverage `level` takes.
double student_quantile(double degrees_of_freedom, double level);

Limits limits_of_mean(const std::vector<double>& values, const Spread& near, double level,
                      Pooling pooling = Pooling::sometimes);

}  // namespace etalon
