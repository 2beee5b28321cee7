// Which columns of a CSV file are features, and which one is what is to be learnt. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/spec_text.hpp"

namespace etalon {

struct CsvColumns {
  bool has_header = false;
  std::vector<std::string> names;     // 1, 2, ... without a header
  std::size_t answer = 0;             // the column of labels or targets
  bool is_target = false;             // regression
  std::vector<std::size_t> features;  // the others, in their order
  std::vector<std::string> notes;     // what was chosen without being asked for
};

// From the fields of the first line and of the second, if there is one. The first is a header if
// none of its fields is a number, or if one of them is a name above a number; or as
// header=yes or no says. The answer is what `label` or `target` names (by name, or by number from
// 1); else the last column called label, class or target, in any case and number, or else the
// last one. A column whose name is empty, as data frames write their row numbers, is left out, and
// so are those that drop=A+B names. Throws InputError for a column that is not there.
CsvColumns choose_columns(const std::vector<std::string>& first,
                          const std::vector<std::string>& second, const SpecText& source);

}  // namespace etalon
