#include "program/placed_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

[[noreturn]] void refuse_brace(std::string_view text) {
  throw InputError(fmt::format("'{}' has a brace without its other half", shortened(text)), "",
                   "write {{ and }} for braces that are meant as they are");
}

void check_place(std::string_view place, std::string_view text,
                 std::span<const std::string> known) {
  if (std::find(known.begin(), known.end(), place) != known.end()) return;
  const bool is_all = text == fmt::format("{{{}}}", place);  // then it would be said twice
  throw InputError(fmt::format("there is no placeholder {{{}}}", shortened(place)),
                   is_all ? "" : fmt::format("'{}'", shortened(text)),
                   fmt::format("{}; write {{{{ and }}}} for braces that are meant as they are",
                               choose_instead(place, known)));
}

}  // namespace

PlacedText::PlacedText(std::string_view text, std::span<const std::string> known) {
  parts_.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_brace = text[i] == '{' || text[i] == '}';
    if (!is_brace) {
      parts_.back().text += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == text[i]) {
      parts_.back().text += text[i++];
    } else {
      const std::size_t end = text.find_first_of("{}", i + 1);
      if (text[i] == '}' || end == std::string_view::npos || text[end] == '{') refuse_brace(text);
      parts_.back().place = text.substr(i + 1, end - i - 1);
      check_place(parts_.back().place, text, known);
      parts_.emplace_back();
      i = end;
    }
  }
}

std::string PlacedText::with(const PlaceValues& values) const {
  std::string text;
  for (const Part& part : parts_) {
    text += part.text;
    if (!part.place.empty()) text += values.at(part.place);
  }
  return text;
}

std::set<std::string> PlacedText::places() const {
  std::set<std::string> places;
  for (const Part& part : parts_) {
    if (!part.place.empty()) places.insert(part.place);
  }
  return places;
}

}  // namespace etalon
