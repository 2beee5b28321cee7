// Which observations say most about the optimum at some batch sizes: a fit takes time with the
// square of how many it is given, and a suggestion is to be quick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

// The observations at the `most` points (batch size, learning rate) that are nearest to the best
// learning rate of their batch size and to one of `batch_sizes`, replicates included, in the order
// given; all of them when there are no more points than that. Else those within an eighth of an
// octave count as replicates at their mean learning rate, those that diverged at their least.
std::vector<Observation> nearest_points(std::span<const Observation> observations,
                                        std::span<const std::int64_t> batch_sizes,
                                        std::size_t most);

}  // namespace etalon
