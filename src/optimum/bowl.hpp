// The loss about its optimum at one batch size, over z = ln(η/η*):
//
//   excess(z) = c · ((e^(q·z) − 1)/q + (e^(−p·z) − 1)/p) / (q + p)
//
// the balance of two costs whose slopes cancel at the optimum: noise and instability, which rise
// with η at the rate q > 0, and too little progress, which falls with it at the rate p. At p = 0 it
// is e^z − 1 − z for q = 1, as both go to 0 a parabola, and below 0 progress saturates at small η.
// c is the second derivative at the optimum.
#pragma once

#include <algorithm>
#include <cmath>

namespace etalon {

inline double squared(double value) { return value * value; }

struct Bowl {
  double rate_above = 1.0;  // q
  double rate_below = 0.0;  // p > −q

  // For c = 1. Far above, where the exponential is of no matter, it stops growing.
  double excess(double z) const {
    return (cost(rate_above, z) + cost(rate_below, -z)) / (rate_above + rate_below);
  }

 private:
  static double cost(double rate, double z) {
    constexpr double kMostExponent = 60.0;
    constexpr double kNoRate = 1e-6;
    if (std::abs(rate) < kNoRate) return z;
    return std::expm1(std::min(rate * z, kMostExponent)) / rate;
  }
};

}  // namespace etalon
