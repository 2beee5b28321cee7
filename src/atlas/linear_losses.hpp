// What the linear rule lost with optimizers that it was not derived for.
#pragma once

#include "etalon/atlas.hpp"

namespace etalon {

// Adds to the warnings of rule linear, of an adaptive optimizer, what it lost elsewhere, beside
// what the square root did. Nothing where no row tells.
void warn_of_linear_losses(RuleComparison& comparison, const AtlasEvidence& evidence,
                           const Recipe& base);

}  // namespace etalon
