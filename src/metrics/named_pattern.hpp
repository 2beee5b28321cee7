// A regular expression with named groups, "lr(?<lr>[0-9.]+)", and the texts that they find.
//
// The syntax is RE2's, whose time is linear in the text whatever the expression, and names may be
// written (?<name> and (?P<name>. Immutable; safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace etalon {

class NamedPattern {
 public:
  // Throws InputError of the setting `field` for what is no expression, or names no group;
  // `what_to_do` says what to write.
  NamedPattern(const std::string& pattern, const char* field, const char* what_to_do);

  // Of the groups, in the order in which they stand.
  const std::vector<std::string>& names() const { return names_; }
  // What each group finds in the first match, "" where it takes no part; empty where none is found.
  // Within `text`.
  std::vector<std::string_view> find_in(std::string_view text) const;

 private:
  std::shared_ptr<const re2::RE2> expression_;
  std::vector<int> numbers_;  // of the groups that are named
  std::vector<std::string> names_;
};

}  // namespace etalon
