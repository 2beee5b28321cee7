#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/choice.hpp"
#include "etalon/error.hpp"
#include "model/model_spec.hpp"

namespace etalon {

std::string_view precision_name(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "float32";
}

Precision parse_precision(std::string_view name) {
  std::vector<std::string> names;
  for (const Precision precision : {Precision::float32, Precision::bf16}) {
    names.emplace_back(precision_name(precision));
    if (equal_in_any_case(std::string(name), names.back())) return precision;
  }
  throw InputError(fmt::format("there is no precision '{}'", name), "",
                   choose_instead(std::string(name), names));
}

}  // namespace etalon
