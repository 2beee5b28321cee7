#include "etalon/error.hpp"

#include <utility>

namespace etalon {
namespace {

// Around a field's name in the text of an error. Control characters, which no setting's name has.
constexpr char kFieldBegins = '\x02';
constexpr char kFieldEnds = '\x03';

std::string join_clauses(std::string_view what_happened, std::string_view where,
                         std::string_view what_to_do) {
  std::string text(what_happened);
  for (std::string_view part : {where, what_to_do}) {
    if (part.empty()) continue;
    text += ", ";
    text += part;
  }
  return text;
}

std::string with_fields(std::string_view marked,
                        const std::function<std::string(std::string_view)>& name_of) {
  std::string text;
  while (true) {
    const auto begin = marked.find(kFieldBegins);
    const auto end = marked.find(kFieldEnds, begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    text += marked.substr(0, begin);
    text += name_of(marked.substr(begin + 1, end - begin - 1));
    marked.remove_prefix(end + 1);
  }
  return text.append(marked);
}

}  // namespace

std::string field_name(std::string_view name) {
  std::string marked(1, kFieldBegins);
  return marked.append(name) + kFieldEnds;
}

Error::Error(std::string marked)
    : std::runtime_error(
          with_fields(marked, [](std::string_view name) { return std::string(name); })),
      marked_(std::make_shared<const std::string>(std::move(marked))) {}

Error::Error(std::string_view what_happened, std::string_view where, std::string_view what_to_do)
    : Error(join_clauses(what_happened, where, what_to_do)) {}

std::string Error::message_with(const std::function<std::string(std::string_view)>& name_of) const {
  return with_fields(*marked_, name_of);
}

}  // namespace etalon
