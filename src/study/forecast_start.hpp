// Where the search at a batch size starts, from what was run at the others.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "etalon/study.hpp"
#include "study/search.hpp"

namespace etalon {

// For each of `batch_sizes`: the learning rate of the lattice, every fourth, that is nearest to the
// forecast of all observations, and those an octave to either side. A pure function of the set of
// observations.
std::vector<std::vector<double>> forecast_starts(std::span<const Observation> observations,
                                                 std::span<const std::int64_t> batch_sizes,
                                                 const Lattice& lattice);

}  // namespace etalon
