// Whether the losses of some runs show that the learning rate matters at all.
#pragma once

#include <optional>
#include <span>

#include "etalon/trial.hpp"

namespace etalon {

// The probability of losses that a parabola in ln η at each batch size explains as well as these,
// were the learning rate of no consequence (the F test of parabolas against means, over the batch
// sizes with four finished learning rates or more). Empty where there are too few runs to tell.
// Runs that diverged do not count: whoever calls knows that they show something.
std::optional<double> chance_of_effect(std::span<const Observation> observations);

}  // namespace etalon
