// The dicts of a file that has one a line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

using HearDict = std::function<void(std::string_view line, std::span<const NamedValue> numbers)>;

// What is no dict is passed over.
struct DictLines {
  std::size_t dicts = 0;
  std::size_t broken_line = 0;  // the first that begins a dict and is not the last; 0: none
};
DictLines read_dict_lines(const std::filesystem::path& file, const HearDict& hear,
                          const std::function<void(double share)>& hear_share = nullptr);

// Throws InputError naming the file where there was no dict, or one in its midst was not whole.
void require_whole(const DictLines& lines, const std::filesystem::path& file);

}  // namespace etalon
