#include "metrics/loose_json.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace etalon {

std::string spelled_out(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"NaN", "\"nan\""}, {"-Infinity", "\"-inf\""}, {"Infinity", "\"inf\""}};
  std::string result;
  result.reserve(text.size());
  StringTracker strings;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_inside = strings.is_inside(text[i]);
    const auto* word = std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& each) {
      return !is_inside && text.substr(i).starts_with(each.first);
    });
    if (word == std::end(kWords)) {
      result += text[i];
    } else {
      result += word->second;
      i += word->first.size() - 1;
    }
  }
  return result;
}

}  // namespace etalon
