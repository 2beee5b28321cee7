#include "etalon/hardware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/interval.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

template <typename Number>
std::optional<Number> whole_text(std::string_view text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuse_part(std::string_view part, const char* field) {
  throw InputError(fmt::format("{} has '{}'", field_name(field), shortened(std::string(part))), "",
                   "give numbers by batch size, as 32=1800,256=9000");
}

void check_all(const std::map<std::int64_t, double>& numbers, const char* field) {
  for (const auto& [batch_size, number] : numbers) {
    check_in(fmt::format("{} at {}", field_name(field), batch_size), number, kPositive);
  }
}

}  // namespace

std::optional<double> Hardware::cost_at(std::int64_t batch_size) const {
  const auto found = cost_per_hour_at.find(batch_size);
  return found == cost_per_hour_at.end() ? cost_per_hour : std::optional(found->second);
}

void Hardware::validate() const {
  check_all(examples_per_second, "examples_per_second");
  check_all(cost_per_hour_at, "cost_per_hour");
  if (cost_per_hour) check_in(field_name("cost_per_hour"), *cost_per_hour, kPositive);
}

std::string batch_numbers_text(const std::map<std::int64_t, double>& numbers) {
  std::string text;
  for (const auto& [batch_size, number] : numbers) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", batch_size, number);
  }
  return text;
}

std::map<std::int64_t, double> batch_numbers(const std::string& text, const char* field) {
  std::map<std::int64_t, double> numbers;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t sign = std::min(part.find('='), part.size());
    const auto batch_size = whole_text<std::int64_t>(part.substr(0, sign));
    const auto number = whole_text<double>(part.substr(std::min(sign + 1, part.size())));
    if (!batch_size || !number || *batch_size < 1) refuse_part(part, field);
    if (!numbers.emplace(*batch_size, *number).second) refuse_part(part, field);
    begin = end + 1;
  }
  return numbers;
}

}  // namespace etalon
