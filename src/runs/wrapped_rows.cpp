#include "runs/wrapped_rows.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "metrics/loose_json.hpp"

namespace etalon {
namespace {

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// Where the lists of objects begin, behind their '['; lists within lists are not looked at.
std::vector<std::size_t> lists_of_objects(std::string_view text) {
  std::vector<std::size_t> lists;
  StringTracker strings;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (strings.is_inside(text[i])) continue;
    if (text[i] == '[' && depth++ == 0 &&
        without_blanks_before(text.substr(i + 1)).starts_with('{')) {
      lists.push_back(i + 1);
    }
    depth -= text[i] == ']';
  }
  return lists;
}

// Of the list that `text` is behind its '['.
std::vector<std::string_view> elements_of(std::string_view text) {
  std::vector<std::string_view> elements;
  StringTracker strings;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; depth >= 0 && i < text.size(); ++i) {
    if (strings.is_inside(text[i])) continue;
    depth += text[i] == '{' || text[i] == '[';
    depth -= text[i] == '}' || text[i] == ']';
    if (depth > 0 || (depth == 0 && text[i] != ',')) continue;
    elements.push_back(without_blanks_before(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return elements;
}

}  // namespace

std::optional<std::vector<std::string_view>> wrapped_rows(std::string_view object) {
  const std::vector<std::size_t> lists = lists_of_objects(object);
  if (lists.size() != 1 || !nlohmann::json::accept(spelled_out(object))) return std::nullopt;
  return elements_of(object.substr(lists.front()));
}

}  // namespace etalon
