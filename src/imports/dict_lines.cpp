#include "imports/dict_lines.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"
#include "imports/log_pieces.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {

DictLines read_dict_lines(const std::filesystem::path& file, const HearDict& hear,
                          const std::function<void(double)>& hear_share) {
  DictLines result;
  std::size_t broken = 0;  // until a later line shows that it is not the last
  const auto take = [&](std::string_view line, std::size_t number) {
    if (!line.starts_with('{')) return;
    if (result.broken_line == 0) result.broken_line = broken;
    const auto numbers = numbers_of_dict(line);
    if (!numbers) {
      broken = number;
    } else {
      ++result.dicts;
      hear(line, *numbers);
    }
  };
  for_each_line(file, take, hear_share);
  return result;
}

void require_whole(const DictLines& lines, const std::filesystem::path& file) {
  if (lines.broken_line != 0) {
    throw InputError(fmt::format("line {} is no whole JSON object", lines.broken_line),
                     file.string(), "the other lines were read");
  }
  if (lines.dicts == 0) {
    throw InputError("the file has no line that is a JSON object", file.string(), "leave it out");
  }
}

}  // namespace etalon
