// The words that stand for the library's enumerations in files: part of the file formats.
#pragma once

#include <string_view>

#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"

namespace etalon {

std::string_view name_of(Verdict verdict);      // "holds", "fails", "cannot tell"
std::string_view name_of(Censoring censoring);  // "none", "below", "above"

}  // namespace etalon
