#include "etalon/error.hpp"

#include <string>

namespace etalon {
namespace {

std::string join(std::string_view what_happened, std::string_view where,
                 std::string_view what_to_do) {
  std::string text(what_happened);
  for (std::string_view part : {where, what_to_do}) {
    if (part.empty()) continue;
    text += ", ";
    text += part;
  }
  return text;
}

}  // namespace

Error::Error(std::string_view what_happened, std::string_view where, std::string_view what_to_do)
    : std::runtime_error(join(what_happened, where, what_to_do)) {}

}  // namespace etalon
