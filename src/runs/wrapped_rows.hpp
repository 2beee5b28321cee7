// The rows of a JSON file that is one object around them: {"project": "x", "runs": [{...}, {...}]}.
// Pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace etalon {

// The texts of the objects in the only list of objects that `object` has, within `object`. Nothing
// where it has none or several, or is no JSON.
std::optional<std::vector<std::string_view>> wrapped_rows(std::string_view object);

}  // namespace etalon
