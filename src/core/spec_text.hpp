// "KIND:WORD,...,key=value,...": how a set of data, or a model with settings, is written in one
// word.
//
// The first words stand by their place, what follows has a name. A value; words and values hold no
// comma. Errors name the whole text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/interval.hpp"

namespace etalon {

class SpecText {
 public:
  // Of `text`, at most `words` parts stand by their place. `field` is the setting that it was given
  // for, as in `field_name`. Throws InputError for a key that is given twice, and for a comma with
  // nothing behind it.
  SpecText(std::string_view field, std::string_view text, std::size_t words);

  const std::string& text() const { return text_; }
  std::string_view kind() const;
  // The words in their order, "" where there are fewer.
  const std::string& word(std::size_t i) const;

  // What stands behind `key`; nothing where it is not given.
  std::optional<std::string> value(std::string_view key) const;
  // Throw InputError unless it is a number in there.
  std::optional<double> number(std::string_view key, const Interval& interval) const;
  std::optional<std::int64_t> whole_number(std::string_view key, std::int64_t least,
                                           std::int64_t most) const;

  // Throws InputError for a key that is none of `keys`; `what` is what has no such key: "a text".
  void check_keys(std::string_view what, const std::vector<std::string>& keys) const;

  [[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) const;

 private:
  std::string place_;
  std::string text_;
  std::vector<std::string> words_;
  std::vector<std::pair<std::string, std::string>> settings_;
};

}  // namespace etalon
