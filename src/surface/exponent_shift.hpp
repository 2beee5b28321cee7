// How loss surfaces are to be moved along ln η at another batch size than the only one that was
// run, so that their exponents of η*(B) are those of a prior. Pure.
#pragma once

#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "surface/balance_surface.hpp"

namespace etalon {

// (v*(u_to) − v*(u_from))/(u_to − u_from) of each surface, with optima among `v`, ascending.
std::vector<double> exponents_of(std::span<const BalanceSurface::Parameters> surfaces,
                                 double u_from, double u_to, std::span<const double> v);

// What is to be added to each of `exponents`, so that they have the prior's mean and deviation;
// their order stays.
std::vector<double> exponent_shifts(std::span<const double> exponents, const ExponentPrior& prior);

}  // namespace etalon
