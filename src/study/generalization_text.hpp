// What the gaps between validation and training loss say, in words.
#pragma once

#include <string>

#include "etalon/generalization.hpp"

namespace etalon {

// One or two sentences, from all but `explanation`. There is at least one gap.
std::string explain(const Generalization& found);

}  // namespace etalon
